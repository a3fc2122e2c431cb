import type { Samples } from './result.ts';
import { amount } from './short.ts';

/** Measures one batch; one sample or several. */
export type Batch = () => number | readonly number[] | Float64Array;

export interface Rounds {
  readonly rounds: number;
  /** Batches of each that are run first and not counted: the compiler is at work. */
  readonly warmUp?: number;
}

/**
 * Runs measured code and baseline in turns, small batches of each, so that what else happens on
 * the machine meets both alike. Which of the two comes first alternates.
 */
export function interleave(measured: Batch, baseline: Batch, options: Rounds): Samples {
  const samples = { measured: [] as number[], baseline: [] as number[] };
  for (const round of numbersOf(options)) {
    const first = round % 2 === 0 ? measured : baseline;
    const second = first === measured ? baseline : measured;
    const one = first();
    const other = second();
    if (round < 0) continue;
    append(samples.measured, first === measured ? one : other);
    append(samples.baseline, first === measured ? other : one);
  }
  return samples;
}

/** The same for code that is awaited. */
export async function interleaveAsync(
  measured: () => Promise<number>,
  baseline: () => Promise<number>,
  options: Rounds,
): Promise<Samples> {
  const samples = { measured: [] as number[], baseline: [] as number[] };
  for (const round of numbersOf(options)) {
    const first = round % 2 === 0 ? measured : baseline;
    const one = await first();
    const other = await (first === measured ? baseline : measured)();
    if (round < 0) continue;
    samples.measured.push(first === measured ? one : other);
    samples.baseline.push(first === measured ? other : one);
  }
  return samples;
}

/** Negative ones are for warming up. */
function* numbersOf({ rounds, warmUp = 3 }: Rounds): Generator<number> {
  const last = amount(rounds, Math.min(rounds, 2));
  for (let round = -amount(warmUp, Math.min(warmUp, 1)); round < last; round++) yield round;
}

function append(to: number[], batch: number | readonly number[] | Float64Array): void {
  if (typeof batch === 'number') to.push(batch);
  else for (const sample of batch) to.push(sample);
}

/** Nanoseconds for each of `count` repetitions that `run` makes. */
export function timed(count: number, run: (count: number) => void): number {
  const start = performance.now();
  run(count);
  return ((performance.now() - start) * 1e6) / count;
}
