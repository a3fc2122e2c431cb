import { addressOf, MOST_IN_BATCH } from '../loop/index.ts';
import { DirectoryBuffer } from './directory.ts';
import { STAT_BYTES, STAT_WORDS } from './stat.ts';

/** Names that a walk looks up at the same time, at most: an OS thread each. */
const IN_FLIGHT = 256;
/** One for each call in flight, and one for each call of a batch. */
export const STATS = IN_FLIGHT + MOST_IN_BATCH;

/** As much as glibc's readdir reads at once. A power of two. */
export const BUFFER_BYTES = 32 * 1024;
/** Directories that are open and not yet read to their end. */
export const BUFFERS = 128;

const HALF = 2 ** 32;

/**
 * All memory that calls of a walk write to or read names from: it does not move, and lives until
 * the last of them is over. The pages of buffers that were never needed take no memory.
 */
export class WalkMemory {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** d_reclen is read as one of these. */
  readonly halves: Uint16Array<SharedArrayBuffer>;
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly buffers: readonly DirectoryBuffer[];
  readonly #base: number;

  constructor() {
    const stats = STATS * STAT_BYTES;
    const memory = new SharedArrayBuffer(stats + (BUFFERS + 1) * BUFFER_BYTES);
    this.bytes = new Uint8Array(memory);
    this.halves = new Uint16Array(memory);
    this.words = new Int32Array(memory);
    this.#base = addressOf(this.bytes, 'memory');
    // aligned, so that the upper half of an address is one for a whole buffer
    const first = Math.ceil((this.#base + stats) / BUFFER_BYTES) * BUFFER_BYTES - this.#base;
    this.buffers = Array.from(
      { length: BUFFERS },
      (_, index) => new DirectoryBuffer(index, first + index * BUFFER_BYTES),
    );
  }

  /** Of the byte at `offset`. */
  address(offset: number): number {
    return this.#base + offset;
  }

  /** Lower half of its address. */
  low(offset: number): number {
    return (this.#base + offset) | 0;
  }

  high(offset: number): number {
    return Math.floor((this.#base + offset) / HALF);
  }

  /** Where the struct stat of a number begins, as an index of `words`. */
  statAt(stat: number): number {
    return stat * STAT_WORDS;
  }
}
