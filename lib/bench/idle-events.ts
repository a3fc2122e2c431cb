import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kernel, NR } from '../kernel/index.ts';
import { native } from '../native.ts';
import type { CaseResult } from './bench.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';
import { median, rounded } from './stats.ts';
import { threadIds } from './threads-cpu.ts';

const INTERVAL_NS = 50_000;
const BATCH_MS = amount(300, 50);
const ROUNDS = amount(12, 2);
const NO_FLAGS = 0;

interface Wakes {
  /** Microseconds of processor time of the whole process, without the ticker, for each wake. */
  readonly usEach: number;
  readonly perSecond: number;
}

/** A pipe for whose bytes the event loop wakes. */
class WakingLoop {
  readonly #writeEnd: number;
  readonly #socket: Socket;
  #wakes = 0;

  constructor() {
    const fds = new Int32Array(2);
    const kernel = Kernel.attach();
    kernel.complete(NR.pipe2, fds, NO_FLAGS);
    kernel.detach();
    this.#writeEnd = fds[1] as number;
    this.#socket = new Socket({ fd: fds[0] as number, readable: true, writable: false });
    this.#socket.on('data', () => this.#wakes++);
  }

  async measure(): Promise<Wakes> {
    this.#wakes = 0;
    const cpu = process.cpuUsage();
    const start = performance.now();
    native().startTicker(this.#writeEnd, INTERVAL_NS);
    await sleep(BATCH_MS);
    const { cpuNs } = native().stopTicker();
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - start) / 1000;
    return {
      usEach: (user + system - cpuNs / 1000) / this.#wakes,
      perSecond: this.#wakes / seconds,
    };
  }

  close(): void {
    this.#socket.destroy();
  }
}

const NR_SCHED_SETAFFINITY = 203;
const ONE_PROCESSOR = 1n;

/** Lets all threads of this process run on the processors of a mask; those to come inherit it. */
function pin(mask: bigint): void {
  const kernel = Kernel.attach();
  const bits = new BigUint64Array([mask]);
  for (const tid of threadIds()) kernel.complete(NR_SCHED_SETAFFINITY, tid, 8, bits);
  kernel.detach();
}

/** All processors: the host leaves out those that it has not. */
const EVERY_PROCESSOR = 0xffff_ffff_ffff_ffffn;

/**
 * An event loop that wakes 20,000 times a second without a syslet: attached, and not attached. On one
 * processor: on two, it is chance whether a wake goes to a halted one, which doubles its cost.
 */
export async function eventsCase(): Promise<CaseResult> {
  pin(ONE_PROCESSOR);
  const loop = new WakingLoop();
  const attached: Wakes[] = [];
  const alone: Wakes[] = [];
  await loop.measure();
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await loop.measure());
    const kernel = Kernel.attach();
    kernel.newCall(NR.getpid).run();
    attached.push(await loop.measure());
    kernel.detach();
  }
  loop.close();
  pin(EVERY_PROCESSOR);
  const us = (wakes: readonly Wakes[]) => wakes.map(({ usEach }) => usEach);
  const rate = (wakes: readonly Wakes[]) => rounded(median(wakes.map((one) => one.perSecond)));
  return compared(
    { case: 'events', unit: 'us', baseline: 'processor time for each wake, not attached' },
    { measured: us(attached), baseline: us(alone) },
    { wakesPerSecond: rate(attached), baselineWakesPerSecond: rate(alone) },
  );
}
