// What the loops of this folder have in common: each is what one would write to see a bug without
// `syslets stress`: plain workers, one thing after the other. Exit 1 when something was seen.

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const dist = pathToFileURL(`${process.env.SYSLETS_TEST_DIST}/`);
const here = createRequire(import.meta.url);

export const { Kernel, NR, CompletionRing } = await import(new URL('index.js', dist));
export const { native } = await import(new URL('native.js', dist));

const HUNG_AFTER_MS = 2000;
const FUTEX_WAIT = 128;
const FUTEX_WAKE = 129;
const PROGRESS = 0;
const STOP = 1;
const FIRST_FREE = 16;

/** Memory of both threads: progress, stop, and what the loop wants. */
export const shared = isMainThread
  ? new Int32Array(new SharedArrayBuffer(4096))
  : workerData.shared;

/** Index of the i-th word of the loop's own, on a cache line of its own. */
export const word = (i) => FIRST_FREE * (i + 1);

export const step = () => Atomics.add(shared, PROGRESS, 1);
export const goesOn = () => Atomics.load(shared, STOP) === 0;

/** Says what was wrong, and ends at once: nothing can be trusted any more. */
export function wrong(text) {
  here('node:fs').writeSync(1, `wrong: ${text}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** A futex of the shared words, by system calls of one's own kernel. */
export function futex(kernel) {
  const at = (i) => native().addressOf(shared) + BigInt(4 * i);
  const wait = kernel.newCall(NR.futex).setArg(1, FUTEX_WAIT);
  const wake = kernel.newCall(NR.futex).setArg(1, FUTEX_WAKE).setArg(2, 1000);
  return {
    wait: (i) => wait.setArg(0, at(i)),
    wake(i) {
      Atomics.store(shared, i, 1);
      wake.setArg(0, at(i)).run();
    },
  };
}

/** Runs both halves in two threads for so long; a third sees that they get on. */
export function runBoth(url, { main, other }) {
  if (!isMainThread) return workerData.role === 'watch' ? watch() : other();
  for (const role of ['other', 'watch']) new Worker(new URL(url), { workerData: { shared, role } });
  const end = Date.now() + 1000 * Number(process.env.SYSLETS_TEST_SECONDS ?? 60);
  main(() => Date.now() < end);
  Atomics.store(shared, STOP, 1);
  console.log(`clean after ${shared[PROGRESS]} steps`);
  process.exit(0);
}

function watch() {
  let [seen, since] = [0, Date.now()];
  const look = () => {
    const now = Atomics.load(shared, PROGRESS);
    if (now !== seen) [seen, since] = [now, Date.now()];
    else if (Date.now() - since > HUNG_AFTER_MS) wrong(`hung after ${now} steps`);
  };
  setInterval(look, 50);
}
