import { MAX_PROGRAM_CALLS, MAX_PROGRAM_THREADS } from '../../linearizability/program.ts';
import { controlWords } from '../control.ts';

/** Words of a cache line. */
const LINE = 16;

/** All that the threads of a trial share; plain data, so that it goes to workers as it is. */
export interface HistoryMemory {
  /** Histories that are made between two barriers, at most. */
  readonly stride: number;
  /** Of each history, the object's memory. */
  readonly objects: readonly SharedArrayBuffer[];
  /** Of each history a line, in which its first word counts the calls that have returned. */
  readonly clocks: SharedArrayBuffer;
  /** Of each history and thread: begin, end and result of each call. */
  readonly records: SharedArrayBuffer;
  /** Of each thread: results that are no small number, as text. */
  readonly texts: readonly SharedArrayBuffer[];
  readonly control: SharedArrayBuffer;
}

export function clockWord(history: number): number {
  return history * LINE;
}

/** Words of a recorded call. */
export const BEGIN = 0;
export const END = 1;
export const RESULT = 2;
const CALL_WORDS = 3;

const THREAD_WORDS = MAX_PROGRAM_CALLS * CALL_WORDS;

/**
 * Where the record of a call lies. Each thread has a region of its own, so that recording a call
 * touches no line that another thread writes.
 */
export function recordWord(stride: number, thread: number, history: number, call: number): number {
  return (thread * stride + history) * THREAD_WORDS + call * CALL_WORDS;
}

const TEXT_BYTES = 2 ** 18;

/** Behind the words of ../control.ts: a thread has found a history that does not fit. */
export const FOUND = controlWords(MAX_PROGRAM_THREADS);
/** Behind PHASE and SAMPLE of a thread: its call, for a message. */
export const CALL = 2;
/** And the sample in which it is in a call that may wait. */
export const IN_WAIT = 3;
/** No sample. */
export const NOWHERE = -1;
/** And what it is doing, as its place in STEPS. */
export const STEP = 4;
export const STEPS = ['the start', 'setup', 'create', 'a result', 'the model', 'close'] as const;
export type Step = (typeof STEPS)[number];

export function historyMemory(stride: number, bytes: number): HistoryMemory {
  return {
    stride,
    objects: Array.from({ length: stride }, () => new SharedArrayBuffer(bytes)),
    clocks: new SharedArrayBuffer(stride * LINE * 4),
    records: new SharedArrayBuffer(recordWord(stride, MAX_PROGRAM_THREADS, 0, 0) * 4),
    texts: Array.from({ length: MAX_PROGRAM_THREADS }, () => new SharedArrayBuffer(TEXT_BYTES)),
    control: new SharedArrayBuffer((FOUND + LINE) * 4),
  };
}
