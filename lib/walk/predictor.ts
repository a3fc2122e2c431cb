/** Up for a call that blocked, down by one for one that did not. */
const BLOCKED = 8;
const HIGHEST = 64;
/** Two calls of sixteen that block: from there on it is cheaper to dispatch all. */
const DISPATCH = 16;
/** Of so many that would be dispatched, one runs inline. */
const PROBE_EVERY = 16;
/** By how much the score falls when it does not block: it stands for those dispatched before. */
const PROBE = 16;

/**
 * Will the next call of one kind block? A hand-off costs more than a dispatch, and a dispatch
 * costs more than a call that does not block.
 */
export class Predictor {
  #score = 0;
  #sinceProbe = 0;

  /** Give the next calls to waiting threads, all but a probe now and then. */
  get dispatches(): boolean {
    return this.#score >= DISPATCH;
  }

  blocked(): void {
    this.#score = Math.min(HIGHEST, this.#score + BLOCKED);
  }

  /** So many calls ran to their end at once. */
  ran(count: number): void {
    this.#score = Math.max(0, this.#score - count);
  }

  /** Should the next one run inline, though it may block? */
  shouldProbe(): boolean {
    this.#sinceProbe = (this.#sinceProbe + 1) % PROBE_EVERY;
    return this.#sinceProbe === 0;
  }

  /** One that would have been dispatched ran at once. */
  probeRan(): void {
    this.#score = Math.max(0, this.#score - PROBE);
  }
}
