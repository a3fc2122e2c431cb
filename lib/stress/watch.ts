import type { TrialDetail } from '../report/result.ts';
import {
  ACTING,
  GENERATION,
  GRADING,
  PHASE,
  SAMPLE,
  STARTING,
  samplesBefore,
  threadWord,
} from './control.ts';
import { type ThreadTimes, threadTimes, waitedMs } from './thread-time.ts';
import { haveAllLooked } from './turns.ts';

/** Threads start slowly, and nothing of the user's is timed by then. */
const START_LIMIT_MS = 20_000;
/** When all that could go on are parked, nothing but an accident of the clock is left to rule out. */
const PARKED_LIMIT_MS = 300;
/**
 * Threads with syslets never all sleep: a watcher looks every few milliseconds, and who waits for a
 * completion looks, too. When all have looked for so long, by far longer than any step took before, none
 * is about to do anything else.
 */
const LOOKED_LIMIT_MS = 1000;
const TIMES_LONGEST = 20;
/** Fewer samples do not tell how long a step takes: then some times as long. */
const FEW_SAMPLES = 10;
const TIMES_FOR_FEW = 3;
/** A watch that looks late was itself without a processor. */
const LONGEST_TICK_MS = 100;

/** A thread that keeps the others waiting. */
export interface Stuck {
  readonly thread: number;
  readonly iteration: number;
  /** ACTING, GRADING or STARTING. */
  readonly phase: number;
}

/** No step was made for a while. */
export interface Stillness {
  readonly stuck: readonly Stuck[];
  /** By the clock. */
  readonly wallMs: number;
  /** Without the time in which a thread waited for a processor. */
  readonly givenMs: number;
  readonly isParked: boolean;
  /** All look, and nothing changes any more. */
  readonly haveLooked: boolean;
}

export interface WatchOptions {
  readonly control: SharedArrayBuffer;
  readonly threads: number;
  readonly timeoutMs: number;
  /** Nobody has said how long a step may take: a hang that is sure is told before the limit. */
  readonly mayTellEarly: boolean;
  /** OS threads of the scenario's: who they are that sleep can be told by these only. */
  readonly tids: ReadonlyMap<number, number>;
  /** For tests: what the OS says. */
  readonly times?: () => ThreadTimes;
}

/**
 * Notices that no thread of a session makes steps. Time counts only while the machine lets the
 * threads run: what a busy machine does not give is not held against the scenario.
 */
export class Watch {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #options: WatchOptions;
  #seen = '';
  #since = performance.now();
  #last = performance.now();
  #givenMs = 0;
  #parkedMs = 0;
  #haveLooked = false;
  /** The longest time between two steps. */
  #longestMs = 0;
  #first: ThreadTimes | undefined;
  #times: ThreadTimes | undefined;

  constructor(options: WatchOptions) {
    this.#words = new Int32Array(options.control);
    this.#options = options;
  }

  /** Looks again: who is stuck, once that has been so for the whole time limit. */
  look(): Stillness | undefined {
    const seen = this.#steps();
    const now = performance.now();
    if (seen !== this.#seen) this.#begin(seen, now);
    else this.#add(Math.min(now - this.#last, LONGEST_TICK_MS));
    this.#last = now;
    const isHung = this.#givenMs >= this.#limitMs() || this.#parkedMs >= PARKED_LIMIT_MS;
    return isHung || this.#haveLooked ? this.stillness() : undefined;
  }

  /** How long nothing has moved, and who is in whose way. */
  stillness(): Stillness {
    return {
      stuck: this.#stuck(),
      wallMs: performance.now() - this.#since,
      givenMs: this.#givenMs,
      isParked: this.#parkedMs >= PARKED_LIMIT_MS,
      haveLooked: this.#haveLooked,
    };
  }

  #begin(seen: string, now: number): void {
    this.#longestMs = Math.max(this.#longestMs, this.#givenMs);
    this.#seen = seen;
    this.#since = now;
    this.#givenMs = 0;
    this.#parkedMs = 0;
    this.#first = undefined;
    this.#times = undefined;
  }

  #add(tickMs: number): void {
    const now = (this.#options.times ?? threadTimes)();
    const before = this.#times;
    this.#times = now;
    this.#first ??= now;
    if (!before) return;
    // of the whole process: who wakes a sleeper need be no actor, and may itself get no processor
    const waits = [...now.keys()].map((tid) => waitedMs(tid, before, now, tickMs));
    const givenMs = Math.max(0, tickMs - Math.max(0, ...waits));
    this.#givenMs += givenMs;
    this.#parkedMs = this.#areParked(now) ? this.#parkedMs + givenMs : 0;
    this.#haveLooked = this.#haveAllLooked(this.#first ?? now, now);
  }

