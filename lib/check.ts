import { inspect } from 'node:util';

/** A value as an error message shows it. */
export function shown(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  return inspect(value, { depth: 0, maxStringLength: 40, breakLength: Number.POSITIVE_INFINITY });
}

/** Throws unless `value` is an integer from `least` to `most`. */
export function checkInteger(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number') throw new TypeError(expected(name, value, 'a number'));
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(expected(name, value, `an integer from ${least} to ${most}`));
}

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** Throws unless `value` is a bigint that 64 bits hold, unsigned. */
export function checkU64(name: string, value: unknown): bigint {
  if (typeof value !== 'bigint') throw new TypeError(expected(name, value, 'a bigint'));
  if (value >= 0n && value <= U64_MAX) return value;
  throw new RangeError(expected(name, value, 'a bigint from 0n to 2n**64n - 1n'));
}

/** Throws unless `options` is an object that has no options but those of `names`. */
export function checkNames(options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(expected('options', options, 'an object'));
  }
  const wrong = Object.keys(options).find((name) => !names.includes(name));
  if (wrong !== undefined) {
    throw new TypeError(`there is no option ${wrong}: there are ${names.join(', ')}`);
  }
}

/** Throws unless `value` is one of `choices`. */
export function checkChoice<T extends string>(name: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  throw new TypeError(expected(name, value, choices.map((one) => `'${one}'`).join(', ')));
}

/**
 * The record's own value under a name that somebody gave: `toString`, `constructor` and `__proto__`
 * are names like others, and what every object inherits under them is no entry of a table.
 */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

const I64_MIN = -(2n ** 63n);
const I64_MAX = 2n ** 63n - 1n;

/** Throws unless 64 bits hold the bigint, with a sign. */
export function checkI64(name: string, value: bigint): bigint {
  if (value >= I64_MIN && value <= I64_MAX) return value;
  throw new RangeError(expected(name, value, 'a bigint from -(2n**63n) to 2n**63n - 1n'));
}

/** Throws unless 64 bits hold the bigint, with a sign or without: what a register takes. */
export function checkWide(name: string, value: bigint): bigint {
  if (value >= I64_MIN && value <= U64_MAX) return value;
  throw new RangeError(expected(name, value, 'a bigint from -(2n**63n) to 2n**64n - 1n'));
}

/** What was wrong and what was expected, in one form everywhere. */
export function expected(name: string, value: unknown, what: string): string {
  return `${name} is ${shown(value)}, expected ${what}`;
}
