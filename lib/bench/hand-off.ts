import type { Watcher } from '../binding.ts';
import { Kernel } from '../kernel/index.ts';
import { type Bench, type CaseResult, perHandOff, withKernel } from './bench.ts';
import { BlockedRead } from './blocked-read.ts';
import { interleave } from './interleave.ts';
import { compared } from './result.ts';
import { WAKE, wakeBatch } from './wake.ts';

const BATCH = 25;
const ROUNDS = 80;
const IN_FLIGHT = 256;
/** Completions that may be on their way beyond that. */
const SLACK = 32;
const GROWTH = ['tasksCreated', 'perfOpened'];

/** Microseconds from the block to JavaScript going on. */
function blockOnce(read: BlockedRead): number | undefined {
  const start = performance.now();
  const handedOver = read.block();
  const us = (performance.now() - start) * 1000;
  if (!handedOver) return undefined;
  read.finish();
  return us;
}

function batch(read: BlockedRead, before: () => void): number[] {
  const samples: number[] = [];
  for (let i = 0; i < BATCH; i++) {
    before();
    const us = blockOnce(read);
    if (us !== undefined) samples.push(us);
  }
  return samples;
}

function attachAndRead<T>(watcher: Watcher | 'auto', measure: (read: BlockedRead) => T): T {
  return withKernel(Kernel.attach({ watcher, ring: 2 * IN_FLIGHT }), (kernel) => {
    const read = new BlockedRead(kernel);
    try {
      return measure(read);
    } finally {
      read.close();
    }
  });
}

function latencyCase(watcher: Watcher, pace: 'hot' | 'paced', before: () => void): CaseResult {
  return attachAndRead(watcher, (read) => {
    const measure = () =>
      interleave(() => batch(read, before), wakeBatch, { rounds: ROUNDS, warmUp: 4 });
    const [samples, growth] = perHandOff(measure, GROWTH);
    const naming = { case: `${watcher} ${pace}`, unit: 'us', baseline: WAKE };
    return compared(naming, samples, { ...growth, rescued: read.rescued });
  });
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
const pause = () => void Atomics.wait(sleeper, 0, 0, 1);
const atOnce = () => undefined;

/** A window of calls that are all blocked: each one more lets the oldest end. */
class Window {
  readonly #kernel: Kernel;
  readonly #read: BlockedRead;
  #inFlight = 0;

  constructor(kernel: Kernel, read: BlockedRead) {
    this.#kernel = kernel;
    this.#read = read;
  }

  /** Microseconds for each of the next hand-offs. */
  slide(count: number): number {
    const start = performance.now();
    for (let i = 0; i < count; i++) this.#step();
    return ((performance.now() - start) * 1000) / count;
  }

  #step(): void {
    if (this.#read.block()) this.#inFlight++;
    if (this.#inFlight < IN_FLIGHT) return;
    this.#read.write();
    do this.#inFlight -= this.#kernel.ring.reap(atOnce);
    while (this.#inFlight > IN_FLIGHT + SLACK);
  }

  drain(): void {
    this.#read.write(this.#inFlight);
    while (this.#inFlight > 0) this.#inFlight -= this.#kernel.ring.reap(atOnce);
  }
}

function rateCase(): CaseResult {
  return withKernel(Kernel.attach({ ring: 4 * IN_FLIGHT }), (kernel) => {
    const read = new BlockedRead(kernel);
    const window = new Window(kernel, read);
    window.slide(20 * IN_FLIGHT);
    const measure = () =>
      interleave(() => window.slide(IN_FLIGHT), wakeBatch, { rounds: 60, warmUp: 4 });
    const [samples, growth] = perHandOff(measure, GROWTH);
    window.drain();
    read.close();
    const naming = { case: 'rate', unit: 'us', baseline: WAKE };
    return compared(naming, samples, { ...growth, inFlight: IN_FLIGHT, rescued: read.rescued });
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
