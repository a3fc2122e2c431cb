import { constants } from 'node:fs';
import { type Blocks, PARTS } from './blocks.ts';
import { AT_SYMLINK_NOFOLLOW, NEWFSTATAT } from './call-numbers.ts';
import type { CallCounts } from './counts.ts';
import type { DirectoryBuffer } from './directory.ts';
import { D_NAME, D_RECLEN, DOT, isDotOrDotDot } from './dirent.ts';
import type { Entries } from './entries.ts';
import type { InFlight } from './in-flight.ts';
import { BATCH, type WalkMemory } from './memory.ts';
import { Predictor } from './predictor.ts';
import { MODE, SIZE } from './stat.ts';
import { StatSlots } from './stat-slots.ts';

const { S_IFMT, S_IFREG } = constants;
export const STAT_BLOCKS = BATCH;

export interface StatCallsOptions {
  readonly memory: WalkMemory;
  readonly blocks: Blocks;
  readonly entries: Entries;
  readonly inFlight: InFlight;
  readonly counts: CallCounts;
  /** Called when the last call that points into a buffer with state `submitted` is over. */
  readonly drained: (buffer: DirectoryBuffer) => void;
}

/**
 * newfstatat for the names of a directory buffer, a batch at a time: the name pointer goes into a
 * block, and nothing else of a block changes within a directory.
 */
export class StatCalls {
  readonly #memory: WalkMemory;
  readonly #blocks: Blocks;
  readonly #entries: Entries;
  readonly #inFlight: InFlight;
  readonly #counts: CallCounts;
  readonly #slots: StatSlots;
  readonly #drained: (buffer: DirectoryBuffer) => void;
  readonly #predictor = new Predictor();
  /** The name of each block, as an offset in the memory. */
  readonly #names = new Int32Array(STAT_BLOCKS);
  /** What the blocks' descriptor and upper halves of names are set for. */
  #fd = -1;
  #high = -1;

  constructor({ memory, blocks, entries, inFlight, counts, drained }: StatCallsOptions) {
    this.#memory = memory;
    this.#blocks = blocks;
    this.#entries = entries;
    this.#inFlight = inFlight;
    this.#counts = counts;
    this.#drained = drained;
    this.#slots = new StatSlots(memory, blocks, STAT_BLOCKS);
    for (let block = 0; block < STAT_BLOCKS; block++) {
      blocks.setNumber(block, NEWFSTATAT);
      blocks.setInteger(block, 3, AT_SYMLINK_NOFOLLOW);
    }
  }

