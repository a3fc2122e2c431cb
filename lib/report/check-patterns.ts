import { createContext, Script } from 'node:vm';
import type { RunResult, ScenarioResult } from './result.ts';
import { ruleMatcher } from './rule-matcher.ts';

/** For all patterns of a file. They take microseconds, unless somebody means them not to. */
export const PATTERNS_MS = 2000;

const MATCH = new Script('match()');

/**
 * The first scenario whose patterns do not come to an end on its outcomes within the time of the
 * file; undefined if all do. A pattern such as `^(a+)+$` takes years for an outcome of fifty letters,
 * and a result file may come from anywhere. What has ended here ends again when it is graded: there
 * each pattern meets the same outcomes.
 */
export function endlessPatterns(run: RunResult, limitMs = PATTERNS_MS): string | undefined {
  let leftMs = limitMs;
  for (const scenario of run.scenarios) {
    if (!scenario.outcomes.some(({ match }) => 'pattern' in match)) continue;
    const start = performance.now();
    if (!endsWithin(leftMs, () => matchAll(scenario))) return scenario.name;
    leftMs -= performance.now() - start;
  }
  return undefined;
}

function matchAll({ outcomes, trials }: ScenarioResult): void {
  const ruleOf = ruleMatcher(outcomes);
  const texts = new Set(trials.flatMap(({ counts }) => Object.keys(counts)));
  for (const text of texts) ruleOf(text);
}

/** V8 interrupts a regular expression only where it has been told a time limit for a script. */
function endsWithin(ms: number, match: () => void): boolean {
  if (ms < 1) return false;
  try {
    MATCH.runInContext(createContext({ match }), { timeout: Math.ceil(ms) });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  }
}
