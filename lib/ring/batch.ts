import { checkInteger } from '../check.ts';
import {
  COMP_WORDS,
  DATA_HIGH,
  DATA_LOW,
  MAX_ELEMENTS,
  STATUS_HIGH,
  STATUS_LOW,
} from './layout.ts';
import { signed, unsigned } from './number.ts';

/** A preallocated array that `CompletionRing.reapInto` fills: nothing is allocated. */
export class CompletionBatch {
  declare readonly capacity: number;
  /** Completions of the last reap. */
  length = 0;
  /** struct syslet_completion after struct syslet_completion, as the ring has them. */
  declare readonly words: Int32Array;

  constructor(capacity: number) {
    this.capacity = checkInteger('capacity', capacity, 1, MAX_ELEMENTS);
    this.words = new Int32Array(capacity * COMP_WORDS);
  }

  /** A call's result, exact up to 2^53; -errno if it failed. */
  status(index: number): number {
    const at = this.place(index);
    return signed(this.words[at + STATUS_LOW] as number, this.words[at + STATUS_HIGH] as number);
  }

  /** What the submission gave to recognize it by, exact up to 2^53. */
  callerData(index: number): number {
    const at = this.place(index);
    return unsigned(this.words[at + DATA_LOW] as number, this.words[at + DATA_HIGH] as number);
  }

  private place(index: number): number {
    if (index >>> 0 === index && index < this.length) return index * COMP_WORDS;
    throw new RangeError(`completion ${index}: the batch holds ${this.length}`);
  }
}
