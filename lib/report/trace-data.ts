/** What a trace file says that it is. */
export const TRACE_FORMAT = 'syslets-trace';
export const TRACE_VERSION = 1;

/**
 * What happened to a task.
 *
 * - `enter`: it enters the call `nr`. A task that does not carry its context then runs a dispatched
 *   call.
 * - `blocked`: its call was seen to block.
 * - `handOff`: its context has left it; `data` is the number of the task that carries it now, where
 *   the writer knows it (else the next `resume` of the context tells).
 * - `resume`: it goes on with its context in user mode: after a call of its own that was not handed
 *   over (`data` is the call's result), or as the next carrier.
 * - `completion`: its call, handed over or dispatched, is over and in the ring; `data` is the result.
 * - `frameReturn`: it returns to user space at the frame that the caller gave.
 * - `wake`: it is woken from its sleep; `data` is the task that woke it, where known.
 */
export type TraceKind =
  | 'enter'
  | 'blocked'
  | 'handOff'
  | 'resume'
  | 'completion'
  | 'frameReturn'
  | 'wake';

export const TRACE_KINDS: readonly TraceKind[] = [
  'enter',
  'blocked',
  'handOff',
  'resume',
  'completion',
  'frameReturn',
  'wake',
];

export interface TraceEvent {
  /** Nanoseconds since the trace began. */
  readonly ts: number;
  /** The OS thread to which it happened; with `context` and `task` it names a row of `tasks`. */
  readonly tid: number;
  readonly context: number;
  readonly task: number;
  readonly kind: TraceKind;
  /** Of `enter`: the system call's number and, where known, its name. */
  readonly nr?: number;
  readonly call?: string;
  readonly data?: number;
}

/** One OS thread. The user context was born on a task too: its birth thread. */
export interface TraceTask {
  readonly context: number;
  readonly task: number;
  readonly tid: number;
  /** As top and gdb show it. */
  readonly name: string;
  /** Events that found no room in the task's memory; the trace says so. */
  readonly lost?: number;
}

export interface TraceContext {
  readonly context: number;
  /** "main", or the worker's name. */
  readonly name: string;
  /** The task that carried it when the trace began; its first `resume` or call tells otherwise. */
  readonly carrier?: number;
}

export interface TraceProcess {
  readonly pid: number;
  readonly command: string;
  readonly node?: string;
  readonly kernel?: string;
  /** ISO 8601, of the moment that `ts` 0 means. */
  readonly started?: string;
}

/** A trace as `syslets trace` writes it and both viewers read it. Events need no order. */
export interface TraceData {
  readonly format: typeof TRACE_FORMAT;
  readonly version: typeof TRACE_VERSION;
  readonly process: TraceProcess;
  readonly contexts: readonly TraceContext[];
  readonly tasks: readonly TraceTask[];
  readonly events: readonly TraceEvent[];
}
