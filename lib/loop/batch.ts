import { CALL_WORDS, CALLER_DATA, PENDING, RESULT } from '../kernel/call-layout.ts';
import type { Kernel, SysletCall } from '../kernel/index.ts';
import { native } from '../native.ts';
import type { CompletionRing } from '../ring/index.ts';
import { effectOf } from './descriptor-calls.ts';
import type { Loop } from './loop.ts';
import { MOST_IN_BATCH } from './options.ts';
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
  readonly #calls: readonly SysletCall[];
  readonly #first: number;
  readonly #site = new Site();
  readonly #callMany = native().callMany;
  /** It will have the next call that is handed over: all blocks have its id. */
  #next: Slot | undefined;
  #isReleased = false;

  /** Made by Loop.batch. */
  constructor(loop: Loop, starter: Starter, nr: number) {
    this.#loop = loop;
    this.#starter = starter;
    if (effectOf(nr)) throw new TypeError(`call ${nr} closes or makes descriptors: run() makes it`);
    this.#nr = nr;
    this.#calls = inARow(loop.kernel, loop.ring, nr);
    this.#first = (this.#calls[0] as SysletCall).slot;
    this.words = new Int32Array(loop.kernel.blocks.buffer);
  }

  /** Where the block of a call begins in `words`: kernel/call-layout.ts has its parts. */
  at(index: number): number {
    return (this.#first + index) * CALL_WORDS;
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
    const made = this.#callMany(this.#first + index, count);
    if (this.words[this.at(index + made - 1) + PENDING] === 0) {
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
    const at = this.at(index);
    const slot = this.#loop.next().begin(this.#nr);
    slot.takeArguments(at);
    this.words[at + RESULT] = this.#loop.runAt(this.#site, slot);
    if (slot.busy) this.away = slot;
    return 1;
  }

  #newNext(): Slot {
    const slot = this.#loop.next().begin(this.#nr);
    for (const call of this.#calls) this.words[call.slot * CALL_WORDS + CALLER_DATA] = slot.id;
    return slot;
  }

  /** Gives the blocks back. Calls that are not over stay with their slots. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (this.#next !== undefined) this.#loop.done(this.#next);
    for (const call of this.#calls) call.release();
  }
}

/** Blocks next to each other, wherever there are as many. */
function inARow(kernel: Kernel, ring: CompletionRing, nr: number): SysletCall[] {
  const calls: SysletCall[] = [];
  let first = 0;
  try {
    while (calls.length - first < MOST_IN_BATCH) {
      const call = kernel.newCall(nr, { ring });
      if (call.slot !== (calls.at(-1)?.slot ?? call.slot - 1) + 1) first = calls.length;
      calls.push(call);
    }
  } catch (error) {
    first = calls.length;
    throw error;
  } finally {
    for (const call of calls.splice(0, first)) call.release();
  }
  return calls;
}
