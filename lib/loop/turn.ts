import { setImmediate } from 'node:timers';

/** The clock is looked at once in so many questions: it costs more than a call's promise. */
const LOOK_EVERY = 8;

/**
 * How long JavaScript has run since the event loop last turned. `await` of a call that ended at once
 * takes a microtask, and microtasks come before everything else: a loop of such calls lets no timer,
 * no socket and no signal through until a call blocks.
 */
export class Turn {
  readonly #limitMs: number;
  #since = 0;
  #counting = false;
  #isOver = false;
  #asked = 0;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /**
   * Has this turn gone on for too long? Then it is over for every call until the next one begins:
   * Promise.race would go on with the one call that was not kept back.
   */
  isOver(): boolean {
    if (this.#isOver) return true;
    if (!this.#counting) this.#begin();
    this.#asked++;
    if (this.#asked % LOOK_EVERY !== 0) return false;
    this.#isOver = performance.now() - this.#since >= this.#limitMs;
    return this.#isOver;
  }

  /** setImmediate runs when the event loop has turned; unref: it keeps no process alive. */
  #begin(): void {
    this.#counting = true;
    this.#since = performance.now();
    setImmediate(this.#turned).unref();
  }

  readonly #turned = (): void => {
    this.#counting = this.#isOver = false;
  };
}

/**
 * What `run` gives or throws, when the event loop has been once round: timers, sockets and signals
 * have had their turn then.
 */
export function afterTurn<R>(run: () => R): Promise<R> {
  const told = outcomeOf(run);
  return new Promise((resolve, reject) => {
    setImmediate(() => told(resolve, reject));
  });
}

/** Runs it now: nothing of its slot is there later. */
function outcomeOf<R>(run: () => R) {
  try {
    const value = run();
    return (resolve: (value: R) => void) => resolve(value);
  } catch (error) {
    return (_resolve: unknown, reject: (reason: unknown) => void) => reject(error);
  }
}
