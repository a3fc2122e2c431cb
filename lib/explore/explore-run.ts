import {
  beginExplore,
  type ExploredScenario,
  type ExploreEvent,
  type ExploreResult,
} from '../report/explore-result.ts';
import type { Found } from '../stress/discover.ts';
import { exploreScenario } from './explore-scenario.ts';
import { exploreStructure } from './explore-structure.ts';
import { type ExploreOptions, isDealtOut, optionsText } from './options.ts';
import { isStructure } from './structure-program.ts';

export interface RunOptions extends ExploreOptions {
  /** Version of this package, for the result. */
  readonly tool: string;
  /** Scenarios of an earlier run that need not be explored again. */
  readonly done?: readonly ExploredScenario[];
  readonly onEvent?: (event: ExploreEvent) => void;
  readonly isStopped?: () => boolean;
}

/** Explores all scenarios within the time; what was not reached is said, and is no success. */
export function explore(found: readonly Found[], options: RunOptions): ExploreResult {
  const { tool, shard = null } = options;
  const resultOf = beginExplore({ tool, shard, options: optionsText(options) });
  const begin = performance.now();
  const scenarios: ExploredScenario[] = [];
  const isLate = (share: number) => {
    const { timeMs } = options;
    const isOver = timeMs !== undefined && performance.now() - begin > timeMs * share;
    return isOver || options.isStopped?.() === true;
  };
  const result = () => resultOf(scenarios);
  const mine = [...found.entries()].filter(
    ([at, one]) => (isDealtOut(options) && !isStructure(one)) || isMine(at, options),
  );
  for (const [index, [at, one]] of mine.entries()) {
    const known = options.done?.find(({ name, source }) => isSame(one, name, source));
    const watch = (states: number, executions: number, part = 1) => {
      const where = { scenario: one.name, index: index + 1, count: mine.length };
      options.onEvent?.({ kind: 'progress', ...where, states, executions });
      // those behind it have a share of the time too
      return isLate((index + part) / mine.length);
    };
    const explore = () =>
      isStructure(one)
        ? exploreStructure(one, options, watch)
        : exploreScenario(one, options, watch, isMine(at, options));
    const explored = known ?? explore();
    if (hasAnswer(explored)) scenarios.push(explored);
    options.onEvent?.({ kind: 'scenario', result });
  }
  return result();
}

/** Of a scenario that is dealt out nothing may be this part's. */
function hasAnswer({ machines, model, skipped }: ExploredScenario): boolean {
  return machines.length > 0 || model !== undefined || skipped !== undefined;
}

function isSame(found: Found, name: string, source: string): boolean {
  return found.name === name && found.source === source;
}

/** Whether this part does what is not dealt out of a scenario. */
function isMine(index: number, { shard }: RunOptions): boolean {
  return !shard || index % shard.count === shard.index - 1;
}
