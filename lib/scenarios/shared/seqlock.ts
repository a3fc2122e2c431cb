import type { Words } from './words.ts';

const SEQUENCE = 0;
const FIRST = 1;
const SECOND = 2;

/** Writes a pair; one thread at a time. An odd number says that a write is under way. */
export function writePair(words: Words, first: number, second: number): void {
  Atomics.add(words, SEQUENCE, 1);
  Atomics.store(words, FIRST, first);
  Atomics.store(words, SECOND, second);
  Atomics.add(words, SEQUENCE, 1);
}

/** A pair of one write: read again while the number is odd, or another one behind the values. */
export function readPair(words: Words): [number, number] {
  for (;;) {
    const before = Atomics.load(words, SEQUENCE);
    const pair: [number, number] = [Atomics.load(words, FIRST), Atomics.load(words, SECOND)];
    if (before % 2 === 0 && Atomics.load(words, SEQUENCE) === before) return pair;
  }
}
