import { hostTarget } from '../../host-target.ts';
import type { Registers } from '../../scenario/index.ts';
import { outcomeText } from '../../scenario/outcome.ts';
import { atomicField } from '../../stress/atomic-field.ts';
import { plainAccessors } from '../../stress/plain-field.ts';
import type { StateLayout } from '../../stress/state-layout.ts';
import {
  type Arrays,
  arraysOver,
  type ValueSource,
  valueSource,
} from '../../stress/value-source.ts';
import type { Realm } from './realm.ts';

/** Where the parts of a state lie in the one address space that is explored. */
export interface StatePlan {
  readonly layout: StateLayout;
  readonly buffers: readonly {
    readonly name: string;
    readonly base: number;
    readonly bytes: number;
  }[];
  /** A multiple of 8. */
  readonly bytes: number;
}

const BLOCK_ALIGN = 64;

export function planState(layout: StateLayout): StatePlan {
  let end = aligned(layout.size, BLOCK_ALIGN);
  const buffers = layout.buffers.map(({ name, bytes }) => {
    const base = end;
    end = aligned(base + bytes, BLOCK_ALIGN);
    return { name, base, bytes };
  });
  return { layout, buffers, bytes: Math.max(8, end) };
}

/** `ring + 4`, `x`: what lies at an address, for people. */
export function placeName({ layout, buffers }: StatePlan, address: number): string {
  const buffer = buffers.find(({ base, bytes }) => address >= base && address < base + bytes);
  if (buffer) return `${buffer.name}[${address - buffer.base}]`;
  const field = layout.fields.findLast(({ offset }) => offset <= address);
  if (!field) return `byte ${address}`;
  return field.offset === address ? field.name : `${field.name}+${address - field.offset}`;
}

function aligned(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}

/** The state as code of a realm is given it: each access goes to the realm's port. */
export function stateIn(realm: Realm, { layout, buffers }: StatePlan): object {
  const state = Object.create(null) as object;
  const bytes = aligned(Math.max(layout.size, 8), 8);
  const memory = realm.views.buffer(0, bytes);
  const arrays = instrumentedArrays(realm, memory);
  const common = {
    arrays,
    position: { index: 0 },
    step: 0,
    atomics: realm.globals.Atomics as typeof Atomics,
  };
  for (const field of layout.fields) {
    const source = valueSource(field.type);
    const spot = { ...common, name: `state.${field.name}`, offset: field.offset };
    if (!source) {
      const view = realm.modules.abi('view')(field.type, hostTarget, memory, field.offset);
      define(state, field.name, { value: view });
    } else if (field.atomic) define(state, field.name, { value: atomicField({ ...spot, source }) });
    else define(state, field.name, plainAccessors({ ...spot, source }));
  }
  for (const { name, base, bytes: size } of buffers) {
    define(state, name, { value: realm.views.buffer(base, size) });
  }
  return Object.freeze(state);
}

function instrumentedArrays(realm: Realm, memory: object): Arrays {
  const of = (name: string) => realm.views.array(name, memory) as never;
  return {
    i8: of('Int8Array'),
    u8: of('Uint8Array'),
    i16: of('Int16Array'),
    u16: of('Uint16Array'),
    i32: of('Int32Array'),
    u32: of('Uint32Array'),
    i64: of('BigInt64Array'),
    u64: of('BigUint64Array'),
    f32: of('Float32Array'),
    f64: of('Float64Array'),
  };
}

const REGISTER_BYTES = 8;

interface Register {
  readonly name: string;
  readonly source: ValueSource;
}

/** Registers of a run: memory of its own, and which of them were written. */
export class RegisterFile {
  readonly result: object;
  readonly written = new Set<number>();
  readonly #registers: readonly Register[];
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #arrays: Arrays;

  constructor(types: Registers) {
    this.#registers = Object.entries(types).map(([name, type]) => ({
      name,
      source: valueSource(type) as ValueSource,
    }));
    const buffer = new SharedArrayBuffer(REGISTER_BYTES * this.#registers.length);
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Int32Array(buffer);
    this.#arrays = arraysOver(buffer);
    this.result = this.#object();
  }

  clear(): void {
    this.#bytes.fill(0);
    this.written.clear();
  }

  get(register: number): { readonly lo: number; readonly hi: number } {
    return { lo: this.#words[2 * register] as number, hi: this.#words[2 * register + 1] as number };
  }

  set(register: number, { lo, hi }: { readonly lo: number; readonly hi: number }): void {
    this.#words[2 * register] = lo;
    this.#words[2 * register + 1] = hi;
  }

  /** The outcome as tables show it. */
  text(): string {
    return outcomeText(
      this.#registers.map(({ source }, index) => {
        const array = this.#arrays[source.array] as Int32Array;
        const value = array[(index * REGISTER_BYTES) >> source.shift];
        return source.value === 'boolean' ? value !== 0 : value;
      }),
    );
  }

  name(register: number): string {
    return this.#registers[register]?.name ?? '';
  }

  #object(): object {
    const result = Object.create(null) as object;
    for (const [index, { name, source }] of this.#registers.entries()) {
      const offset = index * REGISTER_BYTES;
      const spot = { name: `result.${name}`, arrays: this.#arrays, source, offset };
      const pair = plainAccessors({ ...spot, position: { index: 0 }, step: 0 });
      const set = (value: unknown) => {
        pair.set(value);
        this.written.add(index);
      };
      define(result, name, { get: pair.get, set });
    }
    return Object.freeze(result);
  }
}

function define(object: object, name: string, how: PropertyDescriptor): void {
  Object.defineProperty(object, name, { ...how, enumerable: true });
}
