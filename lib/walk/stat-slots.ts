import { type Blocks, PARTS } from './blocks.ts';
import type { DirectoryBuffer } from './directory.ts';
import { STATS, type WalkMemory } from './memory.ts';

/**
 * Which struct stat each block writes to, and of each one that a call in flight writes to, which
 * name it is of. The number of a struct stat is the caller_data of its call.
 */
export class StatSlots {
  /** Of each block, the struct stat as an index of the memory's words. */
  readonly statAt: Int32Array;
  readonly #memory: WalkMemory;
  readonly #blocks: Blocks;
  readonly #statOf: Int32Array;
  readonly #bufferOf = new Int32Array(STATS);
  readonly #nameOf = new Int32Array(STATS);
  readonly #free: number[];

  constructor(memory: WalkMemory, blocks: Blocks, count: number) {
    this.#memory = memory;
    this.#blocks = blocks;
    this.statAt = new Int32Array(count);
    this.#statOf = new Int32Array(count);
    this.#free = Array.from({ length: STATS }, (_, i) => STATS - 1 - i);
    for (let block = 0; block < count; block++) this.renew(block);
  }

  /** Nothing more can be in flight. */
  get full(): boolean {
    return this.#free.length === 0;
  }

  /** Gives a block a struct stat that no call writes to. Precondition: not full. */
  renew(block: number): void {
    this.#aim(block, this.#free.pop() as number);
  }

  /** The call of a block is in flight: its struct stat belongs to that call. */
  away(block: number, buffer: DirectoryBuffer, name: number): void {
    const stat = this.#statOf[block] as number;
    this.#bufferOf[stat] = buffer.index;
    this.#nameOf[stat] = name;
  }

  bufferOf(stat: number): DirectoryBuffer {
    return this.#memory.buffers[this.#bufferOf[stat] as number] as DirectoryBuffer;
  }

  nameOf(stat: number): number {
    return this.#nameOf[stat] as number;
  }

  free(stat: number): void {
    this.#free.push(stat);
  }

  #aim(block: number, stat: number): void {
    const words = this.#memory.statAt(stat);
    this.#statOf[block] = stat;
    this.statAt[block] = words;
    const offset = words * Int32Array.BYTES_PER_ELEMENT;
    const at = this.#blocks.at(block);
    this.#blocks.words[at + PARTS.STAT] = this.#memory.low(offset);
    this.#blocks.words[at + PARTS.STAT + 1] = this.#memory.high(offset);
    this.#blocks.words[at + PARTS.CALLER] = stat;
  }
}
