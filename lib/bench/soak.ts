import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Kernel } from '../kernel/index.ts';
import { native } from '../native.ts';
import type { Bench, CaseResult } from './bench.ts';
import { HeldTimer } from './held-timer.ts';
import { amount, minutes } from './short.ts';
import { SoakContext, type SoakTally } from './soak-context.ts';
import type { MixedTally } from './soak-mixed-child.ts';
import { rounded } from './stats.ts';
import { ThreadList } from './thread-list.ts';

const HAND_OFFS = amount(200_000, 4000);
const WORKERS = 2;
/** More than 1,000 a second, also while there is no thread yet to send one to. */
const SIGNAL_INTERVAL_NS = 0.9e6;
const TIDS = 256;
const WORKER = fileURLToPath(new URL('./soak-worker.js', import.meta.url));

/** Messages of the main thread's context in one go; the event loop runs in between. */
const PORTION = amount(5000, 500);

async function inWorker(tids: Int32Array, messages: number): Promise<SoakTally> {
  const worker = new Worker(WORKER, {
    workerData: { messages, tids },
    trackUnmanagedFds: false,
  });
  const [tally] = (await once(worker, 'message')) as [SoakTally];
  await worker.terminate();
  return tally;
}

async function inMain(tids: Int32Array, enough: () => boolean): Promise<readonly SoakTally[]> {
  const list = new ThreadList(tids);
  const tallies: SoakTally[] = [];
  while (!enough()) {
    const kernel = Kernel.attach();
    tallies.push(new SoakContext(kernel, PORTION, (tid) => list.add(tid)).run());
    kernel.detach();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return tallies;
}

/** Contexts in the main thread and in workers, until together they have been handed over enough. */
async function runAll(tids: Int32Array): Promise<readonly SoakTally[]> {
  const start = native().counters().handOffs ?? 0n;
  const enough = () => Number((native().counters().handOffs ?? 0n) - start) >= HAND_OFFS;
  const tallies: SoakTally[] = [];
  const workers = Array.from({ length: WORKERS }, async () => {
    while (!enough()) tallies.push(await inWorker(tids, PORTION));
  });
  tallies.push(...(await inMain(tids, enough)));
  await Promise.all(workers);
  return tallies;
}

function total(tallies: readonly SoakTally[], key: keyof SoakTally): number {
  return tallies.reduce((sum, tally) => sum + tally[key], 0);
}

async function soakCase(): Promise<CaseResult> {
  const tids = new Int32Array(new SharedArrayBuffer(4 * TIDS));
  let received = 0;
  const count = () => void received++;
  process.on('SIGUSR2', count);
  process.on('SIGPROF', count);
  const start = performance.now();
  native().startStorm(tids, SIGNAL_INTERVAL_NS);
  const tallies = await runAll(tids);
  const signals = native().stopStorm();
  const seconds = (performance.now() - start) / 1000;
  process.off('SIGUSR2', count);
  process.off('SIGPROF', count);
  const [lost, doubled, wrong] = [
    total(tallies, 'lost'),
    total(tallies, 'doubled'),
    total(tallies, 'wrong'),
  ];
  return {
    case: 'lost, doubled or wrong',
    value: lost + doubled + wrong,
    unit: 'calls',
    baseline: null,
    baselineValue: null,
    ratio: null,
    detail: {
      contexts: tallies.length,
      calls: total(tallies, 'handOffs') + total(tallies, 'synchronous'),
      lost,
      doubled,
      wrong,
      seconds: Math.round(seconds * 10) / 10,
      signalsPerSecond: Math.round((signals.toProcess + signals.toThreads) / seconds),
      signalsToProcess: signals.toProcess,
      signalsToThreads: signals.toThreads,
      signalsReceivedByJavaScript: received,
    },
  };
}

const CHILD = fileURLToPath(new URL('./soak-mixed-child.js', import.meta.url));
const DESCRIPTORS = 200;
const SECONDS = minutes() === undefined ? amount(20, 1.5) : 60 * (minutes() as number);
const GRACE_S = 30;
const BOUND_MS = 100;

/** All kinds of calls, aborts, timeouts, workers, and what fails meanwhile, in a process of its own. */
async function mixedCase(): Promise<readonly CaseResult[]> {
  const limited = `ulimit -n ${DESCRIPTORS}; exec "$@"`;
  const args = ['-c', limited, 'sh', process.execPath, CHILD, String(SECONDS)];
  const child = spawn('sh', args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: (SECONDS + GRACE_S) * 1000,
    killSignal: 'SIGKILL',
  });
  const bystander = new HeldTimer(); // of this process, which does nothing meanwhile
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`the mixed soak ended with ${signal ?? code}`);
  const { lost, wrong, refused, held, harmHeld, ...detail } = JSON.parse(text) as MixedTally;
  const counted = {
    case: 'mixed: lost, wrong or refused',
    value: lost + wrong + refused,
    unit: 'calls',
    baseline: null,
    baselineValue: null,
    ratio: null,
    detail: { seconds: SECONDS, lost, wrong, refused, ...detail },
  };
  const waited = {
    case: 'mixed: JavaScript held',
    value: rounded(held),
    unit: 'ms',
    baseline: 'bound',
    baselineValue: BOUND_MS,
    ratio: rounded(held / BOUND_MS),
    detail: { harmMs: rounded(harmHeld), bystanderMs: rounded(bystander.longestMs) },
  };
  return [counted, waited];
}

export const soak: Bench = {
  name: 'soak',
  description:
    '200,000 hand-offs under garbage, workers and signals; all kinds of calls while resources fail',
  cases: [soakCase, mixedCase],
};
