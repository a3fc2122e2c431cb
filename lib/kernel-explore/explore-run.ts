import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import {
  beginExplore,
  type ExploredScenario,
  type ExploreEvent,
  type ExploreResult,
} from '../report/explore-result.ts';
import type { Shard } from '../report/result.ts';
import {
  type ExploredSearch,
  exploreSearch,
  notBegun,
  type SearchOptions,
} from './explored-search.ts';
import { rulesOf } from './graded.ts';
import {
  type Exploration,
  KERNEL_MODELS,
  type KernelModel,
  type KernelScenario,
} from './scenarios.ts';

export interface KernelRunOptions extends SearchOptions {
  /** Version of this package, for the result. */
  readonly tool: string;
  /** Some of those that each scenario names; undefined: all. */
  readonly models?: readonly KernelModel[] | undefined;
  /** Instead of the scenario's own bound. */
  readonly preemptions?: number | undefined;
  /** The same for stores that wait, or are seen before those that do. */
  readonly delays?: number | undefined;
  /** Of the whole run, in ms; undefined: no limit. Each search has a share. */
  readonly timeMs?: number | undefined;
  /** The part of the scenarios that was given. */
  readonly shard?: Shard | null | undefined;
  /** Scenarios of an earlier run that need not be explored again. */
  readonly done?: readonly ExploredScenario[] | undefined;
  readonly onEvent?: (event: ExploreEvent) => void;
}

/** Explores scenarios of the kernel side with the program that buildExplorer made. */
export async function exploreAll(
  program: string,
  given: readonly KernelScenario[],
  options: KernelRunOptions,
): Promise<ExploreResult> {
  const { tool, shard = null } = options;
  const resultOf = beginExplore({ tool, shard, options: kernelOptionsText(options) });
  const begin = performance.now();
  const scenarios: ExploredScenario[] = [];
  const result = () => resultOf(scenarios);
  const { timeMs = Number.POSITIVE_INFINITY } = options;
  for (const [index, scenario] of given.entries()) {
    const leftMs = (done: number) => begin + (timeMs * done) / given.length - performance.now();
    const where = { scenario: scenario.name, index: index + 1, count: given.length };
    const look = (machine: KernelModel) =>
      options.onEvent?.({ kind: 'progress', ...where, machine });
    const source = sourceOf(program, scenario);
    const known = options.done?.find((one) => one.name === scenario.name && one.source === source);
    const limit = () => leftMs(index + 1);
    scenarios.push(
      known ?? (await exploredOne(program, scenario, options, { source, look, limit })),
    );
    options.onEvent?.({ kind: 'scenario', result });
  }
  return result();
}

interface Given {
  readonly source: string;
  readonly look: (machine: KernelModel) => void;
  readonly limit: () => number;
}

async function exploredOne(
  program: string,
  scenario: KernelScenario,
  options: KernelRunOptions,
  { source, look, limit }: Given,
): Promise<ExploredScenario> {
  const searches: ExploredSearch[] = [];
  const explorations = explorationsOf(scenario, options);
  for (const [at, exploration] of explorations.entries()) {
    look(exploration.model);
    const timeMs = limit() / (explorations.length - at);
    const given = {
      deadline: performance.now() + timeMs,
      isShown: searches.some(({ failure }) => failure !== undefined),
    };
    const search =
      timeMs > 0
        ? await exploreSearch(program, scenario, exploration, options, given)
        : notBegun(exploration);
    searches.push(search);
  }
  const { failure, actors = [] } = searches.find((one) => one.failure) ?? {};
  return {
    name: scenario.name,
    file: FILE,
    source,
    description: scenario.description,
    actors,
    registers: scenario.result,
    outcomes: rulesOf(scenario),
    machines: searches.map(({ machine }) => machine),
    ...(failure ? { failure } : {}),
  };
}

/** Where scenarios of the kernel side are. */
const FILE = 'native/sim/scenarios';

/** Of the program, which is named for its sources, and of what the scenario asks. */
function sourceOf(program: string, scenario: KernelScenario): string {
  const { outcomes: _, ...asked } = scenario;
  return createHash('sha256')
    .update(basename(dirname(program)))
    .update(JSON.stringify([asked, rulesOf(scenario)]))
    .digest('hex');
}

function explorationsOf(
  { explore }: KernelScenario,
  { models = KERNEL_MODELS, preemptions, delays }: KernelRunOptions,
): readonly Exploration[] {
  return explore
    .filter(({ model }) => models.includes(model))
    .map((one) => ({
      ...one,
      ...(preemptions === undefined ? {} : { preemptions }),
      ...(delays === undefined || one.model === 'sc' ? {} : { delays }),
    }));
}

/** The options that decide about results, as text. */
export function kernelOptionsText(options: KernelRunOptions): string {
  const { models = KERNEL_MODELS, preemptions, delays, random, outcome } = options;
  const bounds = [
    ...(preemptions === undefined ? [] : [`preemptions ${preemptions}`]),
    ...(delays === undefined ? [] : [`delays ${delays}`]),
    ...(random ? [`random ${JSON.stringify(random)}`] : []),
  ];
  const how = bounds.join(', ') || "bounds of each scenario's own";
  return `kernel; ${models.join(',')}; ${how}${outcome === undefined ? '' : `; to ${outcome}`}`;
}
