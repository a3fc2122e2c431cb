import { native } from '../native.ts';
import { ELEMENTS, KERNEL_HEAD, ringBytes, USER_TAIL, WAIT_GROUP } from './layout.ts';

/** Memory of a ring, and what its header says. */
export class RingHeader {
  // `declare`, and set once in the constructor: a field that is undefined first makes each use of
  // it twice as slow
  declare readonly buffer: SharedArrayBuffer;
  declare readonly byteOffset: number;
  declare readonly elements: number;
  declare readonly byteLength: number;
  declare protected readonly words: Int32Array<SharedArrayBuffer>;
  #address: bigint | undefined;

  protected constructor(buffer: SharedArrayBuffer, byteOffset: number, elements: number) {
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.elements = elements;
    this.byteLength = ringBytes(elements);
    this.words = new Int32Array(buffer, byteOffset, this.byteLength / 4);
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
}
