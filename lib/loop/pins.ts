import { native } from '../native.ts';
import { canBeTransferred } from './addresses.ts';
import type { Slot } from './slot.ts';

/**
 * What calls in flight use must stay. Their slots keep it alive; memory that the program can
 * transfer to somebody else is held here, beside.
 */
export class Pins {
  /** Records of held memory that the addon has. */
  #count = 0;

  /** To be called when the slot's call was just handed over or dispatched, before anything else. */
  hold(slot: Slot): void {
    if (slot.pin === undefined) return;
    const all = slot.pins === undefined ? [slot.pin] : [slot.pin, ...slot.pins];
    const held = all.filter(canBeTransferred);
    if (held.length === 0) return;
    this.#count += native().pin(held);
  }

  /**
   * Likewise, before a call waits for its descriptor, until letGo(). Its slot keeps the views alive.
   */
  holdWaiting(slot: Slot): void {
    const { pin, pins } = slot;
    if (pin === undefined) return;
    if (pins !== undefined) {
      const held = [pin, ...pins].filter(canBeTransferred);
      native().holdMemory(slot.id, held);
    } else if (canBeTransferred(pin)) {
      native().holdMemory(slot.id, pin);
    } else {
      return;
    }
    slot.isHeld = true;
  }

  /** The slot's call is over. */
  letGo(slot: Slot): void {
    slot.isHeld = false;
    native().letGoMemory(slot.id);
  }

  /** Lets go of what belongs to calls that are over. */
  release(): void {
    if (this.#count > 0) this.#count -= native().unpin();
  }
}
