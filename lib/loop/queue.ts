import type { Slot } from './slot.ts';

/** Slots whose calls wait for others to end, in their order. */
export class Queue {
  #slots: Slot[] = [];
  /** Of #slots, those that have gone out already. */
  #gone = 0;
  /** How many have gone out, for good, since others had ended. */
  left = 0;
  /** A walk goes on with the slot that has so many before it. It misses none when one of those leaves. */
  cursor = 0;

  get length(): number {
    return this.#slots.length - this.#gone;
  }

  /** The one with so many before it. */
  at(index: number): Slot | undefined {
    return this.#slots[this.#gone + index];
  }

  get first(): Slot | undefined {
    return this.#slots[this.#gone];
  }

  push(slot: Slot): void {
    this.#slots.push(slot);
  }

  has(slot: Slot): boolean {
    return this.first === slot || this.#slots.indexOf(slot, this.#gone) >= 0;
  }

  /** It goes out, for good. */
  takeOut(slot: Slot): void {
    this.left++;
    if (this.first === slot) this.#shift();
    else this.remove(slot);
  }

  #shift(): void {
    if (this.cursor > 0) this.cursor--;
    this.#gone++;
    if (this.#gone < this.#slots.length / 2) return;
    this.#slots = this.#slots.slice(this.#gone);
    this.#gone = 0;
  }

  /** It becomes the last. */
  putLast(slot: Slot): void {
    this.push(this.remove(slot));
  }

  /** It is in it no more, or never was. */
  remove(slot: Slot): Slot {
    const at = this.#slots.indexOf(slot, this.#gone);
    if (at < 0) return slot;
    if (at - this.#gone < this.cursor) this.cursor--;
    this.#slots.splice(at, 1);
    return slot;
  }

  /** All of them, which are in it no more. */
  takeAll(): Slot[] {
    const all = this.#slots.slice(this.#gone);
    this.#slots = [];
    this.#gone = this.cursor = 0;
    return all;
  }
}
