// 2^32 is written out: a constant of the module is loaded anew in each iteration of a hot loop

/** A signed 64-bit value as a number: exact up to 2^53, a small integer where it is one. */
export function signed(low: number, high: number): number {
  return high === low >> 31 ? low : high * 0x1_0000_0000 + (low >>> 0);
}

/** An unsigned 64-bit value as a number: exact up to 2^53. */
export function unsigned(low: number, high: number): number {
  return high === 0 ? low >>> 0 : (high >>> 0) * 0x1_0000_0000 + (low >>> 0);
}

/** The upper half of a safe integer in two's complement; its lower half is `value | 0`. */
export function upperHalf(value: number): number {
  return (value | 0) === value ? value >> 31 : Math.floor(value / 0x1_0000_0000) | 0;
}

/** An unsigned 64-bit value of two words, exact. */
export function pair(words: Int32Array, low: number, high: number): bigint {
  const upper = BigInt((words[high] as number) >>> 0);
  return (upper << 32n) | BigInt((words[low] as number) >>> 0);
}
