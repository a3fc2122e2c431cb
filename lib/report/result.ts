import type { OutcomeRule } from '../scenario/index.ts';

/** The first two members of every result file. */
export const RESULT_FORMAT = 'syslets-stress';
export const RESULT_VERSION = 2;

/** A run as it is written to a file: raw counts, before anything is graded. */
export interface RunResult {
  readonly format: typeof RESULT_FORMAT;
  readonly version: typeof RESULT_VERSION;
  /** Version of this package. */
  readonly tool: string;
  readonly seed: number;
  readonly shard: Shard | null;
  /** ISO 8601, UTC. */
  readonly started: string;
  /** Wall-clock time of the whole run. */
  readonly ms: number;
  readonly machine: MachineFacts;
  /** What the user should know of this run: no permission to pin, fewer processors than actors. */
  readonly notes: readonly string[];
  readonly scenarios: readonly ScenarioResult[];
  /** Why not all of it ran; missing where it did. */
  readonly ended?: EarlyEnd;
}

/**
 * The user ended it; something forbidden did, and nothing was to go on; the time was too short for
 * a moment of each scenario.
 */
export type EarlyEnd = 'interrupted' | 'forbidden' | 'time';

/** Part `index` (from 1) of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export interface MachineFacts {
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly arch: string;
  /** Release of the operating system's kernel. */
  readonly release: string;
  readonly cpu: string;
  /** Processors that the run may use. */
  readonly cpus: number;
  readonly memoryBytes: number;
}

export interface ScenarioResult {
  /** With its parameters, where it has some. */
  readonly name: string;
  /** As the user named it, or relative to where the run began. */
  readonly file: string;
  /** Text of the file. */
  readonly source: string;
  readonly description: string;
  readonly actors: readonly string[];
  /** Names of the result registers, in the order in which outcomes show them. */
  readonly registers: readonly string[];
  readonly outcomes: readonly OutcomeRule[];
  /** A verdict needs so many. */
  readonly minSamples?: number;
  /** Of a structure: a verdict needs so many programs. */
  readonly minPrograms?: number;
  readonly trials: readonly Trial[];
  /** When each outcome was seen first in this run. */
  readonly seen?: Readonly<Record<string, FirstSeen>>;
  /** Why it could not run here at all. */
  readonly skipped?: string;
  /** The time was over before its threads had started, and slow starts are why. */
  readonly notBegun?: NotBegun;
}

/** How long a process took to start, or was waited for, and the `--time` with which all scenarios of the run have samples. */
export interface NotBegun {
  readonly startMs: number;
  readonly enoughMs: number;
}

/** Time of this scenario in its run, starts of processes included, and samples by then. */
export interface FirstSeen {
  readonly ms: number;
  readonly samples: number;
}

/** All samples that were taken in one configuration, in one or more processes. */
export interface Trial {
  readonly config: TrialConfig;
  readonly seed: number;
  readonly samples: number;
  /** Of a structure: programs that these are histories of. */
  readonly programs?: number;
  /** Time in which the samples were taken; the processes took longer. */
  readonly ms: number;
  /** How often each outcome was seen. */
  readonly counts: Readonly<Record<string, number>>;
  readonly end: TrialEnd;
  /** How it ended, unless well. */
  readonly detail?: TrialDetail;
  /** Of a structure: the history that does not fit, made small. */
  readonly history?: FailedHistory;
  /** Runs this scenario again in this configuration, with this seed. */
  readonly command: string;
  readonly notes: readonly string[];
  /** How surely the command shows what the trial has shown; where that was measured. */
  readonly again?: Repetition;
}

/** Cut: its time was over while actors stood still, too soon to say that they hang. */
export type TrialEnd = 'ok' | 'hung' | 'died' | 'threw' | 'cut';

/** The same trial, made again so many times; it showed something wrong in some of them. */
export interface Repetition {
  readonly runs: number;
  readonly shown: number;
  /** How long each was given. */
  readonly ms: number;
  /** How long all took that showed it, and those that did not. */
  readonly tookMs: number;
}

export interface TrialDetail {
  /** The whole of it in one line. */
  readonly message: string;
  /** Who threw, or who is stuck. */
  readonly actor?: string;
  /** Counted from 0 over the whole trial. */
  readonly iteration?: number;
  readonly stack?: string;
  readonly signal?: string;
  readonly exitCode?: number;
  /** The end of what it wrote there. */
  readonly stderr?: string;
}

/** A history that no order of its calls explains. */
export interface MisfitHistory {
  /** What was asked of it: `linearizable`, … */
  readonly condition: string;
  /** As `--program` takes it, and as it was before it was made small. */
  readonly program: string;
  readonly original: string;
  readonly threads: readonly (readonly HistoryCall[])[];
  /** In a line, where no orders say it. */
  readonly why?: string;
  /** The orders that came closest to explaining it. */
  readonly orders: readonly NearOrder[];
}

const THREADS = 'ABCD';

/** Of a history. */
export function threadName(thread: number): string {
  return THREADS[thread] ?? String(thread);
}

/** One that threads have made, and how often. */
export interface FailedHistory extends MisfitHistory {
  /** Histories of this program that did not fit, of how many, within how long. */
  readonly misfits: number;
  readonly of: number;
  readonly ms: number;
}

export interface HistoryCall {
  readonly call: string;
  readonly result: string;
  /** Calls that had returned when it began, and when it returned; null: it never did. */
  readonly begin: number;
  readonly end: number | null;
}

export interface NearOrder {
  /** What the model explains, in order, and what no model could return next. */
  readonly calls: readonly string[];
  readonly next: readonly {
    readonly call: string;
    readonly seen: string;
    readonly model: string;
  }[];
}

export type Placement = 'spread' | 'one' | 'free';

export interface TrialConfig {
  /** Actors on different processors, all on one, or wherever the system puts them. */
  readonly placement: Placement;
  /** States that the actors walk between two barriers. */
  readonly stride: number;
  /** Actors wait for each other every so many samples; 0: at the end of a stride only. */
  readonly sync: number;
  /** In which order the states of a stride are walked. */
  readonly order: 'sequential' | 'shuffled';
  /** Samples of optimised code only, or of the interpreter from the first call on. */
  readonly jit: 'warm' | 'cold';
  /** States side by side, or each on cache lines of its own. */
  readonly padding: 'packed' | 'lines';
}
