import { type Type, view } from '../abi/index.ts';
import { hostTarget } from '../host-target.ts';
import type { Registers } from '../scenario/index.ts';
import { atomicField } from './atomic-field.ts';
import { compile } from './compile.ts';
import { type Position, plainAccessors } from './plain-field.ts';
import type { PlacedField, StateLayout } from './state-layout.ts';
import type { TrialMemory } from './trial-memory.ts';
import { arraysOver, valueSource } from './value-source.ts';

/** What actors are given: one object each for all samples, which read where the thread is. */
export interface Cursors {
  readonly state: object;
  readonly result: object;
  readonly position: Position;
}

/**
 * State and registers over a trial's memory. Their members are accessors of generated code, so
 * that they cost about what a typed array's element costs.
 */
export function cursorsOver(
  layout: StateLayout,
  registers: Registers,
  memory: TrialMemory,
): Cursors {
  const position = { index: 0 };
  return {
    state: stateCursor(layout, memory, position),
    result: resultCursor(registers, memory, position),
    position,
  };
}

function stateCursor(layout: StateLayout, memory: TrialMemory, position: Position): object {
  const prototype = emptyPrototype();
  const common = { arrays: arraysOver(memory.state), position, step: memory.step };
  for (const field of layout.fields) {
    const source = valueSource(field.type);
    const spot = { ...common, name: `state.${field.name}`, offset: field.offset };
    if (!source) define(prototype, field.name, indexed(viewsOf(field, memory), position));
    else if (field.atomic) {
      define(prototype, field.name, constant(atomicField({ ...spot, source })));
    } else define(prototype, field.name, plainAccessors({ ...spot, source }));
  }
  for (const [index, { name }] of layout.buffers.entries()) {
    define(prototype, name, indexed(memory.buffers[index] ?? [], position));
  }
  return made(prototype);
}

/** Each register lies in an array over all samples of a stride. */
function resultCursor(registers: Registers, memory: TrialMemory, position: Position): object {
  const prototype = emptyPrototype();
  const arrays = arraysOver(memory.results);
  for (const [index, [name, type]] of Object.entries(registers).entries()) {
    const source = valueSource(type);
    const offset = memory.registerOffsets[index];
    if (!source || offset === undefined) throw new TypeError(`result.${name} has no value`);
    const step = 1 << source.shift;
    const spot = { name: `result.${name}`, arrays, source, position, offset, step };
    define(prototype, name, plainAccessors(spot));
  }
  return made(prototype);
}

/** Members of a prototype are what V8 is fastest with; no member's name meets one of Object's. */
function emptyPrototype(): object {
  const { prototype } = class {};
  Object.setPrototypeOf(prototype, null);
  Reflect.deleteProperty(prototype, 'constructor');
  return prototype;
}

function made(prototype: object): object {
  return Object.freeze(Object.create(prototype) as object);
}

function define(prototype: object, name: string, pair: object): void {
  Object.defineProperty(prototype, name, { ...pair, enumerable: true });
}

function constant(value: object): object {
  const fast = compile('{ get() { return value; } }', { value }) as object | undefined;
  return fast ?? { get: () => value };
}

/** Arrays and records: a view for each state, made beforehand. */
function viewsOf(field: PlacedField, memory: TrialMemory): readonly unknown[] {
  return Array.from({ length: memory.stride }, (_, index) =>
    view(field.type as Type, hostTarget, memory.state, index * memory.step + field.offset),
  );
}

function indexed(values: readonly unknown[], position: Position): object {
  const fast = compile('{ get() { return values[P.index]; } }', { values, P: position });
  return (fast as object | undefined) ?? { get: () => values[position.index] };
}