  /** Where tasks of the kernel side are, which keep looking however long nothing happens. */
  #haveAllLooked(first: ThreadTimes, now: ThreadTimes): boolean {
    if (!this.#options.mayTellEarly) return false;
    if (this.#givenMs < Math.max(LOOKED_LIMIT_MS, TIMES_LONGEST * this.#longestMs)) return false;
    const stuck = this.#stuck();
    if (stuck.some(({ iteration }) => iteration < FEW_SAMPLES)) {
      if (this.#givenMs < TIMES_FOR_FEW * LOOKED_LIMIT_MS) return false;
    }
    const { tids } = this.#options;
    return (
      stuck.length > 0 &&
      stuck.every(({ phase }) => phase === ACTING) &&
      [...now.values()].some(({ isTask }) => isTask) &&
      haveAllLooked(first, now, new Set(stuck.map(({ thread }) => tids.get(thread) ?? -1)))
    );
  }

  /** A task of the kernel side may be about to wake them, or carry one of them on. */
  #areParked(times: ThreadTimes): boolean {
    const stuck = this.#stuck();
    const { tids } = this.#options;
    return (
      stuck.length > 0 &&
      stuck.every(
        ({ thread, phase }) =>
          phase === ACTING && times.get(tids.get(thread) ?? -1)?.isParked === true,
      ) &&
      ![...times.values()].some(({ isTask }) => isTask)
    );
  }

  #limitMs(): number {
    const { timeoutMs, threads } = this.#options;
    for (let thread = 0; thread < threads; thread++) {
      if (this.#word(thread, PHASE) === STARTING) return Math.max(timeoutMs, START_LIMIT_MS);
    }
    return timeoutMs;
  }

  #steps(): string {
    const words = [Atomics.load(this.#words, GENERATION)];
    for (let thread = 0; thread < this.#options.threads; thread++) {
      words.push(this.#word(thread, PHASE), this.#word(thread, SAMPLE));
    }
    return words.join();
  }

  #stuck(): readonly Stuck[] {
    const before = samplesBefore(this.#words);
    return Array.from({ length: this.#options.threads }, (_, thread) => thread)
      .filter((thread) => [ACTING, GRADING, STARTING].includes(this.#word(thread, PHASE)))
      .map((thread) => ({
        thread,
        iteration: before + this.#word(thread, SAMPLE),
        phase: this.#word(thread, PHASE),
      }));
  }

  #word(thread: number, word: number): number {
    return Atomics.load(this.#words, threadWord(thread) + word);
  }
}

/** What is said of actors that hang. */
export function hungDetail(still: Stillness, limitMs: number, nameOf: Names): TrialDetail {
  const limit = limitText(still, limitMs);
  return detailOf(still, `${limit}; stuck: ${whoText(still, nameOf)}`, nameOf);
}

function limitText({ isParked, haveLooked }: Stillness, limitMs: number): string {
  if (isParked) return 'all threads that could go on sleep, and none is left to wake them';
  if (haveLooked) return 'all threads have looked again and again, and nothing changes any more';
  return `no step within ${limitMs} ms`;
}

/** What is said where the time was over before a hang could be told from a slow machine. */
export function unclearDetail(still: Stillness, limitMs: number, nameOf: Names): TrialDetail {
  const waited = Math.round(still.wallMs - still.givenMs);
  const why = `too short to say that it hangs (limit ${limitMs} ms; the threads waited ${waited} ms for a processor)`;
  const since = `no step in the last ${Math.round(still.wallMs)} ms`;
  return detailOf(still, `${since}, ${why}: ${whoText(still, nameOf)}`, nameOf);
}

type Names = (thread: number) => string;

function detailOf({ stuck }: Stillness, message: string, nameOf: Names): TrialDetail {
  const [first] = stuck;
  if (!first) return { message };
  return { message, actor: nameOf(first.thread), iteration: first.iteration };
}

function whoText({ stuck, wallMs }: Stillness, nameOf: Names): string {
  const parts = stuck.map((one) => stuckText(one, `actor ${nameOf(one.thread)}`));
  const who = parts.length > 0 ? parts.join(' and ') : 'every thread, at a barrier';
  return `${who}, for ${(wallMs / 1000).toFixed(1)} s`;
}

function stuckText({ phase, iteration }: Stuck, actor: string): string {
  if (phase === STARTING) return `the start of ${actor}`;
  return phase === GRADING
    ? `arbiter, setup or teardown in the thread of ${actor}`
    : `${actor} in iteration ${iteration}`;
}
