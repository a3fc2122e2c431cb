import { expected as expectedText } from '../check.ts';
import { compile } from './compile.ts';
import type { Arrays, ValueSource } from './value-source.ts';

/** What moves over the samples: a byte of the state memory, and the number of the state. */
export const baseKey: unique symbol = Symbol('base');
export const indexKey: unique symbol = Symbol('index');

export interface Cursor {
  [baseKey]: number;
  [indexKey]: number;
}

export interface Accessors {
  get(this: Cursor): unknown;
  set(this: Cursor, value: unknown): void;
}

/** A value in the state's memory (`offset` from its base) or in an array of one register. */
export interface Spot {
  readonly name: string;
  readonly arrays: Arrays;
  readonly source: ValueSource;
  readonly offset: number;
  /** How far the next state's value is: the state's own step, or one element. */
  readonly by: 'base' | 'index';
}

/** The index of the value, as an expression of `cursor`. */
export function indexSource(spot: Spot, cursor: string): string {
  const { shift } = spot.source;
  const first = spot.offset >> shift;
  return spot.by === 'base' ? `(${cursor}[B] >> ${shift}) + ${first}` : `${cursor}[I] + ${first}`;
}

/** Throws: the value does not fit. */
export function badFor(spot: Spot): (value: unknown) => never {
  return (value) => {
    throw new TypeError(expectedText(spot.name, value, `a ${spot.source.expected}`));
  };
}

/** What generated code of this spot may name. */
export function namesOf(spot: Spot) {
  return {
    A: spot.arrays[spot.source.array],
    B: baseKey,
    I: indexKey,
    bad: badFor(spot),
  };
}

/** Getter and setter as fast as a typed array's element. */
export function plainAccessors(spot: Spot): Accessors {
  const { unfit, toRaw, fromRaw } = spot.source;
  const at = indexSource(spot, 'this');
  const text = `{
    get() { return ${fromRaw(`A[${at}]`)}; },
    set(v) { if (${unfit}) bad(v); A[${at}] = ${toRaw('v')}; },
  }`;
  return (compile(text, namesOf(spot)) as Accessors | undefined) ?? slowAccessors(spot);
}

type Values = Record<number, unknown>;

/** The same without generated code: all spots then share the compiler's knowledge of types. */
function slowAccessors(spot: Spot): Accessors {
  const array = spot.arrays[spot.source.array] as unknown as Values;
  const { checked, fromRaw } = slowConversion(spot);
  const place = slowIndex(spot);
  return {
    get() {
      return fromRaw(array[place(this)]);
    },
    set(value) {
      array[place(this)] = checked(value);
    },
  };
}

export function slowIndex(spot: Spot): (cursor: Cursor) => number {
  const { shift } = spot.source;
  const first = spot.offset >> shift;
  if (spot.by === 'index') return (cursor) => cursor[indexKey] + first;
  return (cursor) => (cursor[baseKey] >> shift) + first;
}

/** Checks by storing and reading back. */
export function slowConversion({ source, arrays, ...spot }: Spot) {
  const { value: wanted, array } = source;
  const bad = badFor({ source, arrays, ...spot });
  const probe = arrays[array].slice(0, 1) as unknown as Values;
  const toNumber = wanted === 'boolean' || (wanted === 'bigint' && !array.endsWith('64'));
  const checked = (value: unknown) => {
    if (typeof value !== wanted) bad(value);
    const raw = toNumber ? Number(value) : value;
    probe[0] = raw;
    if (probe[0] !== raw && !array.startsWith('f')) bad(value);
    return raw;
  };
  const fromRaw = (raw: unknown) => {
    if (wanted === 'boolean') return raw !== 0;
    return toNumber ? BigInt(raw as number) : raw;
  };
  return { checked, fromRaw };
}
