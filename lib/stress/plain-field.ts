import { expected as expectedText } from '../check.ts';
import { compile } from './compile.ts';
import type { Arrays, ValueSource } from './value-source.ts';

/** The sample that a thread is at: one word that all accessors read, and that the walk moves. */
export interface Position {
  index: number;
}

export interface Accessors {
  get(): unknown;
  set(value: unknown): void;
}

/** A value in the state's memory, or in the array of a register. */
export interface Spot {
  readonly name: string;
  readonly arrays: Arrays;
  readonly source: ValueSource;
  readonly position: Position;
  /** Bytes from the memory's begin to the first sample's value, and from sample to sample. */
  readonly offset: number;
  readonly step: number;
  /** `Atomics` where it is not the global one: the arrays are instrumented. */
  readonly atomics?: typeof Atomics;
}

/** The index of the value, as an expression. */
export function indexSource({ source, step, offset }: Spot): string {
  return `P.index * ${step >> source.shift} + ${offset >> source.shift}`;
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
    P: spot.position,
    bad: badFor(spot),
  };
}

/** Getter and setter as fast as a typed array's element. */
export function plainAccessors(spot: Spot): Accessors {
  const { unfit, toRaw, fromRaw } = spot.source;
  const at = indexSource(spot);
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
      return fromRaw(array[place()]);
    },
    set(value) {
      array[place()] = checked(value);
    },
  };
}

export function slowIndex({ position, source, step, offset }: Spot): () => number {
  const [each, first] = [step >> source.shift, offset >> source.shift];
  return () => position.index * each + first;
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
