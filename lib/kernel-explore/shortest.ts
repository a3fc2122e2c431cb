import { explore, type KernelSearch, type SearchLimits } from './explorer.ts';
import type { GradedSearch } from './graded.ts';
import { graded } from './graded.ts';
import type { Exploration, KernelScenario } from './scenarios.ts';

const MOST_PREEMPTIONS = 6;

/**
 * The same search with as few preemptions as show a failure: bounds from 0 on, so that the schedule
 * found is the same wherever the sources are.
 */
export async function fewestPreemptions(
  program: string,
  scenario: KernelScenario,
  found: Exploration,
  limits: SearchLimits,
): Promise<GradedSearch | undefined> {
  const most = found.preemptions ?? MOST_PREEMPTIONS;
  for (let preemptions = 0; preemptions <= most; preemptions++) {
    const search = await explore(program, scenario.name, { ...found, preemptions }, limits);
    const result = graded(scenario, search);
    if (result.forbidden.length > 0) return result;
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
