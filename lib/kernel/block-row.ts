import type { Block } from './block.ts';
import { CALL_WORDS } from './call-layout.ts';

/** What a row uses of its context. */
export interface RowHost {
  readonly words: Int32Array;
  readonly callMany: (first: number, count: number) => number;
  take(): Block;
  release(id: number): void;
}

/** Blocks that lie one after the other, so that one crossing into the addon runs many of them. */
export class BlockRow {
  /** Words of all blocks of the context, for hot loops; call-layout.ts has the parts of a block. */
  readonly words: Int32Array;
  readonly #host: RowHost;
  readonly #blocks: readonly Block[];
  readonly #first: number;

  constructor(count: number, host: RowHost) {
    this.words = host.words;
    this.#host = host;
    this.#blocks = inARow(count, host);
    this.#first = this.at(0).id;
  }

  at(index: number): Block {
    return this.#blocks[index] as Block;
  }

  /** Where the block begins in `words`. */
  wordsAt(index: number): number {
    return (this.#first + index) * CALL_WORDS;
  }

  setNumber(nr: number): void {
    for (const block of this.#blocks) block.nr = nr;
  }

  setCallerData(value: number): void {
    for (const block of this.#blocks) block.setCallerData(value);
  }

  /** Runs them from `index` on, until one is pending or `count` have run: how many. */
  run(index: number, count: number): number {
    return this.#host.callMany(this.#first + index, count);
  }

  release(): void {
    for (const { id } of this.#blocks) this.#host.release(id);
  }
}

/** Blocks next to each other, wherever there are as many. */
function inARow(count: number, host: RowHost): Block[] {
  const blocks: Block[] = [];
  let first = 0;
  try {
    while (blocks.length - first < count) {
      const block = host.take();
      if (block.id !== (blocks.at(-1)?.id ?? block.id - 1) + 1) first = blocks.length;
      blocks.push(block);
    }
  } catch (error) {
    first = blocks.length;
    throw error;
  } finally {
    for (const { id } of blocks.splice(0, first)) host.release(id);
  }
  return blocks;
}
