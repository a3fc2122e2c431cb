import { checkInteger } from '../check.ts';
import { native, whyNoNative } from '../native.ts';
import { afterReap } from './after-reap.ts';
import type { CompletionBatch } from './batch.ts';
import { checkCallback, checkElements, checkPlace, readElements } from './check-ring.ts';
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
import { pair } from './number.ts';
import { ringWait, type WaitOptions } from './wait.ts';

export interface RingOptions {
  /** Chooses mutex and wait queue of the kernel side; rings with one number share them. */
  readonly waitGroup?: number;
  /**
   * Memory for the ring; default: a SharedArrayBuffer of its own. One in which a ring was before must
   * have no call in flight: for some microseconds after its last completion was seen, `reserve` still
   * counts that call, and would refuse one of the new ring's.
   */
  readonly buffer?: SharedArrayBuffer;
  readonly byteOffset?: number;
}

/** `status` is a call's result or -errno, `callerData` what its submission gave. */
export type OnCompletion = (status: number, callerData: number) => void;
export type OnBigCompletion = (status: bigint, callerData: bigint) => void;

let nextWaitGroup = 0;

/** Words of a completion, in a local: an import is loaded anew in each iteration. */
const PARTS = Object.freeze({ STATUS_LOW, STATUS_HIGH, DATA_LOW, DATA_HIGH });

// A completion is copied and stepped over as four words, written out in the loops below
if (COMP_WORDS !== 4) throw new Error(`struct syslet_completion has ${COMP_WORDS} words, not 4`);

/**
 * The user's side of `struct syslet_ring` (16 bytes and 16 for each element, aligned to 8) in a
 * SharedArrayBuffer. Several contexts may complete into one ring; one thread at a time reaps.
 */
export class CompletionRing {
  // `declare`, and set once in the constructor: a field that is undefined first makes each use of
  // it twice as slow
  declare readonly buffer: SharedArrayBuffer;
  declare readonly byteOffset: number;
  declare readonly elements: number;
  declare readonly byteLength: number;
  /** Completions that were overwritten before they were reaped (overflow policy `v7`). */
  overwritten = 0;
  declare private readonly words: Int32Array<SharedArrayBuffer>;
  declare private readonly mask: number;
  declare private readonly comp: Int32Array<SharedArrayBuffer>;
  private reaping = false;
  private count = 0;
  #address: bigint | undefined;

  private constructor(buffer: SharedArrayBuffer, byteOffset: number, elements: number) {
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.elements = elements;
    this.byteLength = ringBytes(elements);
    this.words = new Int32Array(buffer, byteOffset, this.byteLength / 4);
    this.comp = this.words.subarray(COMP);
    this.mask = elements - 1;
  }

  /** An empty ring of `elements`, a power of two. */
  static create(elements: number, options: RingOptions = {}): CompletionRing {
    checkElements(elements);
    const { waitGroup = nextWaitGroup++ % 0x1_0000_0000, byteOffset = 0 } = options;
    checkInteger('waitGroup', waitGroup, 0, 0xffff_ffff);
    const buffer = options.buffer ?? new SharedArrayBuffer(byteOffset + ringBytes(elements));
    checkPlace(buffer, byteOffset, elements);
    const ring = new CompletionRing(buffer, byteOffset, elements);
    ring.words.fill(0);
    ring.words[ELEMENTS] = elements;
    ring.words[WAIT_GROUP] = waitGroup;
    return ring;
  }

  /** The ring that another thread created at this place. */
  static over(buffer: SharedArrayBuffer, byteOffset = 0): CompletionRing {
    return new CompletionRing(buffer, byteOffset, readElements(buffer, byteOffset));
  }

  /** Where the kernel side finds it. */
  get address(): bigint {
    this.#address ??= native().addressOf(this.words);
    return this.#address;
  }

  get waitGroup(): number {
    return (this.words[WAIT_GROUP] as number) >>> 0;
  }

  /** Index of the next completion to be stored; wraps at 2^32. */
  get kernelHead(): number {
    return Atomics.load(this.words, KERNEL_HEAD) >>> 0;
  }

  /** Index of the next completion to be reaped; wraps at 2^32. */
  get userTail(): number {
    return Atomics.load(this.words, USER_TAIL) >>> 0;
  }

  /** Completions that can be reaped now. */
  get unread(): number {
    const count = (this.kernelHead - this.userTail) >>> 0;
    return count < this.elements ? count : this.elements;
  }

