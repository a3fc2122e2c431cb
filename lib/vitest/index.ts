/** `syslets/vitest`: scenarios as tests of one's own suite. */
import { randomInt } from 'node:crypto';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';
import { DEFAULT_MAX_STATES, type ExploreOptions } from '../explore/index.ts';
import type { ExploredScenario } from '../report/explore-result.ts';
import { exploredText, exploreVerdict } from '../report/explore-text.ts';
import { type GradedScenario, grade, mergeRuns, noPaint, scenarioText } from '../report/index.ts';
import type { TrialConfig } from '../report/result.ts';
import type { Params } from '../scenario/index.ts';
import { runInProcess } from './run-process.ts';
import { DEFAULT_MS } from './run-request.ts';

export type { ExploredScenario, ExploreOptions, GradedScenario, Params, TrialConfig };

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

export interface ScenarioOptions {
  /**
   * For how long the scenario runs, starts of its processes included; each, if there are several.
   * Default: 2,000, of a structure 5,000.
   * Of `explore` the budget of all: none by default.
   */
  readonly timeMs?: number;
  /** Default: another one each time; a failure names it. */
  readonly seed?: number;
  /** One configuration instead of each in its turn. */
  readonly config?: Partial<TrialConfig>;
  /** Actors that make no step for so long hang. */
  readonly timeoutMs?: number;
  /** Every schedule of it instead of threads: passes only if all were seen and none is wrong. */
  readonly explore?: boolean | Partial<Pick<ExploreOptions, OfSearches>>;
  /** Of a table of parameters, only these values. */
  readonly params?: Params;
  /** Goes on after something forbidden was seen. */
  readonly keepGoing?: boolean;
}

const OF_SEARCHES = [
  'machines',
  'model',
  'search',
  'maxStates',
  'maxSteps',
  'patienceMs',
  'program',
  'programs',
] as const;
type OfSearches = (typeof OF_SEARCHES)[number];

/** A run keeps to its time within a second; Vitest itself may be slow on a busy machine. */
const PATIENCE_MS = 30_000;

/**
 * A scenario failed, or not enough was seen to say that it is right: the message is its table of
 * outcomes with the reason, and the command that runs it again.
 */
export class ScenarioFailure extends Error {
  override readonly name = 'ScenarioFailure';
  readonly scenario: GradedScenario;

  constructor(scenario: GradedScenario) {
    super(`\n${scenarioText(scenario, { paint: noPaint })}`);
    this.scenario = scenario;
  }
}

/**
 * Runs the scenario of a file (a path or URL) and grades it; throws nothing if it fails. Of a file
 * with a table of parameters, `params` chooses one.
 */
export async function runScenario(
  file: string | URL,
  options: Omit<ScenarioOptions, 'explore'> = {},
): Promise<GradedScenario> {
  if ((options as ScenarioOptions).explore)
    throw new TypeError('runScenario runs threads: call exploreScenario');
  return onlyOne(file, await runScenarios(file, options), ({ title }) => title);
}

function onlyOne<T>(file: string | URL, all: readonly T[], nameOf: (one: T) => string): T {
  const [one, ...more] = all;
  if (one !== undefined && more.length === 0) return one;
  const names = all.map(nameOf).join(', ');
  throw new TypeError(`${file} has several scenarios: choose one by params (${names})`);
}

function pathOf(file: string | URL): string {
  return String(file).startsWith('file:') ? fileURLToPath(String(file)) : String(file);
}

/** All scenarios of a file, each for `timeMs`. */
async function runScenarios(
  file: string | URL,
  options: ScenarioOptions,
): Promise<readonly GradedScenario[]> {
  const path = pathOf(file);
  const { timeMs, seed = randomInt(2 ** 32), config, timeoutMs } = options;
  const result = await runInProcess({
    kind: 'stress',
    path,
    params: options.params ?? {},
    timeMs,
    seed,
    config,
    timeoutMs,
    keepGoing: options.keepGoing ?? false,
    tool: version,
  });
  return grade(mergeRuns([[result, path]])).scenarios;
}

