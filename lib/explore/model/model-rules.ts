import { createContext, Script } from 'node:vm';
import { ruleVerdict } from '../../report/explore-model.ts';
import type { OutcomeRule } from '../../scenario/index.ts';
import type { Found } from '../../stress/discover.ts';
import { ExploreError, TooLarge } from '../error.ts';
import { limited, RanTooLong } from '../realm/limited.ts';
import { scenarioProgram, whyNotExplored } from '../scenario-program.ts';
import { isStructure } from '../structure-program.ts';
import { exploredModel } from './explored-model.ts';
import { modelOf } from './model.ts';

/** States that a scenario may have, so that a report need not wait. The same on each machine. */
const MAX_STATES = 3_000;
const LIMITS = { maxNodes: 20_000, maxSteps: 1_000, patienceMs: Number.POSITIVE_INFINITY };
/** All runs of a scenario together: a limit for each would be a thread for each, thousands of them. */
const PATIENCE_MS = 5_000;
const NOT_KNOWN = [ExploreError, TooLarge, RanTooLong];
const job = new Script('job()');

/**
 * A scenario's table, with what the memory model says of each row where that is quickly known. A mark
 * that the author wrote stays. What is thrown is a fault of the explorer's.
 */
export function rulesWithModel(found: Found): readonly OutcomeRule[] {
  const { rules } = found.scenario;
  // the model is not asked about operations
  if (isStructure(found) || whyNotExplored(found.scenario) !== undefined) return rules;
  const context = createContext({ job: () => marked(found) });
  for (let slowness = 1; ; slowness *= 2) {
    try {
      return limited(job, context, PATIENCE_MS, slowness) as readonly OutcomeRule[];
    } catch (error) {
      if (error instanceof RanTooLong && error.isStarved) continue;
      // what cannot be explored, threads can run all the same
      if (NOT_KNOWN.some((kind) => error instanceof kind)) return rules;
      throw error;
    }
  }
}

function marked(found: Found): readonly OutcomeRule[] {
  const { rules } = found.scenario;
  const program = scenarioProgram(found, LIMITS);
  const model = exploredModel(program, modelOf(program, { maxStates: MAX_STATES }));
  return rules.map((rule) => {
    const says = ruleVerdict(rules, rule, model);
    return rule.model !== undefined || says === 'too large' ? rule : { ...rule, model: says };
  });
}
