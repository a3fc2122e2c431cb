import { closeSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kernel } from '../kernel/index.ts';
import { native } from '../native.ts';
import { HeldTimer } from './held-timer.ts';
import { becomeNobody, isOutside, LIVE_CASES } from './live-cases.ts';
import { INPUT, Reading } from './live-reading.ts';
import { amount } from './short.ts';
import { SilentReads } from './silent-reads.ts';

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
  'surfaced',
  'watchersRenewed',
  'attributesLeft',
  'nudgesUnanswered',
  'credentialsRefused',
  'interrupted',
];

async function tellOutside(): Promise<void> {
  process.stdout.write('harm\n');
  readSync(0, new Uint8Array(1)); // it is done
}

async function main(name: string): Promise<void> {
  const what = LIVE_CASES[name];
  if (what === undefined) throw new Error(`there is no case '${name}'`);
  native(); // from a folder that may be root's alone
  if (isOutside(name)) becomeNobody();
  const kernel = Kernel.attach();
  await sleep(IDLE_MS);
  const silent = new SilentReads(kernel);
  const reading = new Reading(kernel, silent);
  const timer = new HeldTimer();
  const over = reading.run();
  if (isOutside(name)) await tellOutside();
  what.prepare?.();
  timer.begin();
  await what.harm?.(kernel, silent);
  await sleep(AFTER_MS);
  reading.stop();
  await over;
  silent.letGo();
  const { watcher } = kernel.watcher();
  kernel.detach();
  silent.close();
  closeSync(INPUT);
  const counters = native().counters();
  const shown = SHOWN.map((key) => [key, Number(counters[key] ?? 0n)] as const);
  const { reads, handedOver, wrong } = reading;
  const output: LiveOutput = {
    held: timer.longestMs,
    reads,
    handedOver,
    wrong,
    watcher,
    counters: Object.fromEntries(shown.filter(([, value]) => value > 0)),
  };
  process.stdout.write(`${JSON.stringify(output)}\n`);
}

await main(process.argv[2] ?? '');
