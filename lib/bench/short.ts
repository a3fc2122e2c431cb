/** Set by `bench --ci`, and inherited by the processes that benches start. */
export const SHORT_VARIABLE = 'SYSLETS_BENCH_SHORT';

/** Benches run for a moment, to see that none rots: their numbers say nothing. */
export const isShort = process.env[SHORT_VARIABLE] === '1';

/** How much a bench does, and how much of it in a short run. */
export function amount(whole: number, short: number): number {
  return isShort ? short : whole;
}

/** Tells the process of a bench how long it is to run, where its command said so. */
export const MINUTES_VARIABLE = 'SYSLETS_BENCH_MINUTES';

/** How long a bench that runs for a given time runs; undefined: its own default. */
export function minutes(): number | undefined {
  const given = process.env[MINUTES_VARIABLE];
  return given === undefined ? undefined : Number(given);
}
