import { type RuleMatcher, ruleMatcher } from '../report/index.ts';
import { outcomeText, ruleOf } from '../scenario/outcome.ts';
import type { KernelOutcome, KernelSearch } from './explorer.ts';
import type { KernelScenario } from './scenarios.ts';

/** An outcome with what the scenario's table says of it. */
export interface GradedOutcome extends KernelOutcome {
  readonly text: string;
  readonly expect: 'acceptable' | 'interesting' | 'forbidden';
  readonly reason: string;
}

export interface GradedSearch {
  readonly search: KernelSearch;
  readonly outcomes: readonly GradedOutcome[];
  readonly forbidden: readonly GradedOutcome[];
}

/** Grades a search by the scenario's table. An execution that did not end well is forbidden. */
export function graded(scenario: KernelScenario, search: KernelSearch): GradedSearch {
  const ruleOfText = ruleMatcher(scenario.outcomes.map((row) => ruleOf(row, scenario.result)));
  const outcomes = search.outcomes.map((outcome) => gradeOne(outcome, ruleOfText));
  return { search, outcomes, forbidden: outcomes.filter(({ expect }) => expect === 'forbidden') };
}

function gradeOne(outcome: KernelOutcome, ruleOfText: RuleMatcher): GradedOutcome {
  if (outcome.failure !== undefined) {
    return { ...outcome, text: 'failed', expect: 'forbidden', reason: outcome.failure };
  }
  const text = outcomeText(outcome.values);
  const rule = ruleOfText(text);
  return {
    ...outcome,
    text,
    expect: rule?.expect ?? 'forbidden',
    reason: rule?.reason ?? 'no row of the table names it',
  };
}