  /** Looks at the next names of a buffer; its `at` moves on. Nothing else changes its state. */
  submit(buffer: DirectoryBuffer, fd: number): void {
    this.#aim(fd, this.#memory.high(buffer.start));
    const count = this.#fill(buffer);
    if (this.#predictor.dispatches) this.#dispatchMany(buffer, 0, count);
    else this.#runMany(buffer, 0, count);
  }

  /** The call with this struct stat is over. */
  completed(stat: number, status: number): void {
    const buffer = this.#slots.bufferOf(stat);
    this.#entries.settle(buffer, this.#slots.nameOf(stat), this.#memory.statAt(stat), status);
    this.#slots.free(stat);
    buffer.pending--;
    if (buffer.pending === 0 && buffer.state === 'submitted') this.#drained(buffer);
  }

  #aim(fd: number, high: number): void {
    if (fd === this.#fd && high === this.#high) return;
    this.#fd = fd;
    this.#high = high;
    const { words } = this.#blocks;
    const { WORDS, FD, NAME } = PARTS;
    const end = this.#blocks.at(STAT_BLOCKS);
    for (let at = this.#blocks.at(0); at < end; at += WORDS) {
      words[at + FD] = fd;
      words[at + NAME + 1] = high;
    }
  }

  /** Puts names into blocks: how many. The lower half of an address wraps as the sum does. */
  #fill(buffer: DirectoryBuffer): number {
    const { bytes, halves } = this.#memory;
    const { words } = this.#blocks;
    const { WORDS, NAME } = PARTS;
    const names = this.#names;
    const low = this.#memory.low(0);
    const end = buffer.end;
    let at = buffer.at;
    let block = this.#blocks.at(0) + NAME;
    let count = 0;
    while (at < end && count < BATCH) {
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

  #runMany(buffer: DirectoryBuffer, from: number, count: number): void {
    let next = from;
    while (next < count) {
      const end = next + this.#blocks.runMany(next, count - next);
      if (this.#blocks.pending(end - 1)) {
        this.#handedOver(buffer, end - 1);
        this.#settle(buffer, next, end - 1);
        if (this.#predictor.dispatches) {
          this.#dispatchMany(buffer, end, count);
          return;
        }
      } else this.#settle(buffer, next, end);
      next = end;
    }
  }

  /** Blocks whose calls ran at once. A file that nobody wants to know by name is only summed. */
  #settle(buffer: DirectoryBuffer, from: number, end: number): void {
    const { words } = this.#memory;
    const calls = this.#blocks.words;
    const statAt = this.#slots.statAt;
    const { WORDS, RESULT } = PARTS;
    const { sumsOnly } = this.#entries;
    let block = this.#blocks.at(from) + RESULT;
    let files = 0;
    let low = 0;
    let high = 0;
    for (let i = from; i < end; i++) {
      const result = calls[block] as number;
      const stat = statAt[i] as number;
      block += WORDS;
      if (sumsOnly && result === 0 && ((words[stat + MODE] as number) & S_IFMT) === S_IFREG) {
        files++;
        low += (words[stat + SIZE] as number) >>> 0;
        high += words[stat + SIZE + 1] as number;
      } else this.#settleOne(buffer, i, result);
    }
    this.#counts.inline += end - from;
    this.#predictor.ran(end - from);
    this.#entries.tally.files += files;
    this.#entries.tally.addBytes(low, high);
  }

  #settleOne(buffer: DirectoryBuffer, block: number, result: number): void {
    const stat = this.#slots.statAt[block] as number;
    this.#entries.settle(buffer, this.#names[block] as number, stat, result);
  }

  #dispatchMany(buffer: DirectoryBuffer, from: number, count: number): void {
    for (let block = from; block < count; block++) {
      if (this.#predictor.shouldProbe()) this.#probe(buffer, block);
      else this.#dispatch(buffer, block);
    }
  }

  /** One call inline, to see whether calls still block. */
  #probe(buffer: DirectoryBuffer, block: number): void {
    const result = this.#blocks.run(block);
    if (this.#blocks.pending(block)) {
      this.#handedOver(buffer, block);
      return;
    }
    this.#predictor.probeRan();
    this.#counts.inline++;
    this.#settleOne(buffer, block, result);
  }

  /** Where no waiting thread can be had, the call runs here. */
  #dispatch(buffer: DirectoryBuffer, block: number): void {
    if (!this.#blocks.dispatch(block)) {
      this.#probe(buffer, block);
      return;
    }
    this.#counts.dispatches++;
    this.#inFlight.count++;
    this.#away(buffer, block);
    this.#renew(block);
  }

  #handedOver(buffer: DirectoryBuffer, block: number): void {
    this.#counts.handOffs++;
    this.#predictor.blocked();
    this.#inFlight.count++;
    this.#away(buffer, block);
    this.#renew(block);
  }

  /** A call of this buffer is not over yet. */
  #away(buffer: DirectoryBuffer, block: number): void {
    buffer.pending++;
    this.#slots.away(block, buffer, this.#names[block] as number);
  }

  /** Another struct stat for a block: as soon as a call in flight gives its own back. */
  #renew(block: number): void {
    while (this.#slots.full) this.#inFlight.wait();
    this.#slots.renew(block);
  }
}
