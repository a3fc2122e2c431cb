import type { Slot } from './slot.ts';

/**
 * Calls that end without being made, while another one is being made: its slot is nobody's yet, so
 * that their owners, who may make calls, are told later.
 */
export class Unmade {
  readonly #ended: [Slot, number][] = [];
  readonly #end: (slot: Slot, result: number) => void;

  constructor(end: (slot: Slot, result: number) => void) {
    this.#end = end;
  }

  add(slot: Slot, result: number): void {
    slot.state = 'taken';
    if (this.#ended.push([slot, result]) === 1) queueMicrotask(this.tell);
  }

  readonly tell = (): void => {
    if (this.#ended.length === 0) return;
    for (const [slot, result] of this.#ended.splice(0)) this.#end(slot, result);
  };
}
