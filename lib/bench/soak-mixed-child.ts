import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { native } from '../native.ts';
import { PollList, sys } from '../posix/index.ts';
import { HeldTimer } from './held-timer.ts';

/**
 * One process of the soak: calls of many kinds at once, aborted, timed out, answered; workers that do
 * the same and end in every way; and what a watcher needs is taken away now and then. Every
 * message must arrive once, by the read that waited for it.
 */
const LOOPS = 12;
const FILE_BYTES = 64 * 1024;
const NOBODY = 65_534;
const POLLIN = 1;
const HARM_EVERY_MS = 200;
const HARM_MS = 50;
const WORKER_SECONDS = 0.5;
const MISSING: ReadonlySet<string> = new Set([
  'EMFILE',
  'EACCES',
  'ERR_MODULE_NOT_FOUND',
  'MODULE_NOT_FOUND',
  'ERR_WORKER_INIT_FAILED',
]);

export interface MixedTally {
  calls: number;
  aborted: number;
  timedOut: number;
  lost: number;
  wrong: number;
  /** Dispatched calls whose task could not have its context's ids: EAGAIN. */
  refused: number;
  harms: number;
  workers: number;
  /** ms: the longest time between two turns of a timer. */
  held: number;
  /** ms: the longest time that one call of those which take things away took by itself. */
  harmHeld: number;
  handOffs: number;
  dispatches: number;
}

const tally: MixedTally = {
  calls: 0,
  aborted: 0,
  timedOut: 0,
  lost: 0,
  wrong: 0,
  refused: 0,
  harms: 0,
  workers: 0,
  held: 0,
  harmHeld: 0,
  handOffs: 0,
  dispatches: 0,
};
let isOver = false;
/** What is opened while there are no descriptors fails, as it does without us. */
let isStarved = false;

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}

async function pipe(): Promise<readonly [number, number]> {
  const ends = new Int32Array(2);
  await sys.call('pipe2', ends, 0);
  return [ends[0] as number, ends[1] as number];
}

/** The code of the error that the call must end with, since nobody answers it. */
async function endsWith(code: string, call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    tally.wrong++;
  } catch (error) {
    if ((error as { code?: string }).code === code) return true;
    if ((error as { code?: string }).code === 'EAGAIN') tally.refused++;
    else tally.wrong++;
  }
  return false;
}

/** A call that got EAGAIN, which no pipe here gives, is counted and made again: it was not lost. */
async function refusedOr(call: Promise<number>, again: () => Promise<number> | number) {
  try {
    return await call;
  } catch (error) {
    if ((error as { code?: string }).code !== 'EAGAIN') throw error;
    tally.refused++;
    return again();
  }
}

/** One loop's own pipe, and the kinds of calls that it makes on it. */
class Messages {
  readonly #ends: readonly [number, number];
  readonly #file: number;
  readonly #bytes = new BigUint64Array(1);
  readonly #sent = new BigUint64Array(1);
  #number = 0n;

  constructor(ends: readonly [number, number], file: number) {
    this.#ends = ends;
    this.#file = file;
  }

