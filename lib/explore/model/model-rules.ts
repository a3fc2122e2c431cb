import { ruleVerdict } from '../../report/explore-model.ts';
import type { OutcomeRule } from '../../scenario/index.ts';
import type { Found } from '../../stress/discover.ts';
import { scenarioProgram, whyNotExplored } from '../scenario-program.ts';
import { exploredModel } from './explored-model.ts';
import { modelOf } from './model.ts';

/** States that a scenario may have, so that a report need not wait. The same on each machine. */
const MAX_STATES = 3_000;
const MAX_NODES = 20_000;

/**
 * A scenario's table, with what the memory model says of each row where that is quickly known. A mark
 * that the author wrote stays.
 */
export function rulesWithModel(found: Found): readonly OutcomeRule[] {
  const { definition, rules } = found.scenario;
  if (whyNotExplored(definition) !== undefined) return rules;
  try {
    const program = scenarioProgram(found, { maxNodes: MAX_NODES, patienceMs: 1000 });
    const model = exploredModel(program, modelOf(program, { maxStates: MAX_STATES }));
    return rules.map((rule) => {
      const says = ruleVerdict(rules, rule, model);
      return rule.model !== undefined || says === 'too large' ? rule : { ...rule, model: says };
    });
  } catch {
    // whatever is in its way here is none in the way of threads: exploring says what it is
    return rules;
  }
}
