import type { ExploredEnd } from '../report/explore-result.ts';
import { type GradedEnd, gradedEnd } from '../report/explore-text.ts';
import type { OutcomeRule } from '../scenario/index.ts';
import { outcomeText, ruleOf } from '../scenario/outcome.ts';
import type { KernelOutcome, KernelSearch } from './explorer.ts';
import type { KernelScenario } from './scenarios.ts';

/** An outcome with what the scenario's table says of it. */
export interface GradedOutcome extends KernelOutcome {
  readonly end: GradedEnd;
}

export interface GradedSearch {
  readonly search: KernelSearch;
  readonly outcomes: readonly GradedOutcome[];
  readonly forbidden: readonly GradedOutcome[];
}

/** Grades a search by the scenario's table. An execution that did not end well is forbidden, if it is not in it. */
export function graded(scenario: KernelScenario, search: KernelSearch): GradedSearch {
  const outcomes = search.outcomes.map((outcome) => ({
    ...outcome,
    end: gradedEnd({ outcomes: rulesOf(scenario) }, endOf(scenario, outcome)),
  }));
  const forbidden = outcomes.filter(({ end }) => end.expect === 'forbidden');
  return { search, outcomes, forbidden };
}

export function rulesOf({ outcomes, result }: KernelScenario): readonly OutcomeRule[] {
  return outcomes.map((row) => ruleOf(row, result));
}

/** What native/sim calls an execution in which nobody can go on. */
const DEADLOCK = 'no actor can go on (deadlock)';

function endOf(
  { mayHang = false }: KernelScenario,
  { failure, values, count }: KernelOutcome,
): ExploredEnd {
  const executions = String(count);
  if (failure === DEADLOCK && mayHang) return { kind: 'outcome', text: 'asleep', executions };
  if (failure === undefined) return { kind: 'outcome', text: outcomeText(values), executions };
  if (failure === DEADLOCK) return { kind: 'deadlock', text: 'no actor can go on', executions };
  return { kind: 'failed', text: failure, executions };
}
