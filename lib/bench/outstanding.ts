import { closeSync, writeSync } from 'node:fs';
import { Kernel, NR } from '../kernel/index.ts';
import type { Bench, CaseResult } from './bench.ts';
import { kernelMemory, residentKib } from './kernel-memory.ts';
import { Rescue } from './rescue.ts';
import { amount } from './short.ts';
import { rounded } from './stats.ts';

const CALLS = amount(10_000, 200);
const RING = 16_384;
/** The calls, their carrier and its watcher, with room to spare. */
const MOST_TASKS = CALLS + 100;
const NO_FLAGS = 0;
const PIPE_BYTES = 4096;

interface Outcome {
  readonly blocked: number;
  readonly reapedOnce: number;
  readonly wrong: number;
  readonly rssKib: number;
  readonly kernelKib: number;
  readonly kernelSource: string;
  readonly watcher: string;
}

/** Blocks as many reads as it can, measures, lets all end, and reaps each. */
function blockAll(kernel: Kernel): Outcome {
  const fds = new Int32Array(2);
  kernel.complete(NR.pipe2, fds, NO_FLAGS);
  const [readEnd, writeEnd] = [...fds] as [number, number];
  const buffer = new Uint8Array(new SharedArrayBuffer(8));
  const read = kernel.newCall(NR.read).setArgs(readEnd, buffer, 1);
  const rescue = new Rescue();
  const rss = residentKib();
  const inKernel = kernelMemory();
  let blocked = 0;
  for (; blocked < CALLS; blocked++) {
    rescue.before(writeEnd);
    read.setCallerData(blocked).run();
    rescue.after();
    if (!read.pending) throw new Error(`only ${blocked} of ${CALLS} calls could be handed over`);
  }
  const rssKib = (residentKib() - rss) / blocked;
  const kernelKib = (kernelMemory().kib - inKernel.kib) / blocked;
  const { watcher } = kernel.watcher();
  const reaped = endAll(kernel, writeEnd, blocked);
  rescue.stop();
  closeSync(readEnd);
  closeSync(writeEnd);
  return { blocked, ...reaped, rssKib, kernelKib, kernelSource: inKernel.source, watcher };
}

/** Each of `blocked` calls must be reaped once, with one byte. */
function endAll(kernel: Kernel, writeEnd: number, blocked: number) {
  const times = new Uint8Array(blocked);
  let wrong = 0;
  let reaped = 0;
  for (let written = 0; written < blocked; written += PIPE_BYTES) {
    writeSync(writeEnd, new Uint8Array(Math.min(PIPE_BYTES, blocked - written)));
  }
  while (reaped < blocked && kernel.ring.wait({ timeoutMs: 5000 })) {
    reaped += kernel.ring.reap((status, index) => {
      times[index] = (times[index] ?? 0) + 1;
      if (status !== 1) wrong++;
    });
  }
  return { reapedOnce: times.filter((count) => count === 1).length, wrong };
}

function outstandingCases(): readonly CaseResult[] {
  const kernel = Kernel.attach({ ring: RING, maxTasks: MOST_TASKS });
  const { rssKib, kernelKib, kernelSource, ...detail } = blockAll(kernel);
  kernel.detach();
  const common = { unit: 'KiB', baseline: null, baselineValue: null, ratio: null };
  return [
    { case: 'rss', value: rounded(rssKib), ...common, detail },
    { case: 'kernel', value: rounded(kernelKib), ...common, detail: { kernelSource, ...detail } },
  ];
}

export const outstanding: Bench = {
  name: 'outstanding',
  description: '10,000 reads blocked at once: memory for each, and each reaped exactly once',
  cases: [outstandingCases],
};
