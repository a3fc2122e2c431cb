import {
  ACTING,
  BASE,
  BASE_BITS,
  BASE_HIGH,
  GENERATION,
  GRADING,
  PHASE,
  SAMPLE,
  STARTING,
  threadWord,
} from './control.ts';

/** A thread that keeps the others waiting. */
export interface Stuck {
  readonly thread: number;
  readonly iteration: number;
  readonly isGrading: boolean;
}

/** Notices that no thread of a trial has made a step for a while. */
export class Watch {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #threads: number;
  readonly #timeoutMs: number;
  #seen = '';
  #since = performance.now();

  constructor(control: SharedArrayBuffer, threads: number, timeoutMs: number) {
    this.#words = new Int32Array(control);
    this.#threads = threads;
    this.#timeoutMs = timeoutMs;
  }

  /** Looks again: who is stuck, once that has been so for the whole time limit. */
  look(): readonly Stuck[] | undefined {
    const seen = this.#steps();
    const now = performance.now();
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#since = now;
    }
    return now - this.#since >= this.#timeoutMs ? this.#stuck() : undefined;
  }

  #steps(): string {
    const words = [Atomics.load(this.#words, GENERATION)];
    for (let thread = 0; thread < this.#threads; thread++) {
      words.push(this.#word(thread, PHASE), this.#word(thread, SAMPLE));
    }
    return words.join();
  }

  #stuck(): readonly Stuck[] {
    const base =
      Atomics.load(this.#words, BASE) + Atomics.load(this.#words, BASE_HIGH) * 2 ** BASE_BITS;
    return Array.from({ length: this.#threads }, (_, thread) => thread)
      .filter((thread) => [ACTING, GRADING, STARTING].includes(this.#word(thread, PHASE)))
      .map((thread) => ({
        thread,
        iteration: base + this.#word(thread, SAMPLE),
        isGrading: this.#word(thread, PHASE) === GRADING,
      }));
  }

  #word(thread: number, word: number): number {
    return Atomics.load(this.#words, threadWord(thread) + word);
  }
}
