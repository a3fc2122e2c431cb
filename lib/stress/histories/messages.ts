import type { Program } from '../../linearizability/index.ts';
import type { HistoryMemory } from './memory.ts';

/** What a worker is told when it starts. */
export interface WorkerPlan {
  readonly memory: HistoryMemory;
  readonly thread: number;
  /** For each thread, the processors that it may use; none: any. */
  readonly cpus: readonly (readonly number[])[];
  /** More threads than processors: then nobody looks for long at a barrier. */
  readonly isCrowded: boolean;
  /** Threads that can run at the same time. */
  readonly together: number;
}

/** Make histories of this program. */
export interface RunRequest {
  readonly program: Program;
  readonly seed: number;
  readonly ms: number;
  /** Fewer say little: on a machine that gives no time it goes on, but not for ever. */
  readonly least: number;
  readonly sync: number;
  /** Goes on when a history does not fit, to count how often that is. */
  readonly isToEnd: boolean;
  /** At most so many histories between two barriers. */
  readonly stride: number;
}

/** A history with what was returned, as text. */
export interface HistoryText {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly result: readonly string[];
}

/** What one thread has checked. */
export interface RunCounts {
  readonly histories: number;
  /** Those that this thread had not seen before. */
  readonly different: number;
  readonly undecided: number;
  readonly misfits: number;
  /** The first that does not fit. */
  readonly first?: HistoryText;
}

export interface WorkerError {
  /** `create`, `operations.pop`, … */
  readonly where: string;
  readonly message: string;
  readonly stack: string;
}

export type WorkerMessage =
  | { readonly kind: 'ready'; readonly pinError: number }
  | { readonly kind: 'done'; readonly thread: number; readonly counts: RunCounts }
  | { readonly kind: 'threw'; readonly thread: number; readonly error: WorkerError };
