import type { Owner, Slot } from './slot.ts';

/** What an owner throws is its own affair: the other completions of the batch must not be lost. */
export function tell(owner: Owner, slot: Slot, result: number): void {
  try {
    owner.complete(slot, result);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
