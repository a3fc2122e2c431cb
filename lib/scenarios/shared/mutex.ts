import type { AtomicField } from '../../abi/index.ts';

/** 0: free, 1: taken, 2: taken, and somebody may wait. */
const FREE = 0;
const TAKEN = 1;
const AWAITED = 2;

/** Takes the mutex; sleeps while another thread has it. */
export function lock(word: AtomicField<number>): void {
  if (word.compareExchange(FREE, TAKEN) === FREE) return;
  // from here on it is taken as awaited: who sleeps behind this thread must be woken too
  while (word.exchange(AWAITED) !== FREE) word.wait(AWAITED);
}

export function unlock(word: AtomicField<number>): void {
  if (word.exchange(FREE) === AWAITED) word.notify(1);
}