/** Exploring a scenario found something wrong, or could not see enough. */
export class ExploreFailure extends Error {
  override readonly name = 'ExploreFailure';
  readonly scenario: ExploredScenario;

  constructor(scenario: ExploredScenario) {
    super(`\n${exploredText(scenario, { paint: noPaint })}`);
    this.scenario = scenario;
  }
}

type ExploreChoice = Pick<ScenarioOptions, 'explore' | 'seed' | 'params' | 'timeMs'>;

/** What only threads have a use for. */
const OF_THREADS = ['config', 'timeoutMs', 'keepGoing'] as const;

/** @throws TypeError with an option that would be left out in silence. */
function checkExploreOptions(options: ScenarioOptions): void {
  const { explore } = options;
  const strange = [
    ...OF_THREADS.filter((name) => options[name]),
    ...Object.keys(Object(explore)).filter((name) => !OF_SEARCHES.some((one) => one === name)),
  ];
  if (strange.length === 0) return;
  throw new TypeError(
    `${strange[0]} means nothing where schedules are explored; explore takes ${OF_SEARCHES.join(', ')}`,
  );
}

/**
 * Explores the scenario of a file (a path or URL); throws nothing if it fails. Of a file with a table
 * of parameters, `params` chooses one.
 */
export async function exploreScenario(
  file: string | URL,
  options: ExploreChoice = {},
): Promise<ExploredScenario> {
  return onlyOne(file, await exploreScenarios(file, options), ({ name }) => name);
}

/** All scenarios of a file. */
async function exploreScenarios(
  file: string | URL,
  given: ExploreChoice,
): Promise<readonly ExploredScenario[]> {
  checkExploreOptions(given);
  const { explore: how, seed = 1, params = {}, timeMs } = given;
  const options = {
    tool: version,
    machines: ['sc', 'tso'],
    model: true,
    search: { kind: 'all' },
    seed,
    timeMs,
    maxStates: DEFAULT_MAX_STATES,
    ...(typeof how === 'object' ? how : {}),
  } as const;
  return (await runInProcess({ kind: 'explore', path: pathOf(file), params, options })).scenarios;
}

async function exploreOrFail(
  file: string | URL,
  options: ScenarioOptions,
  skip: (why: string) => void,
): Promise<void> {
  const scenarios = await exploreScenarios(file, options);
  const bad = scenarios.find((one) => !one.skipped && exploreVerdict(one) !== 'passed');
  if (bad) throw new ExploreFailure(bad);
  const skipped = scenarios.find((one) => one.skipped !== undefined)?.skipped;
  if (skipped !== undefined) skip(skipped);
}

/**
 * A test that runs the scenarios of a file and fails if something forbidden was seen, if actors
 * threw, died or hung, or if not enough was seen to say. Where the scenario cannot run (no addon)
 * the test is skipped, with the reason.
 */
export function testScenario(
  name: string,
  file: string | URL,
  options: ScenarioOptions = {},
): void {
  const timeout = 10 * (options.timeMs ?? DEFAULT_MS.structure) + PATIENCE_MS;
  test(name, { timeout }, async (context) => {
    if (options.explore) {
      await exploreOrFail(file, options, (why) => context.skip(why));
      return;
    }
    const scenarios = await runScenarios(file, options);
    const bad = scenarios.find(isBad);
    if (bad) throw new ScenarioFailure(bad);
    const skipped = scenarios.find((one) => one.skipped.length > 0)?.skipped[0];
    if (skipped !== undefined) context.skip(skipped);
  });
}

/** Where nothing ran and no reason is known, the time was over before anything had begun. */
function isBad({ verdict, skipped }: GradedScenario): boolean {
  if (verdict === 'not run') return skipped.length === 0;
  return verdict === 'failed' || verdict === 'inconclusive';
}
