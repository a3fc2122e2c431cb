import { checkInteger, expected } from '../check.ts';
import type { Slot } from '../loop/index.ts';
import type { Param } from './call-types.ts';

/** A time: milliseconds as a number (fractions too), or nanoseconds as a bigint. */
export type Duration = number | bigint;

const NS_PER_S = 1_000_000_000n;
const MOST_MS = 2 ** 53 - 1;

/** A struct timespec in the slot's memory, or NULL where there may be no limit. */
function time<A extends readonly unknown[]>(name: string, optional: boolean): Param<A> {
  return {
    name,
    registers: 1,
    encoder: (at) => (slot, value: Duration | null | undefined) => {
      if (optional && (value === null || value === undefined)) slot.setInt(at, 0);
      else slot.setNumber(at, storeTime(slot, nanoseconds(name, value)));
    },
  };
}

export const duration: Param<[duration: Duration]> = time('duration', false);
/** null or nothing: no limit. */
export const timeout: Param<[timeout?: Duration | null]> = time('timeout', true);

/** Whole milliseconds as poll takes them; below 0, or nothing: no limit. */
export const timeoutMs: Param<[timeoutMs?: number]> = {
  name: 'timeoutMs',
  registers: 1,
  encoder: (at) => (slot, value: number | undefined) => {
    const limit = checkInteger('timeoutMs', value ?? -1, -(2 ** 31), 2 ** 31 - 1);
    if (limit < 0) slot.setInt(at, 0);
    else slot.setNumber(at, storeTime(slot, BigInt(limit) * 1_000_000n));
  },
};

function nanoseconds(name: string, value: unknown): bigint {
  if (typeof value === 'bigint' && value >= 0n && value < 2n ** 63n) return value;
  if (typeof value === 'number' && value >= 0 && value <= MOST_MS) {
    const whole = Math.floor(value);
    return BigInt(whole) * 1_000_000n + BigInt(Math.round((value - whole) * 1e6));
  }
  throw new RangeError(
    expected(name, value, 'milliseconds as a number, or nanoseconds as a bigint'),
  );
}

function storeTime(slot: Slot, ns: bigint): number {
  const start = slot.room(16) as number;
  const { longs } = slot.memory;
  longs[start >> 3] = ns / NS_PER_S;
  longs[(start >> 3) + 1] = ns % NS_PER_S;
  return slot.addressAt(start);
}

/** Nanoseconds of a struct timespec that a call filled in. */
export function nanosecondsOf(memory: BigInt64Array): bigint {
  const [seconds = 0n, rest = 0n] = memory;
  return seconds * NS_PER_S + rest;
}
