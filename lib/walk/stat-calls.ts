import { constants } from 'node:fs';
import { CALL_WORDS, FIRST_ARG, RESULT } from '../kernel/call-layout.ts';
import { type Batch, type Loop, MOST_IN_BATCH, type Slot } from '../loop/index.ts';
import { AT_SYMLINK_NOFOLLOW, NEWFSTATAT } from './call-numbers.ts';
import type { DirectoryBuffer } from './directory.ts';
import { D_NAME, D_RECLEN, DOT, isDotOrDotDot } from './dirent.ts';
import type { Entries } from './entries.ts';
import type { InFlight } from './in-flight.ts';
import { STATS, type WalkMemory } from './memory.ts';
import { MODE, SIZE, STAT_WORDS } from './stat.ts';

const { S_IFMT, S_IFREG } = constants;

/** Words of a block, from where it begins: in one object, for locals of hot loops. */
const PARTS = Object.freeze({
  WORDS: CALL_WORDS,
  /** The directory that a name is looked up in. */
  FD: FIRST_ARG,
  NAME: FIRST_ARG + 2,
  STAT: FIRST_ARG + 4,
  FLAGS: FIRST_ARG + 6,
  RESULT,
});

export interface StatCallsOptions {
  readonly loop: Pick<Loop, 'batch'>;
  readonly memory: WalkMemory;
  readonly entries: Entries;
  readonly inFlight: InFlight;
  /** Called when the last call that points into a buffer with state `submitted` is over. */
  readonly drained: (buffer: DirectoryBuffer) => void;
}

/**
 * newfstatat for the names of a directory buffer, a batch at a time: the name pointer goes into a
 * block, and nothing else of a block changes within a directory.
 */
export class StatCalls {
  readonly #batch: Batch;
  readonly #memory: WalkMemory;
  readonly #entries: Entries;
  readonly #inFlight: InFlight;
  readonly #drained: (buffer: DirectoryBuffer) => void;
  /** The name of each block, as an offset in the memory. */
  readonly #names = new Int32Array(MOST_IN_BATCH);
  /** The struct stat that each block writes to, as an index of the memory's words. */
  readonly #stats = new Int32Array(MOST_IN_BATCH);
  /** Those that no block and no call in flight writes to. */
  readonly #free = Array.from({ length: STATS }, (_, i) => (STATS - 1 - i) * STAT_WORDS);
  /** What the blocks' descriptor and upper halves of names are set for. */
  #fd = -1;
  #high = -1;

  constructor({ loop, memory, entries, inFlight, drained }: StatCallsOptions) {
    this.#batch = loop.batch(NEWFSTATAT);
    this.#memory = memory;
    this.#entries = entries;
    this.#inFlight = inFlight;
    this.#drained = drained;
    for (let block = 0; block < MOST_IN_BATCH; block++) {
      this.#batch.words[this.#batch.at(block) + PARTS.FLAGS] = AT_SYMLINK_NOFOLLOW;
      this.#renew(block);
    }
  }

  /** Looks at the next names of a buffer; its `at` moves on. Nothing else changes its state. */
  submit(buffer: DirectoryBuffer, fd: number): void {
    this.#aim(fd, this.#memory.high(buffer.start));
    const count = this.#fill(buffer);
    let next = 0;
    while (next < count) {
      this.#inFlight.makeRoom();
      const end = next + this.#batch.run(next, count - next);
      const { away } = this.#batch;
      if (away !== undefined) this.#wentAway(away, buffer, end - 1);
      this.#settle(buffer, next, away === undefined ? end : end - 1);
      next = end;
    }
  }

  #aim(fd: number, high: number): void {
    if (fd === this.#fd && high === this.#high) return;
    this.#fd = fd;
    this.#high = high;
    const { words } = this.#batch;
    const { WORDS, FD, NAME } = PARTS;
    const end = this.#batch.at(MOST_IN_BATCH);
    for (let at = this.#batch.at(0); at < end; at += WORDS) {
      words[at + FD] = fd;
      words[at + NAME + 1] = high;
    }
  }

  /** Puts names into blocks: how many. The lower half of an address wraps as the sum does. */
  #fill(buffer: DirectoryBuffer): number {
    const { bytes, halves } = this.#memory;
    const { words } = this.#batch;
    const { WORDS, NAME } = PARTS;
    const names = this.#names;
    const low = this.#memory.low(0);
    const end = buffer.end;
    let at = buffer.at;
    let block = this.#batch.at(0) + NAME;
    let count = 0;
    while (at < end && count < MOST_IN_BATCH) {
      const name = at + D_NAME;
      at += halves[(at + D_RECLEN) >> 1] as number;
      if (bytes[name] === DOT && isDotOrDotDot(bytes, name)) continue;
      words[block] = (low + name) | 0;
      names[count++] = name;
      block += WORDS;
    }
    buffer.at = at;
    return count;
  }

  /** Blocks whose calls ran at once. A file that nobody wants to know by name is only summed. */
  #settle(buffer: DirectoryBuffer, from: number, end: number): void {
    const { words } = this.#memory;
    const calls = this.#batch.words;
    const stats = this.#stats;
    const { WORDS, RESULT } = PARTS;
    const { sumsOnly } = this.#entries;
    let block = this.#batch.at(from) + RESULT;
    let files = 0;
    let low = 0;
    let high = 0;
    for (let i = from; i < end; i++) {
      const result = calls[block] as number;
      const stat = stats[i] as number;
      block += WORDS;
      if (sumsOnly && result === 0 && ((words[stat + MODE] as number) & S_IFMT) === S_IFREG) {
        files++;
        low += (words[stat + SIZE] as number) >>> 0;
        high += words[stat + SIZE + 1] as number;
      } else this.#settleOne(buffer, i, result);
    }
    this.#entries.tally.files += files;
    this.#entries.tally.addBytes(low, high);
  }

  #settleOne(buffer: DirectoryBuffer, block: number, result: number): void {
    const stat = this.#stats[block] as number;
    this.#entries.settle(buffer, this.#names[block] as number, stat, result);
  }

  /** The call of a name is not over. It keeps its struct stat, and the block gets another one. */
  #wentAway(slot: Slot, buffer: DirectoryBuffer, block: number): void {
    const name = this.#names[block] as number;
    const stat = this.#stats[block] as number;
    buffer.pending++;
    this.#inFlight.add(slot, (result) => this.#completed(buffer, name, stat, result));
    this.#renew(block);
  }

  #completed(buffer: DirectoryBuffer, name: number, stat: number, result: number): void {
    this.#entries.settle(buffer, name, stat, result);
    this.#free.push(stat);
    buffer.pending--;
    if (buffer.pending === 0 && buffer.state === 'submitted') this.#drained(buffer);
  }

  /** Gives a block a struct stat that no call writes to, as soon as there is one. */
  #renew(block: number): void {
    while (this.#free.length === 0) this.#inFlight.wait();
    const stat = this.#free.pop() as number;
    this.#stats[block] = stat;
    const offset = stat * Int32Array.BYTES_PER_ELEMENT;
    const at = this.#batch.at(block) + PARTS.STAT;
    this.#batch.words[at] = this.#memory.low(offset);
    this.#batch.words[at + 1] = this.#memory.high(offset);
  }

  release(): void {
    this.#batch.release();
  }
}
