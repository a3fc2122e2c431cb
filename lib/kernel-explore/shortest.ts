import { explore, type KernelSearch, type SearchLimits } from './explorer.ts';
import { type GradedOutcome, graded } from './graded.ts';
import type { Exploration, KernelScenario } from './scenarios.ts';

const MOST_PREEMPTIONS = 6;

export interface Shortest {
  readonly search: KernelSearch;
  readonly outcome: GradedOutcome;
}

export function isForbidden({ end }: GradedOutcome): boolean {
  return end.expect === 'forbidden';
}

export interface ShortestLimits {
  /** Of the states of each bound. */
  readonly states?: number;
  /** Until which reading of performance.now() all bounds together may be searched. */
  readonly deadline?: number;
  readonly isWanted?: (outcome: GradedOutcome) => boolean;
}

/** The time that is left, as a limit of a search. */
export function timeUntil(deadline: number): Pick<SearchLimits, 'timeMs'> {
  return Number.isFinite(deadline) ? { timeMs: deadline - performance.now() } : {};
}

/**
 * The same search with as few preemptions as show what is wanted: bounds from 0 on, so that the
 * schedule found is the same wherever the sources are. Undefined where the limits do not suffice.
 */
export async function fewestPreemptions(
  program: string,
  scenario: KernelScenario,
  found: Exploration,
  { deadline = Number.POSITIVE_INFINITY, isWanted = isForbidden, ...limits }: ShortestLimits,
): Promise<Shortest | undefined> {
  const most = found.preemptions ?? MOST_PREEMPTIONS;
  for (let preemptions = 0; preemptions <= most; preemptions++) {
    if (performance.now() >= deadline) break;
    const search = await explore(
      program,
      scenario.name,
      { ...found, preemptions },
      { ...limits, ...timeUntil(deadline) },
    );
    const outcome = graded(scenario, search).outcomes.find(isWanted);
    if (outcome) return { search, outcome };
  }
  return undefined;
}

/** Makes the execution again, step by step; and `repeat` times more. */
export function replay(
  program: string,
  scenario: KernelScenario,
  model: KernelSearch['model'],
  schedule: string,
  repeat?: number,
): Promise<KernelSearch> {
  const more = repeat === undefined ? {} : { repeat };
  return explore(program, scenario.name, { model }, { replay: schedule, ...more });
}
