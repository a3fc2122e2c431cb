import { native } from '../native.ts';

export const WAKE = 'one-way futex wake to another processor, sleeper asleep';

const BATCH = 20;

/** Microseconds of a few wakes: a batch of the baseline that hand-offs are compared with. */
export function wakeBatch(): number[] {
  const samples = new Float64Array(BATCH);
  if (native().futexWake(samples) === 0) {
    throw new Error('the wake needs two processors, and this process may use one: see taskset');
  }
  return [...samples].filter((ns) => ns >= 0).map((ns) => ns / 1000);
}
