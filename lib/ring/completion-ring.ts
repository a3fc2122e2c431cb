import { checkInteger, expected } from '../check.ts';
import { native, whyNoNative } from '../native.ts';
import { afterReap } from './after-reap.ts';
import type { CompletionBatch } from './batch.ts';
import { checkElements, checkPlace, readElements } from './check-ring.ts';
import {
  COMP,
  COMP_WORDS,
  DATA_HIGH,
  DATA_LOW,
  ELEMENTS,
  KERNEL_HEAD,
  ringBytes,
  STATUS_HIGH,
  STATUS_LOW,
  USER_TAIL,
  WAIT_GROUP,
} from './layout.ts';
import { signed, unsigned } from './number.ts';
import { ringWait, type WaitOptions } from './wait.ts';

export interface RingOptions {
  /** Chooses mutex and wait queue of the kernel side; rings with one number share them. */
  readonly waitGroup?: number;
  /** Memory for the ring; default: a SharedArrayBuffer of its own. */
  readonly buffer?: SharedArrayBuffer;
  readonly byteOffset?: number;
}

/** `status` is a call's result or -errno, `callerData` what its submission gave. */
export type OnCompletion = (status: number, callerData: number) => void;
export type OnBigCompletion = (status: bigint, callerData: bigint) => void;

let nextWaitGroup = 0;

/**
 * The user's side of `struct syslet_ring` (16 bytes and 16 for each element, aligned to 8) in a
 * SharedArrayBuffer. Several contexts may complete into one ring; one thread at a time reaps.
 */
export class CompletionRing {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly elements: number;
  readonly byteLength: number;
  /** Completions that were overwritten before they were reaped (overflow policy `v7`). */
  overwritten = 0;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #mask: number;
  #address: bigint | undefined;
  #reaping = false;
  #count = 0;

  private constructor(buffer: SharedArrayBuffer, byteOffset: number, elements: number) {
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.elements = elements;
    this.byteLength = ringBytes(elements);
    this.#words = new Int32Array(buffer, byteOffset, this.byteLength / 4);
    this.#mask = elements - 1;
  }

  /** An empty ring of `elements`, a power of two. */
  static create(elements: number, options: RingOptions = {}): CompletionRing {
    checkElements(elements);
    const { waitGroup = nextWaitGroup++ % 0x1_0000_0000, byteOffset = 0 } = options;
    checkInteger('waitGroup', waitGroup, 0, 0xffff_ffff);
    const buffer = options.buffer ?? new SharedArrayBuffer(byteOffset + ringBytes(elements));
    checkPlace(buffer, byteOffset, elements);
    const ring = new CompletionRing(buffer, byteOffset, elements);
    ring.#words.fill(0);
    ring.#words[ELEMENTS] = elements;
    ring.#words[WAIT_GROUP] = waitGroup;
    return ring;
  }

  /** The ring that another thread created at this place. */
  static over(buffer: SharedArrayBuffer, byteOffset = 0): CompletionRing {
    return new CompletionRing(buffer, byteOffset, readElements(buffer, byteOffset));
  }

  /** Where the kernel side finds it. */
  get address(): bigint {
    this.#address ??= native().addressOf(this.#words);
    return this.#address;
  }

