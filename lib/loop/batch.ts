import type { BlockRow } from '../kernel/index.ts';
import { upperHalf } from '../ring/index.ts';
import { effectOf } from './descriptor-calls.ts';
import type { Loop } from './loop.ts';
import { Site } from './site.ts';
import type { Slot } from './slot.ts';
import type { Starter } from './starter.ts';

/**
 * Calls of one number whose blocks lie one after the other: one crossing into the addon makes many of
 * them, and their results are stored in place. What changes from call to call is stored by plain stores.
 *
 * A call that blocks becomes the call of a slot, as the kernel side has a copy of its block: the block
 * can be used again at once. While calls are expected to block, each of them is made by a slot.
 */
export class Batch {
  /** Words of all blocks; that of call `index` begins at(index). */
  readonly words: Int32Array;
  /** The last call of the latest run() is not over, and is this slot's: set its owner. */
  away: Slot | undefined;
  readonly #loop: Loop;
  readonly #starter: Starter;
  readonly #nr: number;
  readonly #row: BlockRow;
  readonly #site = new Site();
  /** It will have the next call that is handed over: all blocks have its id. */
  #next: Slot | undefined;
  #isReleased = false;

  /** Made by Loop.batch. */
  constructor(loop: Loop, starter: Starter, nr: number, newRow: () => BlockRow) {
    this.#loop = loop;
    this.#starter = starter;
    if (effectOf(nr)) throw new TypeError(`call ${nr} closes or makes descriptors: run() makes it`);
    this.#nr = nr;
    this.#row = newRow();
    this.#row.setNumber(nr);
    this.words = this.#row.words;
  }

  /** Where the block of a call begins in `words`: kernel/call-layout.ts has its parts. */
  at(index: number): number {
    return this.#row.wordsAt(index);
  }

  /**
   * Makes calls from `index` on, until one is not over or `count` have been made: how many. The results
   * of those that are over are in their blocks; nobody else is told of them.
   */
  run(index: number, count: number): number {
    this.away = undefined;
    if (this.#isReleased) throw new TypeError("the batch was released: its blocks are others'");
    if (this.#site.expectsBlock && this.#loop.settings.predict) return this.#runOne(index);
    // Before they are made: its reap tells of calls that are over, and theirs has no owner before `away`.
    const next = this.#next ?? this.#newNext();
    this.#next = next;
    const made = this.#row.run(index, count);
    if (!this.#row.at(index + made - 1).pending) {
      this.#starter.endedAtOnce(this.#site, made);
    } else {
      this.#starter.endedAtOnce(this.#site, made - 1);
      this.away = next;
      this.#next = undefined;
      this.#starter.handedOver(next, this.#site);
    }
    return made;
  }

  #runOne(index: number): number {
    const block = this.#row.at(index);
    const slot = this.#loop.next().begin(this.#nr);
    slot.copyArguments(block);
    const result = this.#loop.runAt(this.#site, slot);
    block.setResult(result, upperHalf(result));
    if (slot.busy) this.away = slot;
    return 1;
  }

  #newNext(): Slot {
    const slot = this.#loop.next().begin(this.#nr);
    this.#row.setCallerData(slot.id);
    return slot;
  }

  /** Gives the blocks back. Calls that are not over stay with their slots. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (this.#next !== undefined) this.#loop.done(this.#next);
    this.#row.release();
  }
}
