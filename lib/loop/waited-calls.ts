import type { LoopSide } from '../kernel/index.ts';
import { CompletionBatch, CompletionRing } from '../ring/index.ts';
import type { Bytes } from './addresses.ts';
import type { Tally } from './counters.ts';
import { hold } from './pins.ts';
import type { Readiness } from './readiness.ts';
import type { Slot } from './slot.ts';
import type { SlotPool } from './slot-pool.ts';

/** Calls that JavaScript waits for: one at a time, on a ring of their own. */
export class WaitedCalls {
  readonly #slots: SlotPool;
  readonly #tally: Tally;
  readonly #readiness: Readiness;
  readonly #call: LoopSide['call'];
  readonly #watched: LoopSide['callWatched'];
  /** By the ids of their slots. */
  readonly #rings = new Map<number, CompletionRing>();
  readonly #batch = new CompletionBatch(1);
  #free: Slot | undefined;

  constructor(side: LoopSide, slots: SlotPool, tally: Tally, readiness: Readiness) {
    this.#call = side.call;
    this.#watched = side.callWatched;
    this.#slots = slots;
    this.#tally = tally;
    this.#readiness = readiness;
  }

  /** A slot for one of them, until give(): code of the program's may make calls before it is run. */
  take(): Slot {
    const slot = this.#free ?? this.newSlot();
    this.#free = slot.behind;
    slot.behind = undefined;
    return slot;
  }

  give(slot: Slot): void {
    slot.behind = this.#free;
    this.#free = slot;
  }

  newSlot(): Slot {
    const ring = CompletionRing.create(2);
    const slot = this.#slots.alone(ring);
    this.#rings.set(slot.id, ring);
    return slot;
  }

  /**
   * Makes a call that mostly does not sleep, and gives its result or -errno. Memory behind an argument
   * that is a number is the caller's to keep.
   */
  make(nr: number, ...args: readonly (number | Bytes)[]): number {
    const slot = this.take().begin(nr);
    args.forEach((value, index) => {
      if (typeof value === 'number') slot.setNumber(index, value);
      else slot.setView(index, value, 'memory');
    });
    const result = this.run(slot);
    this.give(slot);
    return result;
  }

  /** Makes the call of a slot of newSlot(); if it is handed over, waits for it. */
  run(slot: Slot): number {
    this.#readiness.closing(slot);
    const result = this.#made(slot);
    this.#readiness.given(slot, result);
    return result;
  }

  /** Likewise, but it is not made where nobody could take JavaScript over: the slot says so. */
  runWatched(slot: Slot): void {
    this.#watched(slot.id);
    if (slot.handedOver) this.#waitFor(slot);
  }

  #made(slot: Slot): number {
    const result = this.#call(slot.id);
    return slot.handedOver ? this.#waitFor(slot) : result;
  }

  #waitFor(slot: Slot): number {
    const ring = this.#rings.get(slot.id) as CompletionRing;
    this.#tally.handOffs++;
    hold(slot);
    ring.wait();
    ring.reapInto(this.#batch);
    slot.setResult(this.#batch.words[0] as number, this.#batch.words[1] as number);
    return this.#batch.status(0);
  }
}
