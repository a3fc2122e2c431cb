/** `syslets/vitest`: scenarios as tests of one's own suite. */
import { randomInt } from 'node:crypto';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';
import { DEFAULT_MAX_STATES, type ExploreOptions, explore } from '../explore/index.ts';
import type { ExploredScenario } from '../report/explore-result.ts';
import { exploredText, exploreVerdict } from '../report/explore-text.ts';
import { type GradedScenario, grade, mergeRuns, noPaint, scenarioText } from '../report/index.ts';
import type { TrialConfig } from '../report/result.ts';
import type { Params } from '../scenario/index.ts';
import { DEFAULT_CONFIG, discover } from '../stress/index.ts';
import { runInProcess } from './run-process.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

export interface ScenarioOptions {
  /** For how long the scenario runs, starts of its processes included; each, if there are several. */
  readonly timeMs?: number;
  /** Default: another one each time; a failure names it. */
  readonly seed?: number;
  /** One configuration instead of each in its turn. */
  readonly config?: Partial<TrialConfig>;
  /** Actors that make no step for so long hang. */
  readonly timeoutMs?: number;
  /** Every schedule of it instead of threads: passes only if all were seen and none is wrong. */
  readonly explore?:
    | boolean
    | Partial<Pick<ExploreOptions, 'machines' | 'model' | 'search' | 'maxStates'>>;
  /** Of a table of parameters, only these values. */
  readonly params?: Params;
  /** Goes on after something forbidden was seen. */
  readonly keepGoing?: boolean;
}

const DEFAULT_TIME_MS = 2000;
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
  options: ScenarioOptions = {},
): Promise<GradedScenario> {
  const [graded, ...more] = await runScenarios(file, options);
  if (graded && more.length === 0) return graded;
  const names = [graded, ...more].map((one) => one?.title).join(', ');
  throw new TypeError(`${file} has several scenarios: choose one by params (${names})`);
}

/** All scenarios of a file, each for `timeMs`. */
async function runScenarios(
  file: string | URL,
  options: ScenarioOptions,
): Promise<readonly GradedScenario[]> {
  const path = String(file).startsWith('file:') ? fileURLToPath(String(file)) : String(file);
  const { timeMs = DEFAULT_TIME_MS, seed = randomInt(2 ** 32), config, timeoutMs } = options;
  const result = await runInProcess({
    path,
    params: options.params ?? {},
    timeMs,
    seed,
    config: config && { ...DEFAULT_CONFIG, ...config },
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

/** Explores the scenario of a file (a path or URL); throws nothing if it fails. */
export async function exploreScenario(
  file: string | URL,
  { explore: how, seed = 1 }: Pick<ScenarioOptions, 'explore' | 'seed'> = {},
): Promise<ExploredScenario> {
  const path = String(file).startsWith('file:') ? fileURLToPath(String(file)) : String(file);
  const { scenarios } = explore(await discover([path]), {
    tool: version,
    machines: ['sc', 'tso'],
    model: true,
    search: { kind: 'all' },
    seed,
    timeMs: undefined,
    maxStates: DEFAULT_MAX_STATES,
    ...(typeof how === 'object' ? how : {}),
  });
  return scenarios[0] as ExploredScenario;
}

async function exploreOrFail(
  file: string | URL,
  options: ScenarioOptions,
  skip: (why: string) => void,
): Promise<void> {
  const scenario = await exploreScenario(file, options);
  if (scenario.skipped !== undefined) skip(scenario.skipped);
  else if (exploreVerdict(scenario) !== 'passed') throw new ExploreFailure(scenario);
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
  const timeout = 10 * (options.timeMs ?? DEFAULT_TIME_MS) + PATIENCE_MS;
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
