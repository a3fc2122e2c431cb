import {
  CALL_NR,
  CALL_WORDS,
  CALLER_DATA,
  FIRST_ARG,
  PENDING,
  RESULT,
} from '../kernel/call-layout.ts';
import type { Kernel, SysletCall } from '../kernel/index.ts';
import { native } from '../native.ts';
import type { CompletionRing } from '../ring/index.ts';

/** Words of a block, from where it begins: in one object, for locals of hot loops. */
export const PARTS = Object.freeze({
  WORDS: CALL_WORDS,
  CALLER: CALLER_DATA,
  PENDING,
  RESULT,
  /** The directory that a name is looked up in. */
  FD: FIRST_ARG,
  NAME: FIRST_ARG + 2,
  STAT: FIRST_ARG + 4,
  FLAGS: FIRST_ARG + 6,
});

/**
 * Submission blocks that lie one after the other, so that one transition runs many, and that are
 * filled by plain stores. What they point to must live until their calls are over.
 */
export class Blocks {
  /** Slot of the first one. */
  readonly first: number;
  readonly words: Int32Array;
  readonly #calls: readonly SysletCall[];
  readonly #native = native();

  constructor(kernel: Kernel, ring: CompletionRing, count: number) {
    this.#calls = Array.from({ length: count }, () => kernel.newCall(0, { ring }));
    this.first = this.#calls[0]?.slot ?? 0;
    this.words = new Int32Array(kernel.blocks.buffer);
    if (this.#calls.every(({ slot }, i) => slot === this.first + i)) return;
    this.release();
    throw new RangeError(`a walk needs ${count} free slots in a row: attach with more slots`);
  }

  /** Where block `index` begins, as an index of `words`. */
  at(index: number): number {
    return (this.first + index) * CALL_WORDS;
  }

  setNumber(index: number, nr: number): void {
    this.words[this.at(index) + CALL_NR] = nr;
  }

  setCallerData(index: number, data: number): void {
    this.words[this.at(index) + CALLER_DATA] = data;
  }

  /** An argument that is a small integer, signed. */
  setInteger(index: number, argument: number, value: number): void {
    const at = this.at(index) + FIRST_ARG + 2 * argument;
    this.words[at] = value;
    this.words[at + 1] = value >> 31;
  }

  setPointer(index: number, argument: number, low: number, high: number): void {
    const at = this.at(index) + FIRST_ARG + 2 * argument;
    this.words[at] = low;
    this.words[at + 1] = high;
  }

  /** Was the last run of the block handed over or dispatched? */
  pending(index: number): boolean {
    return this.words[this.at(index) + PENDING] !== 0;
  }

  /** Its result, or -errno; never a pending one's. */
  run(index: number): number {
    return this.#native.call(this.first + index);
  }

  /** Runs blocks until one is handed over; how many, that one included. */
  runMany(index: number, count: number): number {
    return this.#native.callMany(this.first + index, count);
  }

  /** Gives the call to a waiting thread; false if there is none, or no more may be made. */
  dispatch(index: number): boolean {
    this.#native.dispatch(this.first + index, false);
    return this.pending(index);
  }

  release(): void {
    for (const call of this.#calls) call.release();
  }
}
