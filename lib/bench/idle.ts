import { setTimeout as sleep } from 'node:timers/promises';
import { Kernel, NR } from '../kernel/index.ts';
import type { Bench, CaseResult } from './bench.ts';
import { eventsCase } from './idle-events.ts';
import { amount } from './short.ts';
import { rounded } from './stats.ts';
import { cpuNsOf, threadIds } from './threads-cpu.ts';

const MS = amount(2000, 100);
const CALLS_AT_ONCE = 10_000;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

type Load = (kernel: Kernel) => void | Promise<void>;

/** Processor time of the tasks that do not carry JavaScript, in % of a core. */
async function watcherShare(kernel: Kernel, before: ReadonlySet<number>, load: Load) {
  kernel.newCall(NR.getpid).run();
  await sleep(50);
  const carrier = kernel.gettid();
  const tasks = [...threadIds()].filter((tid) => !before.has(tid) && tid !== carrier);
  const start = performance.now();
  const cpu = cpuNsOf(tasks);
  await load(kernel);
  const ms = performance.now() - start;
  const percent = (cpuNsOf(tasks) - cpu) / 1e4 / ms;
  return { percent, tasks: tasks.length, carrierMoved: kernel.gettid() !== carrier };
}

/** The baseline is this process before it attaches: no watcher, no time. */
async function shareCase(name: string, watcher: 'auto' | 'perf', load: Load): Promise<CaseResult> {
  const before = threadIds();
  const kernel = Kernel.attach({ watcher });
  try {
    const { percent, ...detail } = await watcherShare(kernel, before, load);
    return {
      case: name,
      value: rounded(percent),
      unit: '% of a core',
      baseline: 'not attached: there is no watcher',
      baselineValue: 0,
      ratio: null,
      detail: { watcher: kernel.watcher().watcher, ms: MS, ...detail },
    };
  } finally {
    kernel.detach();
  }
}

async function idle(): Promise<void> {
  await sleep(MS);
}

function tightLoop(kernel: Kernel): void {
  const call = kernel.newCall(NR.getpid);
  const end = performance.now() + MS;
  while (performance.now() < end) for (let i = 0; i < CALLS_AT_ONCE; i++) call.run();
}

function paced(kernel: Kernel): void {
  const call = kernel.newCall(NR.getpid);
  const end = performance.now() + MS;
  while (performance.now() < end) {
    Atomics.wait(sleeper, 0, 0, 1);
    call.run();
  }
}

export const idleBench: Bench = {
  name: 'idle',
  description: 'processor time that the watcher uses while nothing blocks',
  cases: [
    () => shareCase('idle', 'auto', idle),
    () => shareCase('tight loop', 'auto', tightLoop),
    () => shareCase('paced', 'perf', paced),
    eventsCase,
  ],
};
