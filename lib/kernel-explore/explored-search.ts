import type {
  Coverage,
  ExploredFailure,
  ExploredMachine,
  ExploredScenario,
} from '../report/explore-result.ts';
import { explainedSteps } from './explained-steps.ts';
import { explore, type KernelSearch, type SearchLimits } from './explorer.ts';
import { type GradedOutcome, graded } from './graded.ts';
import type { Exploration, KernelScenario } from './scenarios.ts';
import { fewestPreemptions, isForbidden, replay, timeUntil } from './shortest.ts';

/** Longest search for the shortest schedule to what chance has found. */
const SHORTEST_MS = 600_000;

/** What the program has room for by default (native/sim/main.c). */
export const DEFAULT_MAX_STATES = 100_000_000;

export interface SearchOptions {
  readonly maxStates?: number | undefined;
  /** So many executions by chance, instead of all. */
  readonly random?: SearchLimits['random'] | undefined;
  /** Wanted is the shortest schedule to this outcome, not to a wrong one. */
  readonly outcome?: string | undefined;
}

/** What a search is given beside its options. */
export interface SearchGiven {
  /** Until which reading of performance.now() it may go on; Infinity: no limit. */
  readonly deadline: number;
  /** Another machine has shown what is wanted: no schedule to it is searched for. */
  readonly isShown: boolean;
}

export interface ExploredSearch extends Partial<Pick<ExploredScenario, 'failure' | 'actors'>> {
  readonly machine: ExploredMachine;
}

/** Searches a scenario on one machine until the deadline; of what is wanted the shortest schedule. */
export async function exploreSearch(
  program: string,
  scenario: KernelScenario,
  exploration: Exploration,
  options: SearchOptions,
  { deadline, isShown }: SearchGiven,
): Promise<ExploredSearch> {
  const { maxStates, random, outcome } = options;
  const states = maxStates === undefined ? {} : { states: maxStates };
  const search = await explore(program, scenario.name, exploration, {
    ...states,
    ...timeUntil(deadline),
    ...(random && { random }),
  });
  const { outcomes } = graded(scenario, search);
  const machine = {
    machine: search.model,
    coverage: coverageOf(search, options),
    ends: outcomes.map(({ end: { kind, text, executions } }) => ({ kind, text, executions })),
    folded: [],
    ms: search.ms,
  };
  const isWanted =
    outcome === undefined
      ? isForbidden
      : ({ end }: GradedOutcome) => end.kind === 'outcome' && end.text === outcome;
  const first = outcomes.find(isWanted);
  if (!first || isShown) return { machine };
  // as many executions by chance end by themselves, all within a bound may not
  const latest = random ? Math.min(deadline, performance.now() + SHORTEST_MS) : deadline;
  const shortest = await fewestPreemptions(program, scenario, exploration, {
    ...states,
    deadline: latest,
    isWanted,
  });
  const shown = shortest?.outcome ?? first;
  return { machine, ...(await described(program, scenario, exploration, shown)) };
}

/** A search for which no time was left. */
export function notBegun({ model }: Exploration): ExploredSearch {
  const coverage = { kind: 'part', executions: '0', states: 0, why: CUTS.time } as const;
  return { machine: { machine: model, coverage, ends: [], folded: [], ms: 0 } };
}

const CUTS = {
  time: 'the time was over',
  outcomes: 'more outcomes than the explorer has room for',
} as const;

/** What a search may claim. Values are never rounded up: a search that was cut claims nothing. */
function coverageOf(search: KernelSearch, { random, maxStates }: SearchOptions): Coverage {
  const { states, complete, cut } = search;
  const executions = String(search.executions);
  if (random) {
    return { kind: 'random', executions, states: 0, seed: random.seed, strategy: 'uniform' };
  }
  const bounds = boundsOf(search);
  const common = { executions, isCounted: false, states, ...bounds } as const;
  if (complete)
    return { kind: Object.keys(bounds).length === 0 ? 'all' : 'preemptions', ...common };
  const why =
    cut === 'time' || cut === 'outcomes'
      ? CUTS[cut]
      : `more than ${maxStates ?? DEFAULT_MAX_STATES} states`;
  return { kind: 'part', ...common, why };
}

function boundsOf({ model, preemptions, delays }: KernelSearch) {
  return {
    ...(preemptions < 0 ? {} : { preemptions }),
    ...(delays < 0 || model === 'sc' ? {} : { delays }),
  };
}

/** The schedule of an outcome, made again. */
async function described(
  program: string,
  scenario: KernelScenario,
  { model }: Exploration,
  { schedule, end }: GradedOutcome,
): Promise<Pick<ExploredSearch, 'failure' | 'actors'>> {
  const { explained, note, preemptions } = await remade(program, scenario, model, schedule);
  const failure: ExploredFailure = {
    machine: model,
    preemptions,
    end: { kind: end.kind, text: end.text },
    steps: explained.steps,
    ...(note === undefined
      ? {}
      : { cause: { kind: 'not made again', sentence: `the schedule: ${note}` } }),
    replay: schedule,
    command: againCommand(scenario, schedule),
  };
  return { actors: explained.actors, failure };
}

export function againCommand({ name }: KernelScenario, schedule: string): string {
  return `syslets explore ${name} --replay '${schedule}'`;
}

/** An execution, made again by its schedule: what its steps were, and how often it was preempted. */
export async function remade(
  program: string,
  scenario: KernelScenario,
  model: KernelSearch['model'],
  schedule: string,
) {
  const search = await replay(program, scenario, model, schedule);
  const explained = await explainedSteps(program, search.trace ?? []);
  return { search, explained, note: search.replay, preemptions: search.preempted };
}
