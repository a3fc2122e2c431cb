import { ACTIVE, STOP } from '../control.ts';
import { FOUND } from './memory.ts';
import type { RunRequest } from './messages.ts';

/** Shorter rounds cost too much at barriers, longer ones are stopped too late. */
const SHORT_MS = 4;
const LONG_MS = 20;
const FIRST_ACTIVE = 32;
/** For the least of histories a run has some times as long as it was given. */
export const PATIENCE = 3;

/** The leader's choice of how many histories a round has, and when it is enough. */
export class Rounds {
  readonly #words: Int32Array;
  readonly #request: RunRequest;
  readonly #start = performance.now();
  #active: number;
  #busyMs = 0;
  #made = 0;

  constructor(words: Int32Array, request: RunRequest) {
    this.#words = words;
    this.#request = request;
    // as long as the last program's: objects and calls are alike
    const last = Atomics.load(words, ACTIVE);
    this.#active = Math.min(Math.max(last >> 1, FIRST_ACTIVE), request.stride);
    Atomics.store(words, FOUND, 0);
    Atomics.store(words, STOP, 0);
    Atomics.store(words, ACTIVE, this.#active);
  }

  /** Work of the leader's own: what a barrier takes on a busy machine says nothing of histories. */
  work<T>(run: () => T): T {
    const start = performance.now();
    const value = run();
    this.#busyMs += performance.now() - start;
    return value;
  }

  /** Before the barrier at which a round ends. */
  end(): void {
    const now = performance.now();
    const took = this.#busyMs;
    this.#busyMs = 0;
    this.#made += this.#active;
    if (took < SHORT_MS) this.#active = Math.min(this.#active * 2, this.#request.stride);
    else if (took > LONG_MS) this.#active = Math.max(this.#active >> 1, 1);
    Atomics.store(this.#words, ACTIVE, this.#active);
    if (this.#isOver(now - this.#start) || Atomics.load(this.#words, FOUND) !== 0)
      Atomics.store(this.#words, STOP, 1);
  }

  #isOver(tookMs: number): boolean {
    const { ms, least } = this.#request;
    return tookMs >= ms && (this.#made >= least || tookMs >= PATIENCE * ms);
  }
}