  get waitGroup(): number {
    return (this.#words[WAIT_GROUP] as number) >>> 0;
  }

  /** Index of the next completion to be stored; wraps at 2^32. */
  get kernelHead(): number {
    return Atomics.load(this.#words, KERNEL_HEAD) >>> 0;
  }

  /** Index of the next completion to be reaped; wraps at 2^32. */
  get userTail(): number {
    return Atomics.load(this.#words, USER_TAIL) >>> 0;
  }

  /** Completions that can be reaped now. */
  get unread(): number {
    const count = (this.kernelHead - this.userTail) >>> 0;
    return count < this.elements ? count : this.elements;
  }

  /** Throws if the header no longer says what it said when this object was made. */
  validate(): void {
    const elements = (this.#words[ELEMENTS] as number) >>> 0;
    if (elements === this.elements) return;
    throw new RangeError(
      `the ring's elements is ${elements}, expected ${this.elements}: something wrote over its header`,
    );
  }

  /**
   * Calls `onCompletion` for each completion, at most `limit`; how many. A completion whose
   * callback throws counts as reaped. Numbers are exact up to 2^53; see reapBig.
   */
  reap(onCompletion: OnCompletion, limit: number = this.elements): number {
    const words = this.#words;
    const mask = this.#mask;
    checkCallback(onCompletion);
    const first = this.#begin(limit);
    const count = this.#count;
    let done = 0;
    try {
      while (done < count) {
        const at = COMP + ((first + done++) & mask) * COMP_WORDS;
        onCompletion(
          signed(words[at + STATUS_LOW] as number, words[at + STATUS_HIGH] as number),
          unsigned(words[at + DATA_LOW] as number, words[at + DATA_HIGH] as number),
        );
      }
    } finally {
      this.#end(first, done);
    }
    return count;
  }

  /** As reap, with all 64 bits of both values. */
  reapBig(onCompletion: OnBigCompletion, limit: number = this.elements): number {
    checkCallback(onCompletion);
    const first = this.#begin(limit);
    const count = this.#count;
    let done = 0;
    try {
      while (done < count) {
        const at = COMP + ((first + done++) & this.#mask) * COMP_WORDS;
        const status = pair(this.#words, at + STATUS_LOW, at + STATUS_HIGH);
        onCompletion(BigInt.asIntN(64, status), pair(this.#words, at + DATA_LOW, at + DATA_HIGH));
      }
    } finally {
      this.#end(first, done);
    }
    return count;
  }

  /** Fills `batch` with as many completions as it takes; how many. */
  reapInto(batch: CompletionBatch): number {
    const words = this.#words;
    const mask = this.#mask;
    const { statusLow, statusHigh, callerDataLow, callerDataHigh } = batch;
    const first = this.#begin(batch.capacity);
    const count = this.#count;
    for (let i = 0; i < count; i++) {
      const at = COMP + ((first + i) & mask) * COMP_WORDS;
      statusLow[i] = words[at + STATUS_LOW] as number;
      statusHigh[i] = words[at + STATUS_HIGH] as number;
      callerDataLow[i] = words[at + DATA_LOW] as number;
      callerDataHigh[i] = words[at + DATA_HIGH] as number;
    }
    batch.length = count;
    this.#end(first, count);
    return count;
  }

  /** Sleeps until there is a completion: true; false when `timeoutMs` have passed before. */
  wait(options?: WaitOptions): boolean {
    const tail = this.userTail;
    return this.kernelHead !== tail || ringWait(this.address, tail, options);
  }

  /**
   * Returns the index to reap from, and leaves in #count how many to reap. Ends in #end.
   *
   * Acquire: the head before the completions that it covers. Pairs with smp_wmb in store_in_slot
   * of native/kernel/ring.c.
   */
  #begin(limit: number): number {
    if (this.#reaping) throw new Error('the ring is being reaped: a callback reaps it again');
    if (limit !== this.elements) checkInteger('limit', limit, 0, Number.MAX_SAFE_INTEGER);
    const tail = this.#words[USER_TAIL] as number;
    const unread = (Atomics.load(this.#words, KERNEL_HEAD) - tail) >>> 0;
    const there = unread > this.elements ? this.#skipOverwritten(unread) : unread;
    this.#reaping = true;
    this.#count = there < limit ? there : limit;
    return tail + (unread - there);
  }

  #skipOverwritten(unread: number): number {
    this.overwritten += unread - this.elements;
    return this.elements;
  }

  /**
   * Release: what was read, before the tail that lets the kernel side overwrite it. Pairs with the
   * load of user_tail in ring_unread of native/kernel/ring.c.
   *
   * The head is read again after a full barrier: a completer that found the ring full by the old
   * tail stored its predecessor's head before, so that one of the two sees the other, and it is
   * woken (overflow policy `block`).
   */
  #end(first: number, count: number): void {
    const words = this.#words;
    this.#reaping = false;
    if (count === 0) return;
    Atomics.store(words, USER_TAIL, (first + count) | 0);
    const unreadBefore = (Atomics.load(words, KERNEL_HEAD) - first) >>> 0;
    if (unreadBefore >= this.elements) this.#wakeWhoWaitsForRoom();
    afterReap();
  }

  /** Without the addon in this process nothing completes, and nothing waits. */
  #wakeWhoWaitsForRoom(): void {
    if (whyNoNative() === undefined) native().ringRoom(this.address);
  }
}

function checkCallback(callback: unknown): void {
  if (typeof callback === 'function') return;
  throw new TypeError(expected('onCompletion', callback, 'a function'));
}

function pair(words: Int32Array, low: number, high: number): bigint {
  const upper = BigInt((words[high] as number) >>> 0);
  return (upper << 32n) | BigInt((words[low] as number) >>> 0);
}
