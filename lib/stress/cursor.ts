import { type Type, view } from '../abi/index.ts';
import { hostTarget } from '../host-target.ts';
import type { Registers } from '../scenario/index.ts';
import { atomicField } from './atomic-field.ts';
import { compile } from './compile.ts';
import { baseKey, type Cursor, indexKey, plainAccessors } from './plain-field.ts';
import type { PlacedField, StateLayout } from './state-layout.ts';
import type { TrialMemory } from './trial-memory.ts';
import { arraysOver, valueSource } from './value-source.ts';

/**
 * The state as actors see it: one object for each thread that is moved over the samples. Its
 * members are accessors of generated code, so that they cost what a typed array's element costs.
 */
export function stateCursor(layout: StateLayout, memory: TrialMemory): Cursor {
  const { cursor, prototype } = emptyCursor();
  const arrays = arraysOver(memory.state);
  for (const field of layout.fields) {
    const source = valueSource(field.type);
    const spot = { name: `state.${field.name}`, arrays, offset: field.offset, by: 'base' } as const;
    if (!source) defineViews(prototype, field, memory);
    else if (field.atomic) {
      define(prototype, field.name, constant(atomicField({ ...spot, source }, cursor)));
    } else define(prototype, field.name, plainAccessors({ ...spot, source }));
  }
  for (const [index, { name }] of layout.buffers.entries()) {
    defineIndexed(prototype, name, memory.buffers[index] ?? []);
  }
  return Object.seal(cursor);
}

/** The registers as actors see them. Each lies in an array over all samples of a stride. */
export function resultCursor(registers: Registers, memory: TrialMemory): Cursor {
  const { cursor, prototype } = emptyCursor();
  const arrays = arraysOver(memory.results);
  for (const [index, [name, type]] of Object.entries(registers).entries()) {
    const source = valueSource(type);
    const offset = memory.registerOffsets[index];
    if (!source || offset === undefined) throw new TypeError(`result.${name} has no value`);
    const spot = { name: `result.${name}`, arrays, source, offset, by: 'index' } as const;
    define(prototype, name, plainAccessors(spot));
  }
  return Object.seal(cursor);
}

/** An object whose members are its prototype's, as V8 is fastest with, and a prototype of no more. */
function emptyCursor() {
  class StateCursor implements Cursor {
    [baseKey] = 0;
    [indexKey] = 0;
  }
  const { prototype } = StateCursor;
  const cursor: Cursor = new StateCursor();
  Object.setPrototypeOf(prototype, null);
  Reflect.deleteProperty(prototype, 'constructor');
  return { cursor, prototype };
}

function define(prototype: object, name: string, pair: object): void {
  Object.defineProperty(prototype, name, { ...pair, enumerable: true });
}

function constant(value: object): object {
  const made = compile('{ get() { return value; } }', { value }) as object | undefined;
  return made ?? { get: () => value };
}

/** Arrays and records: a view for each state, made beforehand. */
function defineViews(prototype: object, field: PlacedField, memory: TrialMemory): void {
  const views = Array.from({ length: memory.stride }, (_, index) =>
    view(field.type as Type, hostTarget, memory.state, index * memory.step + field.offset),
  );
  defineIndexed(prototype, field.name, views);
}

function defineIndexed(prototype: object, name: string, values: readonly unknown[]): void {
  const made = compile('{ get() { return values[this[I]]; } }', { values, I: indexKey });
  const slow = {
    get(this: Cursor) {
      return values[this[indexKey]];
    },
  };
  define(prototype, name, (made as object | undefined) ?? slow);
}