  /** Throws if the header no longer says what it said when this object was made. */
  validate(): void {
    const elements = (this.words[ELEMENTS] as number) >>> 0;
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
    checkCallback(onCompletion);
    const { comp, mask } = this;
    const { STATUS_LOW, STATUS_HIGH, DATA_LOW, DATA_HIGH } = PARTS;
    const first = this.begin(limit);
    const end = (first + this.count) | 0;
    let tail = first;
    try {
      while (tail !== end) {
        const at = (tail & mask) << 2;
        tail = (tail + 1) | 0;
        const low = comp[at + STATUS_LOW] as number;
        const high = comp[at + STATUS_HIGH] as number;
        const dataLow = comp[at + DATA_LOW] as number;
        const dataHigh = comp[at + DATA_HIGH] as number;
        // signed() and unsigned() of number.ts: as calls of imports they take a fifth of the loop
        onCompletion(
          high === low >> 31 ? low : high * 0x1_0000_0000 + (low >>> 0),
          dataHigh === 0 ? dataLow >>> 0 : (dataHigh >>> 0) * 0x1_0000_0000 + (dataLow >>> 0),
        );
      }
    } finally {
      this.end(first, tail);
    }
    return this.count;
  }

  /** As reap, with all 64 bits of both values. */
  reapBig(onCompletion: OnBigCompletion, limit: number = this.elements): number {
    checkCallback(onCompletion);
    const { comp, mask } = this;
    const first = this.begin(limit);
    const end = (first + this.count) | 0;
    let tail = first;
    try {
      while (tail !== end) {
        const at = (tail & mask) << 2;
        tail = (tail + 1) | 0;
        const status = pair(comp, at + STATUS_LOW, at + STATUS_HIGH);
        onCompletion(BigInt.asIntN(64, status), pair(comp, at + DATA_LOW, at + DATA_HIGH));
      }
    } finally {
      this.end(first, tail);
    }
    return this.count;
  }

  /** Fills `batch` with as many completions as it takes; how many. */
  reapInto(batch: CompletionBatch): number {
    const { comp, mask } = this;
    const to = batch.words;
    const first = this.begin(batch.capacity);
    const end = (first + this.count) | 0;
    let i = 0;
    for (let tail = first; tail !== end; tail = (tail + 1) | 0) {
      const at = (tail & mask) << 2;
      to[i] = comp[at] as number;
      to[i + 1] = comp[at + 1] as number;
      to[i + 2] = comp[at + 2] as number;
      to[i + 3] = comp[at + 3] as number;
      i += 4;
    }
    batch.length = this.count;
    this.end(first, end);
    return this.count;
  }

  /** Sleeps until there is a completion: true; false when `timeoutMs` have passed before. */
  wait(options?: WaitOptions): boolean {
    const tail = this.userTail;
    return this.kernelHead !== tail || ringWait(this.address, tail, options);
  }

  /**
   * Returns the index to reap from, and leaves in count how many to reap. Goes on in end().
   *
   * Acquire: the head before the completions that it covers. Pairs with smp_wmb in store_in_slot
   * of native/kernel/ring.c.
   */
  private begin(limit: number): number {
    if (this.reaping) throw new Error('the ring is being reaped: a callback reaps it again');
    if (limit !== this.elements) checkInteger('limit', limit, 0, Number.MAX_SAFE_INTEGER);
    const tail = this.words[USER_TAIL] as number;
    const unread = (Atomics.load(this.words, KERNEL_HEAD) - tail) >>> 0;
    const there = unread > this.elements ? this.#skipOverwritten(unread) : unread;
    this.reaping = true;
    this.count = there < limit ? there : limit;
    return (tail + (unread - there)) | 0;
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
  private end(first: number, tail: number): void {
    const { words } = this;
    this.reaping = false;
    if (tail !== first) {
      Atomics.store(words, USER_TAIL, tail);
      const unreadBefore = (Atomics.load(words, KERNEL_HEAD) - first) >>> 0;
      if (unreadBefore >= this.elements) this.#wakeWhoWaitsForRoom();
    }
    afterReap();
  }

  /** Without the addon in this process nothing completes, and nothing waits. */
  #wakeWhoWaitsForRoom(): void {
    if (whyNoNative() === undefined) native().ringRoom(this.address);
  }
}
