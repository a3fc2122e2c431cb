import { Kernel } from '../kernel/index.ts';
import { type Bench, type CaseResult, withKernel } from './bench.ts';
import { type BlockedRead, spin, withRead } from './blocked-read.ts';
import { interleave } from './interleave.ts';
import { compared } from './result.ts';
import { WAKE, wakeBatch } from './wake.ts';

const BATCH = 25;
const ROUNDS = 80;
/** As long as between two wakes of the baseline: the original thread is really asleep. */
const ASLEEP_MS = 0.06;

function spinFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Microseconds from before the write to the completion in the ring. */
function completeOnce(kernel: Kernel, read: BlockedRead): number | undefined {
  if (!read.block()) return undefined;
  spinFor(ASLEEP_MS);
  const start = performance.now();
  read.write();
  spin(kernel);
  const us = (performance.now() - start) * 1000;
  kernel.ring.reap(() => undefined);
  return us;
}

function batch(kernel: Kernel, read: BlockedRead): number[] {
  const samples: number[] = [];
  for (let i = 0; i < BATCH; i++) {
    const us = completeOnce(kernel, read);
    if (us !== undefined) samples.push(us);
  }
  return samples;
}

function completionCase(): CaseResult {
  return withKernel(Kernel.attach(), (kernel) => {
    const { result, rescued } = withRead(kernel, (read) =>
      interleave(() => batch(kernel, read), wakeBatch, { rounds: ROUNDS }),
    );
    const detail = { watcher: kernel.watcher().watcher, rescued };
    return compared({ case: 'pipe', unit: 'us', baseline: WAKE }, result, detail);
  });
}

export const completion: Bench = {
  name: 'completion',
  description: 'from the write to a pipe to the completion of its blocked read in the ring',
  cases: [completionCase],
};
