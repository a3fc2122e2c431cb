/** Words of shared memory that threads meet in. */
export type Words = Int32Array<SharedArrayBuffer>;

const FREE = 0;
const TAKEN = 1;
const AWAITED = 2;

/**
 * A mutex in one word, as of `Atomics.wait` and `notify`: 0 free, 1 taken, 2 taken and somebody may
 * wait. False where `timeoutMs` passed before it was free.
 */
export function lockWord(words: Words, at: number, timeoutMs = Number.POSITIVE_INFINITY): boolean {
  if (Atomics.compareExchange(words, at, FREE, TAKEN) === FREE) return true;
  const leftMs = countdown(timeoutMs);
  // from here on it is taken as awaited: who sleeps behind this thread must be woken too
  while (Atomics.exchange(words, at, AWAITED) !== FREE) {
    const left = leftMs();
    if (left <= 0) return false;
    Atomics.wait(words, at, AWAITED, left);
  }
  return true;
}

/** What is left of a time; without an end no clock is asked, since an explored actor has none. */
function countdown(timeoutMs: number): () => number {
  if (timeoutMs === Number.POSITIVE_INFINITY) return () => timeoutMs;
  const end = performance.now() + timeoutMs;
  return () => end - performance.now();
}

export function unlockWord(words: Words, at: number): void {
  if (Atomics.exchange(words, at, FREE) === AWAITED) Atomics.notify(words, at, 1);
}
