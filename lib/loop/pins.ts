import { heldMemory } from '../kernel/index.ts';
import { pin as pinAll } from '../ring/index.ts';
import { canBeTransferred } from './addresses.ts';
import type { Slot } from './slot.ts';

// What calls in flight use must stay. Their slots keep it alive; memory that the program can
// transfer to somebody else is held here, beside.

/** To be called when the slot's call was just handed over or dispatched, before anything else. */
export function hold({ pin, pins }: Slot): void {
  if (pin === undefined) return;
  const all = pins === undefined ? [pin] : [pin, ...pins];
  const held = all.filter(canBeTransferred);
  if (held.length > 0) pinAll(held);
}

/**
 * Likewise, before a call waits for its descriptor, until letGo(). Its slot keeps the views alive.
 */
export function holdWaiting(slot: Slot): void {
  const { pin, pins } = slot;
  if (pin === undefined) return;
  if (pins !== undefined) {
    const held = [pin, ...pins].filter(canBeTransferred);
    heldMemory().holdMemory(slot.id, held);
  } else if (canBeTransferred(pin)) {
    heldMemory().holdMemory(slot.id, pin);
  } else {
    return;
  }
  slot.isHeld = true;
}

/** The slot's call is over. */
export function letGo(slot: Slot): void {
  slot.isHeld = false;
  heldMemory().letGoMemory(slot.id);
}
