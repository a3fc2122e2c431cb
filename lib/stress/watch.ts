import type { TrialDetail } from '../report/result.ts';
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

/** Threads start slowly on a busy machine, and nothing of the user's is timed by then. */
const START_LIMIT_MS = 20_000;

/** A thread that keeps the others waiting. */
export interface Stuck {
  readonly thread: number;
  readonly iteration: number;
  /** ACTING, GRADING or STARTING. */
  readonly phase: number;
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
    return now - this.#since >= this.#limitMs() ? this.#stuck() : undefined;
  }

  #limitMs(): number {
    for (let thread = 0; thread < this.#threads; thread++) {
      if (this.#word(thread, PHASE) === STARTING) return Math.max(this.#timeoutMs, START_LIMIT_MS);
    }
    return this.#timeoutMs;
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
        phase: this.#word(thread, PHASE),
      }));
  }

  #word(thread: number, word: number): number {
    return Atomics.load(this.#words, threadWord(thread) + word);
  }
}

/** What is said of a trial that hangs; `names` are those of the threads' actors. */
export function stuckDetail(
  stuck: readonly Stuck[],
  names: readonly string[],
  limitMs: number,
): TrialDetail {
  const parts = stuck.map((one) => stuckText(one, `actor ${names[one.thread]}`));
  const who = parts.length > 0 ? parts.join(' and ') : 'nobody that can be told';
  const message = `no step within ${limitMs} ms; stuck: ${who}`;
  const [first] = stuck;
  if (!first) return { message };
  return { message, actor: names[first.thread] ?? '', iteration: first.iteration };
}

function stuckText({ phase, iteration }: Stuck, actor: string): string {
  if (phase === STARTING) return `the start of ${actor}`;
  return phase === GRADING
    ? `arbiter, setup or teardown in the thread of ${actor}`
    : `${actor} in iteration ${iteration}`;
}
