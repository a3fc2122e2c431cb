import type { ScalarName, ScalarType } from '../abi/index.ts';
import type { ScalarValue } from '../abi/view-types.ts';
import type { Random } from '../random.ts';
import { LinearizabilityError } from './error.ts';

/** How values of an argument are made, and made smaller in a program that fails. */
export interface ArgumentSource<V = unknown> {
  readonly kind: 'argument';
  /** `serial` is another number for each call of a program, from 1. */
  readonly make: (next: Random, serial: number) => V;
  /** Simpler values than this one, the simplest first. A method: it takes what `make` gave. */
  smaller?(value: V): readonly V[];
}

/** A number type of syslets/abi, or a source of values. */
export type Argument = ScalarType | ArgumentSource;

export type ArgumentValue<A> =
  A extends ArgumentSource<infer V>
    ? V
    : A extends { readonly kind: 'scalar'; readonly scalar: infer N extends ScalarName }
      ? ScalarValue<N>
      : never;

export type ArgumentValues<A extends readonly Argument[]> = {
  -readonly [K in keyof A]: ArgumentValue<A[K]>;
};

/** Values of one's own: `make` gets a source of 32-bit random numbers. */
export function argument<V>(
  make: (next: Random, serial: number) => V,
  smaller?: (value: V) => readonly V[],
): ArgumentSource<V> {
  return Object.freeze({ kind: 'argument', make, ...(smaller ? { smaller } : {}) });
}

/** One of these; those that come first are the simplest. */
export function oneOf<const V>(...values: readonly V[]): ArgumentSource<V> {
  if (values.length === 0) throw new LinearizabilityError('oneOf() has no values to choose from');
  return argument(
    (next) => values[next() % values.length] as V,
    (value) => values.slice(0, Math.max(0, values.indexOf(value))),
  );
}

/** A number that no other call of the program has: who takes it shows who put it. */
export const unique: ArgumentSource<number> = argument((_next, serial) => serial);

/** The source of an argument's values. */
export function sourceOf(given: Argument): ArgumentSource {
  if (given.kind === 'argument') return given;
  const { scalar } = given;
  if (scalar === 'bool') return oneOf(false, true) as ArgumentSource;
  const isSigned = !/^(u|size_t$|bool$)/.test(scalar);
  const big = BIG.has(scalar);
  const make = (next: Random) => toValue(small(next, isSigned), big);
  const smaller = (value: unknown) => simpler(Number(value)).map((one) => toValue(one, big));
  return argument<unknown>(make, smaller);
}

const BIG = new Set('u64 i64 u128 i128 ulong long longlong ulonglong size_t ssize_t'.split(' '));

function toValue(value: number, big: boolean): number | bigint {
  // no integer is -0
  return big ? BigInt(value) : value + 0;
}

/** Equal values find more than large ones do: most are among a few. */
const FEW = 4;
const SOME = 100;

function small(next: Random, isSigned: boolean): number {
  const kind = next() % 8;
  if (kind < 6) return 1 + (next() % FEW);
  if (kind === 6) return next() % SOME;
  return isSigned ? -(next() % SOME) : 0;
}

function simpler(value: number): number[] {
  const steps = [0, 1, Math.trunc(value / 2), value - Math.sign(value)];
  return [...new Set(steps)].filter(
    (one) => Math.abs(one) < Math.abs(value) || (value < 0 && one >= 0),
  );
}
