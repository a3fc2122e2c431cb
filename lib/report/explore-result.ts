import type { OutcomeRule } from '../scenario/index.ts';
import type { MisfitHistory, Shard } from './result.ts';

export const EXPLORE_FORMAT = 'syslets-explore';
export const EXPLORE_VERSION = 1;

/** A run of `syslets explore` as it is written to a file. */
export interface ExploreResult {
  readonly format: typeof EXPLORE_FORMAT;
  readonly version: typeof EXPLORE_VERSION;
  /** Version of this package. */
  readonly tool: string;
  readonly started: string;
  readonly ms: number;
  readonly shard: Shard | null;
  /** What was asked for, as text: results of other options do not go on from each other. */
  readonly options: string;
  readonly scenarios: readonly ExploredScenario[];
}

/** The result of a run that begins now, with what was explored by then. */
export function beginExplore(
  of: Pick<ExploreResult, 'tool' | 'shard' | 'options'>,
): (scenarios: readonly ExploredScenario[]) => ExploreResult {
  const { tool, shard, options } = of;
  const started = new Date().toISOString();
  const begin = performance.now();
  return (scenarios) => ({
    format: EXPLORE_FORMAT,
    version: EXPLORE_VERSION,
    tool,
    started,
    ms: Math.round(performance.now() - begin),
    shard,
    options,
    scenarios: [...scenarios],
  });
}

export interface ExploredScenario {
  readonly name: string;
  readonly file: string;
  readonly source: string;
  readonly description: string;
  readonly actors: readonly string[];
  readonly registers: readonly string[];
  readonly outcomes: readonly OutcomeRule[];
  /** Why it cannot be explored. */
  readonly skipped?: string;
  readonly machines: readonly ExploredMachine[];
  readonly model?: ExploredModel;
  readonly failure?: ExploredFailure;
  /** Why what is wrong, or was asked for, has no schedule here. */
  readonly noSchedule?: string;
}

/** Told while scenarios are explored. */
export type ExploreEvent =
  | {
      readonly kind: 'progress';
      readonly scenario: string;
      readonly index: number;
      readonly count: number;
      readonly machine?: ExploredMachine['machine'];
      readonly states?: number;
      readonly executions?: number;
    }
  | { readonly kind: 'scenario'; readonly result: () => ExploreResult };

/** What is possible under one kind of machine. */
export interface ExploredMachine {
  /** `weak` is of the kernel side: what ARM and POWER add. */
  readonly machine: 'sc' | 'tso' | 'weak';
  readonly coverage: Coverage;
  readonly ends: readonly ExploredEnd[];
  /** Loops that were folded, and what else is not as written. */
  readonly folded: readonly string[];
  /** How long it took, where that is told. */
  readonly ms?: number;
}

/** What ECMAScript's memory model allows. */
export interface ExploredModel {
  /** `race-free`: as sequential consistency; `axioms`: there is a race. */
  readonly by: 'race-free' | 'axioms';
  readonly allowed: readonly Pick<ExploredEnd, 'kind' | 'text'>[];
  /** Whether all else is forbidden. */
  readonly isComplete: boolean;
  readonly why?: string;
  /** Two accesses that race, as people write them. */
  readonly race?: { readonly first: string; readonly second: string };
  /** Executions that were held against the axioms. */
  readonly candidates: number;
}

/** How much was looked at. Counts are decimal digits: they may be beyond exact numbers. */
export interface Coverage {
  readonly kind: 'all' | 'reduced' | 'preemptions' | 'random' | 'part';
  readonly executions: string;
  /** Of the kernel side executions that meet in a state go on as one: then these are those that the search made. */
  readonly isCounted?: false;
  readonly states: number;
  readonly preemptions?: number;
  /** Of the kernel side: how many stores may wait, or be seen before those that do. */
  readonly delays?: number;
  readonly seed?: number;
  readonly strategy?: string;
  /** Of a structure: so many random programs, of this seed, or one that was given. */
  readonly programs?: { readonly count: number; readonly seed?: number };
  /** Where one search was dealt out: the parts that are in here, of how many. */
  readonly parts?: { readonly have: readonly number[]; readonly of: number };
  /** Why it is a part only. */
  readonly why?: string;
  /** Of a part: the bound on preemptions within which it is all. */
  readonly within?: Within;
}

/** What is known all the same of a search that was too large. */
export interface Within extends Pick<Required<Coverage>, 'preemptions' | 'executions' | 'states'> {
  /** What the next bound would take, where the budget had no room left to begin it. */
  readonly nextStates?: number;
}

export interface ExploredEnd {
  /** `failed` is of the kernel side: a check of it, or a crash. */
  readonly kind: 'outcome' | 'deadlock' | 'livelock' | 'threw' | 'step limit' | 'failed';
  readonly text: string;
  readonly executions: string;
}

/** The schedule that shows what is wrong, for people and for `--replay`. */
export interface ExploredFailure {
  readonly machine: string;
  readonly preemptions: number;
  readonly end: { readonly kind: string; readonly text: string };
  readonly steps: readonly ExploredStep[];
  readonly cause?: { readonly kind: string; readonly sentence: string };
  /** Of a structure: the history that this schedule makes. */
  readonly history?: ExploredHistory;
  readonly replay: string;
  readonly command: string;
}

export interface ExploredHistory extends MisfitHistory {
  /** Executions that were searched and end wrongly, of how many; not known where one was replayed. */
  readonly misfits?: string;
  readonly of?: string;
}

export interface ExploredStep {
  readonly actor: number;
  readonly text: string;
  readonly notes: readonly string[];
  readonly site: string;
  readonly kind: string;
  /** Indices of the steps that wrote what it read; older results have none. */
  readonly from?: readonly number[];
}
