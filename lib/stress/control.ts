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
/** Not 0: outcomes of the next stride are not counted, the compiler is at work. */
export const WARMING = 3 * LINE + 2;
/** Samples before this stride, in two words of 30 bits. For messages only. */
export const BASE = 3 * LINE + 3;
export const BASE_HIGH = 3 * LINE + 4;
export const BASE_BITS = 30;

/** What a thread is doing, and with which sample of the stride. */
export const PHASE = 0;
export const SAMPLE = 1;

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

export function controlWords(threads: number): number {
  return threadWord(threads);
}
