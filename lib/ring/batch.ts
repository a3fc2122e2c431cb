import { checkInteger } from '../check.ts';
import { MAX_ELEMENTS } from './layout.ts';
import { signed, unsigned } from './number.ts';

/** Preallocated arrays that `CompletionRing.reapInto` fills: nothing is allocated per completion. */
export class CompletionBatch {
  readonly capacity: number;
  /** Completions of the last reap. */
  length = 0;
  readonly statusLow: Int32Array;
  readonly statusHigh: Int32Array;
  readonly callerDataLow: Int32Array;
  readonly callerDataHigh: Int32Array;

  constructor(capacity: number) {
    this.capacity = checkInteger('capacity', capacity, 1, MAX_ELEMENTS);
    this.statusLow = new Int32Array(capacity);
    this.statusHigh = new Int32Array(capacity);
    this.callerDataLow = new Int32Array(capacity);
    this.callerDataHigh = new Int32Array(capacity);
  }

  /** A call's result, exact up to 2^53; -errno if it failed. */
  status(index: number): number {
    this.#check(index);
    return signed(this.statusLow[index] as number, this.statusHigh[index] as number);
  }

  /** What the submission gave to recognize it by, exact up to 2^53. */
  callerData(index: number): number {
    this.#check(index);
    return unsigned(this.callerDataLow[index] as number, this.callerDataHigh[index] as number);
  }

  #check(index: number): void {
    if (index >>> 0 === index && index < this.length) return;
    throw new RangeError(`completion ${index}: the batch holds ${this.length}`);
  }
}