  /** A read that waits, and the message that ends it after a moment. */
  async answered(): Promise<void> {
    const [reading, writing] = this.#ends;
    this.#sent[0] = ++this.#number;
    const read = sys.read.async(reading, this.#bytes);
    if (below(2)) await sleep(below(5));
    await sys.write(writing, this.#sent);
    const length = await refusedOr(read, () => sys.read(reading, this.#bytes));
    if (length !== 8) tally.lost++;
    else if (this.#bytes[0] !== this.#number) tally.wrong++;
    tally.calls += 2;
  }

  async aborted(): Promise<void> {
    const stop = new AbortController();
    const { signal } = stop;
    setTimeout(() => stop.abort(), below(5));
    const read = () => sys.read.async(this.#ends[0], this.#bytes, { signal });
    if (await endsWith('ABORT_ERR', read)) tally.aborted++;
    tally.calls++;
  }

  async timedOut(): Promise<void> {
    const timeoutMs = 1 + below(5);
    const read = () => sys.read.async(this.#ends[0], this.#bytes, { timeoutMs });
    if (await endsWith('ETIMEDOUT', read)) tally.timedOut++;
    tally.calls++;
  }

  async file(): Promise<void> {
    const offset = below(FILE_BYTES - 256);
    const bytes = new Uint8Array(256);
    const read = () => sys.pread(this.#file, bytes, offset);
    const length = await refusedOr(Promise.resolve(read()), read);
    if (length !== 256 || bytes.some((byte, at) => byte !== ((offset + at) & 255))) tally.wrong++;
    tally.calls++;
  }

  async slept(): Promise<void> {
    const nothing = new PollList([{ fd: this.#ends[0], events: POLLIN }]);
    const poll = () => sys.poll(nothing, 1 + below(5));
    if ((await refusedOr(Promise.resolve(poll()), poll)) !== 0) tally.wrong++;
    tally.calls++;
  }

  async quick(): Promise<void> {
    if ((await sys.call('getpid')) !== process.pid) tally.wrong++;
    tally.calls++;
  }

  close(): void {
    for (const fd of this.#ends) closeSync(fd);
  }
}

async function loop(file: number): Promise<void> {
  const messages = new Messages(await pipe(), file);
  const kinds = ['answered', 'aborted', 'timedOut', 'file', 'slept', 'quick'] as const;
  while (!isOver) await messages[kinds[below(kinds.length)] ?? 'quick']();
  messages.close();
}

async function runLoops(seconds: number, loops: number, file: number): Promise<void> {
  const before = native().counters();
  setTimeout(() => {
    isOver = true;
  }, seconds * 1000);
  await Promise.all(Array.from({ length: loops }, () => loop(file)));
  const after = native().counters();
  tally.handOffs = Number((after.handOffs ?? 0n) - (before.handOffs ?? 0n));
  tally.dispatches = Number((after.dispatches ?? 0n) - (before.dispatches ?? 0n));
}

/** A call of Node's own, which holds JavaScript as it would without us: setuid waits for all threads. */
function harming(call: () => void): void {
  const start = performance.now();
  call();
  tally.harmHeld = Math.max(tally.harmHeld, performance.now() - start);
}

async function withoutDescriptors(): Promise<void> {
  const taken: number[] = [];
  isStarved = true;
  try {
    for (;;) harming(() => taken.push(openSync('/dev/null', 'r')));
  } catch {
    await sleep(below(2) ? HARM_MS : 1);
  }
  for (const fd of taken) closeSync(fd);
  isStarved = false;
}

async function idsToAndFro(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    harming(() => process.seteuid?.(NOBODY));
    harming(() => process.seteuid?.(0));
    await sleep(0);
  }
}

async function harm(): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  while (!isOver) {
    await sleep(below(HARM_EVERY_MS));
    await (isRoot && below(2) ? idsToAndFro() : withoutDescriptors());
    tally.harms++;
  }
}

/** A worker that ends by itself, or is ended in the middle of its calls. */
async function workers(file: number): Promise<void> {
  const own = new URL(import.meta.url);
  while (!isOver) {
    await sleep(HARM_EVERY_MS);
    if (isStarved || isOver) continue;
    const worker = new Worker(own, { workerData: file, trackUnmanagedFds: false });
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    // its modules cannot be read while something is missing: then it ends, as without us
    worker.on('error', (error) => {
      if (!MISSING.has((error as { code?: string }).code ?? '')) throw error;
    });
    worker.on('message', (theirs: MixedTally) => addTo(theirs));
    if (below(2)) {
      await sleep(below(WORKER_SECONDS * 1000));
      await worker.terminate();
    }
    await ended;
    tally.workers++;
  }
}

function addTo(theirs: MixedTally): void {
  for (const key of ['calls', 'aborted', 'timedOut', 'lost', 'wrong', 'refused'] as const) {
    tally[key] += theirs[key];
  }
}

/** Bytes that tell where they lie. */
function newFile(path: string): number {
  writeFileSync(
    path,
    Uint8Array.from({ length: FILE_BYTES }, (_, at) => at & 255),
  );
  return openSync(path, 'r');
}

if (isMainThread) {
  const folder = mkdtempSync(join(tmpdir(), 'syslets-soak-'));
  const file = newFile(join(folder, 'file'));
  const timer = new HeldTimer();
  await Promise.all([runLoops(Number(process.argv[2]), LOOPS, file), harm(), workers(file)]);
  closeSync(file);
  rmSync(folder, { recursive: true });
  tally.held = timer.longestMs;
  process.stdout.write(`${JSON.stringify(tally)}\n`);
} else {
  await runLoops(WORKER_SECONDS, LOOPS / 4, workerData as number);
  parentPort?.postMessage(tally);
}
