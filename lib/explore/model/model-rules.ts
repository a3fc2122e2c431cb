import { ruleVerdict } from '../../report/explore-model.ts';
import type { OutcomeRule } from '../../scenario/index.ts';
import type { Found } from '../../stress/discover.ts';
import { ExploreError, TooLarge } from '../error.ts';
import { scenarioProgram, whyNotExplored } from '../scenario-program.ts';
import { exploredModel } from './explored-model.ts';
import { modelOf } from './model.ts';

/** States that a scenario may have, so that a report need not wait. The same on each machine. */
const MAX_STATES = 3_000;
const LIMITS = { maxNodes: 20_000, maxSteps: 1_000, patienceMs: 1_000 };

/**
 * A scenario's table, with what the memory model says of each row where that is quickly known. A mark
 * that the author wrote stays. What is thrown is a fault of the explorer's.
 */
export function rulesWithModel(found: Found): readonly OutcomeRule[] {
  const { definition, rules } = found.scenario;
  if (whyNotExplored(definition) !== undefined) return rules;
  try {
    const program = scenarioProgram(found, LIMITS);
    const model = exploredModel(program, modelOf(program, { maxStates: MAX_STATES }));
    return rules.map((rule) => {
      const says = ruleVerdict(rules, rule, model);
      return rule.model !== undefined || says === 'too large' ? rule : { ...rule, model: says };
    });
  } catch (error) {
    // what cannot be explored, threads can run all the same
    if (error instanceof ExploreError || error instanceof TooLarge) return rules;
    throw error;
  }
}
