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

/**
 * The same search with as few preemptions as show what is wanted: bounds from 0 on, so that the
 * schedule found is the same wherever the sources are. Undefined where the limits do not suffice.
 */
export async function fewestPreemptions(
  program: string,
  scenario: KernelScenario,
  found: Exploration,
  limits: SearchLimits,
  isWanted = isForbidden,
): Promise<Shortest | undefined> {
  const most = found.preemptions ?? MOST_PREEMPTIONS;
  for (let preemptions = 0; preemptions <= most; preemptions++) {
    const search = await explore(program, scenario.name, { ...found, preemptions }, limits);
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
