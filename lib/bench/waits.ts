import { spawnSync } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sys } from '../posix/index.ts';
import type { Bench, CaseResult } from './bench.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';
import { median, rounded } from './stats.ts';
import { cpuNsOf, threadIds } from './threads-cpu.ts';
import type { WaitsOutput } from './waits-child.ts';

const CHILD = fileURLToPath(new URL('waits-child.js', import.meta.url));
const PIPES = amount(9000, 200);
const BYTES_ROUNDS = amount(2000, 20);
const SLOW_READERS = 40;
const FRESH = amount(400, 10);
/** Processes of each kind, by turns. */
const TURNS = amount(3, 1);

function child(kind: 'sys' | 'net'): WaitsOutput {
  const args = ['--expose-gc', CHILD, kind, String(PIPES), String(BYTES_ROUNDS)];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status === 0) return JSON.parse(stdout) as WaitsOutput;
  throw new Error(`the ${kind} process of waits ended with ${status}: ${stderr}`);
}

const middle = (all: readonly WaitsOutput[], of: (one: WaitsOutput) => number) =>
  rounded(median(all.map(of)));

/** A read pending on each pipe; then memory, threads, and how long a byte for the last one takes. */
function pipesCases(): readonly CaseResult[] {
  const all = Array.from({ length: TURNS }, () => ({ ours: child('sys'), net: child('net') }));
  const ours = all.map((one) => one.ours);
  const net = all.map((one) => one.net);
  const pipes = ours[0]?.pipes ?? 0;
  const samples = {
    measured: ours.flatMap((one) => one.samples),
    baseline: net.flatMap((one) => one.samples),
  };
  const naming = { case: `${pipes} pipes, a byte`, unit: 'ns', baseline: 'net.Socket' };
  const resident = middle(ours, (one) => one.resident);
  const residentOfNet = middle(net, (one) => one.resident);
  return [
    compared(naming, samples, {
      threads: middle(ours, ({ threads }) => threads),
      baselineThreads: middle(net, ({ threads }) => threads),
    }),
    {
      case: `${pipes} pipes, a pending read`,
      value: resident,
      unit: 'B resident',
      baseline: 'net.Socket',
      baselineValue: residentOfNet,
      ratio: rounded(resident / residentOfNet),
      detail: {
        kernelBytes: middle(ours, ({ kernel }) => kernel),
        baselineKernelBytes: middle(net, ({ kernel }) => kernel),
      },
    },
  ];
}

interface Fresh {
  readonly ns: number[];
  readonly cpuNs: number;
  readonly handOffs: number;
}

/** A receive on a socket that is new, and blocks; then the byte that ends it. */
async function freshReceives(predict: boolean): Promise<Fresh> {
  sys.configure({ predict });
  const buffer = Buffer.alloc(64);
  const ns: number[] = [];
  const fds = new Int32Array(2);
  sys.call.sync('socketpair', 1, 1, 0, fds);
  const cpu = cpuNsOf(threadIds());
  for (let i = 0; i < FRESH; i++) {
    sys.call.sync('socketpair', 1, 1, 0, fds);
    const [here, there] = [fds[0] as number, fds[1] as number];
    const start = performance.now();
    const receiving = sys.recvfrom(here, buffer);
    ns.push((performance.now() - start) * 1e6);
    writeSync(there, 'x');
    await receiving;
    await sys.close(here);
    closeSync(there);
  }
  const cpuNs = (cpuNsOf(threadIds()) - cpu) / FRESH;
  const { handOffs } = sys.counters();
  sys.detach();
  sys.configure({});
  return { ns, cpuNs, handOffs };
}

async function freshCase(): Promise<CaseResult> {
  const handedOver = await freshReceives(false);
  const ours = await freshReceives(true);
  const naming = {
    case: 'first receive until the promise',
    unit: 'ns',
    baseline: 'handed over (predict: false)',
  };
  return compared(
    naming,
    { measured: ours.ns, baseline: handedOver.ns },
    {
      cpuNs: rounded(ours.cpuNs),
      baselineCpuNs: rounded(handedOver.cpuNs),
      handOffs: ours.handOffs,
      baselineHandOffs: handedOver.handOffs,
    },
  );
}

/** Sends to so many sockets that nobody reads: threads that are there then, beyond those before. */
async function threadsOfSends(predict: boolean): Promise<number> {
  sys.configure({ predict });
  const fds = new Int32Array(2);
  const pairs = Array.from({ length: SLOW_READERS }, () => {
    sys.call.sync('socketpair', 1, 1, 0, fds);
    return [fds[0] as number, fds[1] as number] as const;
  });
  const before = threadIds().size;
  const bytes = Buffer.alloc(1 << 20);
  const sends = pairs.map(([to]) => sys.sendto.async(to, bytes));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const threads = threadIds().size - before;
  for (const [, from] of pairs) closeSync(from);
  await Promise.allSettled(sends);
  for (const [to] of pairs) closeSync(to);
  sys.detach();
  sys.configure({});
  return threads;
}

async function slowReadersCase(): Promise<CaseResult> {
  const baselineValue = await threadsOfSends(false);
  const value = await threadsOfSends(true);
  return {
    case: `${SLOW_READERS} slow readers, 1 MiB each`,
    value,
    unit: 'threads more',
    baseline: 'handed over (predict: false)',
    baselineValue,
    ratio: rounded(value / baselineValue),
    detail: {},
  };
}

export const waits: Bench = {
  name: 'waits',
  description: 'calls that wait for their descriptor, against net.Socket and against a hand-off',
  cases: [pipesCases, freshCase, slowReadersCase],
};
