/**
 * Several calls at once that block, and end by their timeouts, in a process that may have no more
 * threads: since the first call (`after`), or since before it (`before`). Prints a SeveralOutput.
 */
import { spawnSync } from 'node:child_process';
import { native } from '../native.ts';
import { sys } from '../posix/index.ts';
import { HeldTimer } from './held-timer.ts';
import { becomeNobody } from './live-cases.ts';
import { amount } from './short.ts';

export interface SeveralOutput {
  readonly held: number;
  readonly rounds: number;
  readonly surfaced: number;
}

const AT_ONCE = 3;
const TIMEOUT_MS = 300;
const ROUNDS = amount(6, 1);
const LONG_MS = 600_000;

/** Root's user has no limit; and later no program can be started any more. */
function allowNoMore(): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(process.pid), '--nproc=1:1']);
  if (status !== 0) throw new Error(`prlimit: ${stderr}`);
}

async function timedOut(): Promise<void> {
  try {
    await sys.nanosleep(LONG_MS, null, { timeoutMs: TIMEOUT_MS });
  } catch (error) {
    if ((error as { code?: string }).code === 'ETIMEDOUT') return;
    throw error;
  }
  throw new Error(`a sleep of ${LONG_MS} ms is over`);
}

becomeNobody();
if (process.argv[2] === 'after') sys.call.sync('getpid');
allowNoMore();
const timer = new HeldTimer();
timer.begin();
for (let round = 0; round < ROUNDS; round++) {
  await Promise.all(Array.from({ length: AT_ONCE }, timedOut));
}
const output: SeveralOutput = {
  held: timer.longestMs,
  rounds: ROUNDS,
  surfaced: Number(native().counters().surfaced),
};
process.stdout.write(`${JSON.stringify(output)}\n`);
