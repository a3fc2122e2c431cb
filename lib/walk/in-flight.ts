import type { Loop, Slot } from '../loop/index.ts';

type Told = (result: number) => void;

/** Calls of a walk that are not over. */
export class InFlight {
  count = 0;
  readonly #loop: Loop;
  /** Nobody wants their results any more. */
  #isOver = false;
  #thrown: { readonly error: unknown } | undefined;

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  /** `told` has the result of the slot's call; `dropped` has it if the walk is over by then. */
  add(slot: Slot, told: Told, dropped?: Told): void {
    this.count++;
    slot.owner = { complete: (_, result) => this.#completed(result, told, dropped) };
  }

  /** Takes what is over already. */
  reap(): void {
    if (this.count > 0 && this.#loop.ring.unread > 0) this.#loop.reap();
    this.#check();
  }

  /** Sleeps until something is over, and takes it. */
  wait(): void {
    this.#loop.wait();
    this.#check();
  }

  /** Waits for everything: it writes to the walk's memory. */
  end(): void {
    this.#isOver = true;
    while (this.count > 0) this.#loop.wait();
  }

  /** What is thrown here would be the loop's: the walk itself throws it. */
  #completed(result: number, told: Told, dropped: Told | undefined): void {
    this.count--;
    if (this.#isOver) {
      dropped?.(result);
      return;
    }
    try {
      told(result);
    } catch (error) {
      this.#isOver = true;
      this.#thrown = { error };
    }
  }

  #check(): void {
    if (this.#thrown === undefined) return;
    const { error } = this.#thrown;
    this.#thrown = undefined;
    throw error;
  }
}
