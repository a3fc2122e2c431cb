/**
 * Code with a bug each, of classic shapes, over words of shared memory: what a scenario of races/ and
 * a loop by hand look for alike.
 */
export type Words = Int32Array<SharedArrayBuffer>;

/** Words, each on a cache line of its own. */
export const [A, B, C, D] = [0, 16, 32, 48];
export const WORDS = 64;

/** Who waits by looking gives up after so many looks. */
const MOST_LOOKS = 20_000;
/** Who sleeps gives up after so long. */
const SLEEP_MS = 50;

/**
 * A barrier for two that opens when both have arrived (A counts), and is closed (B) by the last who
 * leaves: who comes round again quickly finds it open. False where nobody came.
 */
export function crossBarrier(words: Words): boolean {
  if (Atomics.add(words, A, 1) === 1) Atomics.store(words, B, 1);
  for (let look = 0; Atomics.load(words, B) === 0; look++) if (look > MOST_LOOKS) return false;
  if (Atomics.sub(words, A, 1) === 1) Atomics.store(words, B, 0);
  return true;
}

const PHASES = 4;

/** Phases of one thread; whether it found the other one behind. */
export function phases(words: Words, own: number, other: number): boolean {
  for (let phase = 1; phase <= PHASES; phase++) {
    Atomics.store(words, own, phase);
    if (!crossBarrier(words)) return false;
    if (Atomics.load(words, other) < phase) return true;
  }
  return false;
}

/** A mutex that is right. */
export function lock(words: Words): void {
  while (Atomics.compareExchange(words, A, 0, 1) !== 0) Atomics.wait(words, A, 1, 1);
}

/** A mutex whose waiter takes it when it wakes up, without looking again. */
export function lockWithoutRecheck(words: Words): void {
  if (Atomics.compareExchange(words, A, 0, 1) === 0) return;
  Atomics.wait(words, A, 1, SLEEP_MS);
  Atomics.store(words, A, 1);
}

export function unlock(words: Words): void {
  Atomics.store(words, A, 0);
  Atomics.notify(words, A, 1);
}

const TIMES = 4;

/** Whether the other one was inside as well. */
export function sections(words: Words): boolean {
  let isShared = false;
  for (let time = 0; time < TIMES; time++) {
    lockWithoutRecheck(words);
    if (Atomics.add(words, B, 1) !== 0) isShared = true;
    Atomics.sub(words, B, 1);
    unlock(words);
  }
  return isShared;
}

/** Two values that belong together (B, C): the lock is released before the second is stored. */
export function storePair(words: Words, value: number): void {
  lock(words);
  words[B] = value;
  unlock(words);
  words[C] = value;
}

/** Whether a pair, read under the lock, is of one value. */
export function isPairWhole(words: Words): boolean {
  lock(words);
  const isWhole = words[B] === words[C];
  unlock(words);
  return isWhole;
}

/** An index that only grows: it is loaded, compared and stored, and may be moved back. */
export function advance(words: Words, to: number): void {
  if (Atomics.load(words, A) < to) Atomics.store(words, A, to);
}

const OPERATIONS = 64;

/** Every other index; whether one that was reached is not any more. */
export function everyOther(words: Words, from: number): boolean {
  for (let to = from; to <= OPERATIONS; to += 2) {
    advance(words, to);
    if (Atomics.load(words, A) < to) return true;
  }
  return false;
}

/** Pops from a stack of which A is the size: looked at, and then changed. The index, or -1. */
export function pop(words: Words): number {
  if (Atomics.load(words, A) === 0) return -1;
  return Atomics.sub(words, A, 1) - 1;
}

/**
 * Waits for the event (A) by a count of changes (B) that is read after the event was looked for.
 * Whether the wake-up was lost.
 */
export function missesEvent(words: Words): boolean {
  if (Atomics.load(words, A) === 1) return false;
  const seen = Atomics.load(words, B);
  return Atomics.wait(words, B, seen, SLEEP_MS) === 'timed-out' && Atomics.load(words, A) === 1;
}

export function raiseEvent(words: Words): void {
  Atomics.store(words, A, 1);
  Atomics.add(words, B, 1);
  Atomics.notify(words, B);
}

/** Takes one of A items, and sleeps where there is none; awake, it does not look again. How many there were. */
export function takeItem(words: Words): number {
  if (Atomics.load(words, A) === 0 && Atomics.wait(words, A, 0, SLEEP_MS) === 'timed-out') return 1;
  return Atomics.sub(words, A, 1);
}

export function putItem(words: Words): void {
  Atomics.add(words, A, 1);
  Atomics.notify(words, A);
}

/** A wide value in two words (A, B), each stored by itself. */
export function storeWide(words: Words, value: number): void {
  words[A] = value;
  words[B] = value;
}

/** Whether both words are of one value. */
export function isWideWhole(words: Words): boolean {
  const low = words[A];
  return low === words[B];
}
