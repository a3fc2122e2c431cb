import type { Words } from './words.ts';

const PERMITS = 0;
const WAITERS = 1;

/** Takes a permit, or gives up where `isOver` says so: then false. Sleeps while there is none. */
export function acquire(words: Words, isOver: () => boolean, timeoutMs: number): boolean {
  while (!tryAcquire(words)) {
    if (isOver()) return false;
    Atomics.add(words, WAITERS, 1);
    // a release since the look has changed the word: it is not slept then
    Atomics.wait(words, PERMITS, 0, timeoutMs);
    Atomics.sub(words, WAITERS, 1);
  }
  return true;
}

export function tryAcquire(words: Words): boolean {
  for (let there = Atomics.load(words, PERMITS); there > 0; ) {
    const seen = Atomics.compareExchange(words, PERMITS, there, there - 1);
    if (seen === there) return true;
    there = seen;
  }
  return false;
}

export function release(words: Words): void {
  Atomics.add(words, PERMITS, 1);
  if (Atomics.load(words, WAITERS) > 0) Atomics.notify(words, PERMITS, 1);
}
