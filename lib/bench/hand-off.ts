import type { Watcher } from '../binding.ts';
import { Kernel } from '../kernel/index.ts';
import { type Bench, type CaseResult, perHandOff, withKernel } from './bench.ts';
import { type BlockedRead, spin, withRead } from './blocked-read.ts';
import { interleave } from './interleave.ts';
import { compared } from './result.ts';
import { WAKE, wakeBatch } from './wake.ts';
import { Window } from './window.ts';

const BATCH = 25;
const ROUNDS = 80;
const IN_FLIGHT = 256;
/** Calls beyond that whose completion is on its way. */
const SPARE = 32;
const GROWTH = ['tasksCreated', 'perfOpened'];

/** Microseconds from the block to JavaScript going on. */
function blockOnce(kernel: Kernel, read: BlockedRead): number | undefined {
  const start = performance.now();
  const handedOver = read.block();
  const us = (performance.now() - start) * 1000;
  if (!handedOver) return undefined;
  read.write();
  spin(kernel);
  kernel.ring.reap(() => undefined);
  return us;
}

function batch(kernel: Kernel, read: BlockedRead, before: () => void): number[] {
  const samples: number[] = [];
  for (let i = 0; i < BATCH; i++) {
    before();
    const us = blockOnce(kernel, read);
    if (us !== undefined) samples.push(us);
  }
  return samples;
}

function latencyCase(watcher: Watcher, pace: 'hot' | 'paced', before: () => void): CaseResult {
  return withKernel(Kernel.attach({ watcher }), (kernel) => {
    const { result, rescued } = withRead(kernel, (read) =>
      perHandOff(
        () =>
          interleave(() => batch(kernel, read, before), wakeBatch, { rounds: ROUNDS, warmUp: 4 }),
        GROWTH,
      ),
    );
    const [samples, growth] = result;
    const naming = { case: `${watcher} ${pace}`, unit: 'us', baseline: WAKE };
    return compared(naming, samples, { ...growth, rescued });
  });
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
const pause = () => void Atomics.wait(sleeper, 0, 0, 1);
const atOnce = () => undefined;

function rateCase(): CaseResult {
  const slots = IN_FLIGHT + SPARE + 1;
  return withKernel(Kernel.attach({ slots, ring: 4 * IN_FLIGHT }), (kernel) => {
    const window = new Window(kernel, IN_FLIGHT, SPARE);
    window.slide(8 * IN_FLIGHT);
    const measure = () =>
      interleave(() => window.slide(IN_FLIGHT), wakeBatch, { rounds: 60, warmUp: 4 });
    const [samples, growth] = perHandOff(measure, GROWTH);
    const rescued = window.close();
    const { synchronous } = window;
    const naming = { case: 'rate', unit: 'us', baseline: WAKE };
    return compared(naming, samples, { ...growth, inFlight: IN_FLIGHT, synchronous, rescued });
  });
}

export const handOff: Bench = {
  name: 'hand-off',
  description: 'from the block to JavaScript going on, beside the wake of a thread',
  cases: [
    () => latencyCase('spin', 'hot', atOnce),
    () => latencyCase('perf', 'hot', atOnce),
    () => latencyCase('sampler', 'hot', atOnce),
    () => latencyCase('perf', 'paced', pause),
    () => latencyCase('sampler', 'paced', pause),
    rateCase,
  ],
};
