import { CompletionBatch, CompletionRing } from '../ring/index.ts';

/** More than a walk ever has in flight: a full ring would refuse calls. */
const ELEMENTS = 1024;

export type Completed = (callerData: number, status: number) => void;

/** Calls that were handed over or dispatched, and are not over. */
export class InFlight {
  readonly ring = CompletionRing.create(ELEMENTS);
  count = 0;
  readonly #batch = new CompletionBatch(ELEMENTS);
  #next = 0;
  readonly #completed: Completed;

  /** `completed` is called for each call that is over; it must not wait for another. */
  constructor(completed: Completed) {
    this.#completed = completed;
  }

  /** Takes what is over already. */
  reap(): void {
    if (this.count > 0 && this.ring.unread > 0) this.#take(this.#completed);
  }

  /** Sleeps until something is over, and takes it. Precondition: something is in flight. */
  wait(): void {
    this.ring.wait();
    this.#take(this.#completed);
  }

  /** Waits for everything, also for what a `completed` that threw has left. */
  drain(completed: Completed): void {
    this.#give(completed);
    while (this.count > 0) {
      this.ring.wait();
      this.#take(completed);
    }
  }

  #take(completed: Completed): void {
    this.#next = 0;
    this.count -= this.ring.reapInto(this.#batch);
    this.#give(completed);
  }

  #give(completed: Completed): void {
    const batch = this.#batch;
    while (this.#next < batch.length) {
      const at = this.#next++;
      completed(batch.callerData(at), batch.status(at));
    }
  }
}
