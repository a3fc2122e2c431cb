/** Set by `bench --ci`, and inherited by the processes that benches start. */
export const SHORT_VARIABLE = 'SYSLETS_BENCH_SHORT';

/** Benches run for a moment, to see that none rots: their numbers say nothing. */
export const isShort = process.env[SHORT_VARIABLE] === '1';

/** How much a bench does, and how much of it in a short run. */
export function amount(whole: number, short: number): number {
  return isShort ? short : whole;
}
