import type { Loop, Slot } from '../loop/index.ts';

const FEW = 8;

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
    this.#waitForOne();
    this.#check();
  }

  /** There are blocks for the next few calls, or none are the walk's own. */
  makeRoom(): void {
    const most = this.#loop.settings.maxCalls - FEW;
    while (this.#loop.pending > most && this.count > 0) this.wait();
  }

  /** Waits for everything: it writes to the walk's memory. */
  end(): void {
    this.#isOver = true;
    while (this.count > 0) this.#waitForOne();
  }

  #waitForOne(): void {
    if (this.#loop.wait() || this.#loop.pending > 0) return;
    throw new Error(
      `${this.count} calls of the walk are over, and nobody was told: please report it`,
    );
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
