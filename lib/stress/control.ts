/**
 * Words that the threads of a trial steer by, in an Int32Array. Each that is written often has a
 * cache line of its own. native/addon/actors.c has the same table.
 */
const LINE = 16;

/** Threads that have arrived at the barrier. */
export const ARRIVED = 0;
/** Counts the barriers that all have passed. */
export const GENERATION = LINE;
/** Threads that sleep on GENERATION and want to be notified. */
export const SLEEPERS = 2 * LINE;
/**
 * What the leader (thread 0) decides of the next stride. It writes these before it arrives at a
 * stride's end, and all threads read them after that barrier and before the next.
 */
export const STOP = 3 * LINE;
/** States of the next stride. */
export const ACTIVE = 3 * LINE + 1;
/** Number of the round to which the next stride belongs. */
export const ROUND = 3 * LINE + 2;
/** Samples before this stride, in two words of 30 bits. For messages only. */
export const BASE = 3 * LINE + 3;
export const BASE_HIGH = 3 * LINE + 4;
export const BASE_BITS = 30;
/** Actors meet every so many samples of the next stride; 0: not at all. */
export const SYNC = 3 * LINE + 5;

/** What others tell the leader, which looks at the end of a stride. */
/** The last round whose settings are written; STOP_ASKED: the leader is to stop. */
export const NEXT = 3 * LINE + 6;
export const STOP_ASKED = -1;
/** Rounds up to this one are to end at once. */
export const CUT = 3 * LINE + 7;
/** One more than the round in which something forbidden was seen last. */
export const FOUND = 3 * LINE + 8;

/** What a thread is doing, and with which sample of the stride. */
export const PHASE = 0;
export const SAMPLE = 1;
/** Nanoseconds for a sample of its last stride; 0 where a thread does not say. */
export const COST = 2;
const MOST_COST = 2 ** 31 - 1;

/** What a thread says of its last stride. */
export function costOf(tookMs: number, samples: number): number {
  return Math.min(Math.ceil((tookMs * 1e6) / samples), MOST_COST);
}

/** SAMPLE of a thread that nobody need wait for. */
export const PAST_ALL = 0x7fff_ffff;

/** Values of PHASE. */
/** Loading, opening; also before the thread exists. */
export const STARTING = 0;
export const ACTING = 1;
export const WAITING = 2;
export const GRADING = 3;
export const AT_BARRIER = 4;

const FIRST_THREAD = 4 * LINE;

/** First word of a thread. */
export function threadWord(thread: number): number {
  return FIRST_THREAD + thread * LINE;
}

/** First word of the settings of a round; those of the round after it lie beside it. */
export function roundWord(threads: number, round: number): number {
  return threadWord(threads) + (round & 1) * LINE;
}

export function controlWords(threads: number): number {
  return threadWord(threads) + 2 * LINE;
}

/** Samples before the stride under way. */
export function samplesBefore(words: Int32Array): number {
  return Atomics.load(words, BASE) + Atomics.load(words, BASE_HIGH) * 2 ** BASE_BITS;
}
