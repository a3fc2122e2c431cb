/**
 * Several calls at once that block, and end by their timeouts, in a process that may have no more
 * threads: since the first call (`after`), or since before it (`before`); or whose own maxTasks are
 * all in calls of the raw layer (`cap`); or whose watcher stands still (`frozen`, with the folder of
 * a cgroup that is frozen). Prints a SeveralOutput.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { native } from '../native.ts';
import { sys } from '../posix/index.ts';
import { HeldTimer } from './held-timer.ts';
import { becomeNobody } from './live-cases.ts';
import { amount } from './short.ts';

export interface SeveralOutput {
  readonly held: number;
  readonly rounds: number;
  readonly surfaced: number;
  readonly looks: number;
}

const AT_ONCE = 6;
const TIMEOUT_MS = 300;
const ROUNDS = amount(6, 1);
const LONG_MS = 600_000;
const MAX_TASKS = 8;

/** Root's user has no limit; and later no program can be started any more. */
function allowNoMore(): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(process.pid), '--nproc=1:1']);
  if (status !== 0) throw new Error(`prlimit: ${stderr}`);
}

const [from] = emptyPipe();
const word = new Int32Array(new SharedArrayBuffer(4));
/** Two that can be looked at, and one that has JavaScript's thread for moments. */
const LONG_CALLS = [
  () => sys.nanosleep(LONG_MS, null, { timeoutMs: TIMEOUT_MS }),
  () => sys.call('read', from, Buffer.alloc(1), 1, { timeoutMs: TIMEOUT_MS }),
  () => sys.futex_wait(word, 0, null, { timeoutMs: TIMEOUT_MS }),
];

function emptyPipe(): readonly [number, number] {
  const ends = new Int32Array(2);
  sys.call.sync('pipe2', ends, 0);
  sys.detach();
  return [ends[0] as number, ends[1] as number];
}

async function timedOut(call: () => unknown): Promise<void> {
  try {
    await call();
  } catch (error) {
    if ((error as { code?: string }).code === 'ETIMEDOUT') return;
    throw error;
  }
  throw new Error('a call that never ends is over');
}

function takeAllTasks(): void {
  sys.configure({ maxTasks: MAX_TASKS });
  const raw = sys.raw();
  const byte = new Uint8Array(new SharedArrayBuffer(1));
  for (let carriers = MAX_TASKS; carriers > 1; carriers--) raw.call('read', 0, from, byte, 1);
}

/** The only task that has a name yet. */
function watcherThread(): string | undefined {
  const isTask = (tid: string) =>
    readFileSync(`/proc/self/task/${tid}/comm`, 'utf8').startsWith('syslet-');
  return readdirSync('/proc/self/task').find(isTask);
}

function freezeWatcher(cgroup: string): void {
  sys.configure({ predict: false });
  sys.call.sync('getpid');
  let tid: string | undefined;
  while (tid === undefined) tid = watcherThread();
  writeFileSync(join(cgroup, 'tasks'), tid);
}

function becomeShort(since: string | undefined, cgroup = ''): void {
  if (since === 'cap') {
    takeAllTasks();
    return;
  }
  if (since === 'frozen') {
    freezeWatcher(cgroup);
    return;
  }
  becomeNobody();
  if (since === 'after') sys.call.sync('getpid');
  allowNoMore();
}

becomeShort(process.argv[2], process.argv[3]);
const timer = new HeldTimer();
timer.begin();
for (let round = 0; round < ROUNDS; round++) {
  const calls = Array.from({ length: AT_ONCE }, (_, i) => LONG_CALLS[i % LONG_CALLS.length]);
  await Promise.all(calls.map((call) => timedOut(call as () => unknown)));
}
if (process.argv[3]) writeFileSync(join(process.argv[3], 'freezer.state'), 'THAWED');
const output: SeveralOutput = {
  held: timer.longestMs,
  rounds: ROUNDS,
  surfaced: Number(native().counters().surfaced),
  looks: Number(native().counters().looks),
};
process.stdout.write(`${JSON.stringify(output)}\n`);
