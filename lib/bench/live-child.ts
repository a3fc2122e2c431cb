import { closeSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kernel, NR, type SysletCall } from '../kernel/index.ts';
import { native } from '../native.ts';
import { becomeNobody, isOutside, LIVE_CASES } from './live-cases.ts';
import { amount } from './short.ts';

/** The other end writes a byte each so many ms: a read that is not handed over holds so long. */
const INPUT = 3;
const TICK_MS = 10;
/** The watcher has parked by then, and has closed what it holds. */
const IDLE_MS = amount(600, 100);
const AFTER_MS = amount(1000, 150);

export interface LiveOutput {
  readonly held: number;
  readonly reads: number;
  readonly handedOver: number;
  readonly wrong: number;
  readonly watcher: string;
  readonly counters: Readonly<Record<string, number>>;
}

const SHOWN = [
  'overdue',
  'sparesUsed',
  'callsUnwatched',
  'watchersRenewed',
  'attributesLeft',
  'nudgesUnanswered',
  'credentialsRefused',
];

/** Reads that block, one after the other, and a timer beside them. */
class Reading {
  readonly #kernel: Kernel;
  readonly #call: SysletCall;
  readonly #bytes = new Uint8Array(new SharedArrayBuffer(8));
  #last = performance.now();
  #goesOn = true;
  held = 0;
  reads = 0;
  handedOver = 0;
  wrong = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#call = kernel.newCall(NR.read).setArgs(INPUT, this.#bytes, 1);
    setInterval(() => this.#tick(), TICK_MS).unref();
  }

  #tick(): void {
    const now = performance.now();
    this.held = Math.max(this.held, now - this.#last);
    this.#last = now;
  }

  /** What went before is not measured. */
  begin(): void {
    this.#last = performance.now();
    this.held = 0;
  }

  async run(): Promise<void> {
    while (this.#goesOn) {
      const result = this.#call.run();
      if (this.#call.pending) await this.#completed();
      else this.#over(result);
      await sleep(0);
    }
  }

  async #completed(): Promise<void> {
    this.handedOver++;
    let status: number | undefined;
    while (status === undefined) {
      this.#kernel.ring.reap((value) => {
        status = value;
      });
      await sleep(1);
    }
    this.#over(status);
  }

  #over(status: number): void {
    this.reads++;
    if (status !== 1) this.wrong++;
  }

  stop(): void {
    this.#goesOn = false;
  }
}

async function tellOutside(): Promise<void> {
  process.stdout.write('harm\n');
  readSync(0, new Uint8Array(1)); // it is done
}

async function main(name: string): Promise<void> {
  const what = LIVE_CASES[name];
  if (what === undefined) throw new Error(`there is no case '${name}'`);
  if (isOutside(name)) becomeNobody();
  const kernel = Kernel.attach();
  await sleep(IDLE_MS);
  const reading = new Reading(kernel);
  const over = reading.run();
  if (isOutside(name)) await tellOutside();
  reading.begin();
  await what.harm?.(kernel);
  await sleep(AFTER_MS);
  reading.stop();
  await over;
  const { watcher } = kernel.watcher();
  kernel.detach();
  closeSync(INPUT);
  const counters = native().counters();
  const shown = SHOWN.map((key) => [key, Number(counters[key] ?? 0n)] as const);
  const { held, reads, handedOver, wrong } = reading;
  const output: LiveOutput = {
    held,
    reads,
    handedOver,
    wrong,
    watcher,
    counters: Object.fromEntries(shown.filter(([, value]) => value > 0)),
  };
  process.stdout.write(`${JSON.stringify(output)}\n`);
}

await main(process.argv[2] ?? '');
