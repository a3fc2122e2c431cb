import { fileURLToPath } from 'node:url';
import {
  DecisionTrees,
  explore,
  RandomWalk,
  replayOften,
  type ScenarioProgram,
  scenarioProgram,
  whyNotExplored,
} from '../explore/index.ts';
import { buildExplorer, explore as exploreKernel } from '../kernel-explore/index.ts';
import { exploreVerdict } from '../report/explore-text.ts';
import { ruleMatcher } from '../report/rule-matcher.ts';
import { discover, type Found } from '../stress/index.ts';
import type { Bench, CaseResult } from './bench.ts';
import { compared } from './result.ts';

const ROUNDS = 5;
const EXECUTIONS = 200_000;
/** Each runs actors again at every step, so they are few. */
const RERUN_EXECUTIONS = 60;
/** What a schedule has to withstand. */
const REPLAYS = 100;
const KERNEL_EXECUTIONS = 10_000;
const SEED = 2007;

const file = (name: string) => fileURLToPath(new URL(`./races/${name}.js`, import.meta.url));

const rates = [
  ['store buffering', 'litmus/sb'],
  ['mutex of two actors', file('mutex-of-two')],
  ['published ring buffer', file('published-ring')],
] as const;

async function programOf(name: string): Promise<ScenarioProgram> {
  const [found] = await discover([name]);
  if (!found) throw new Error(`there is no scenario ${name}`);
  return scenarioProgram(found);
}

/** Executions a second by chance, over trees that grow while it goes on. */
function walked(program: ScenarioProgram): number {
  const walk = new RandomWalk(program, 'sc', SEED, 'uniform');
  const start = performance.now();
  for (let index = 0; index < EXECUTIONS; index++) walk.run(index);
  return (EXECUTIONS * 1000) / (performance.now() - start);
}

/** The same executions by an actor that runs from its beginning at each step: no tree is kept. */
function rerun(program: ScenarioProgram): number {
  const start = performance.now();
  for (let index = 0; index < RERUN_EXECUTIONS; index++) {
    const trees = new DecisionTrees(program.trees.actors);
    new RandomWalk({ ...program, trees }, 'sc', SEED, 'uniform').run(index);
  }
  return (RERUN_EXECUTIONS * 1000) / (performance.now() - start);
}

async function rate(name: string, scenario: string): Promise<CaseResult> {
  const program = await programOf(scenario);
  walked(program);
  const [measured, baseline]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    measured.push(walked(program));
    baseline.push(rerun(program));
  }
  return compared(
    { case: name, unit: 'executions/s', baseline: 'actors run again at each step' },
    { measured, baseline },
    { nodes: program.trees.nodes },
  );
}

async function explorable(groups: readonly string[]): Promise<readonly Found[]> {
  const found = await discover(groups);
  return found.filter(({ scenario }) => whyNotExplored(scenario) === undefined);
}

const WHOLLY = {
  tool: '',
  machines: ['sc', 'tso'],
  search: { kind: 'all' },
  seed: SEED,
  timeMs: undefined,
  // more than twenty times what the largest litmus test has, but for the one that is too large
  maxStates: 4_000,
} as const;

/** All litmus scenarios under SC, TSO and the memory model; what is too large is named. */
async function allLitmus(): Promise<CaseResult> {
  const found = await explorable(['litmus']);
  const start = performance.now();
  const { scenarios } = explore(found, { ...WHOLLY, model: true });
  const ms = performance.now() - start;
  const tooLarge = scenarios.filter(
    (one) => exploreVerdict(one) === 'not enough' || one.model?.isComplete === false,
  );
  return {
    case: 'all litmus scenarios: sc, tso and model',
    value: Math.round(ms),
    unit: 'ms',
    baseline: null,
    baselineValue: null,
    ratio: null,
    detail: { scenarios: scenarios.length, tooLarge: tooLarge.map(({ name }) => name).join(', ') },
  };
}

/** Outcomes that a scenario's table calls interesting or forbidden, and that a schedule shows. */
function telling(found: Found): readonly string[] {
  const { rules } = found.scenario;
  const ruleOf = ruleMatcher(rules);
  const machines = explore([found], WHOLLY).scenarios[0]?.machines ?? [];
  const texts = machines.flatMap(({ ends }) => ends.map(({ text }) => text));
  return [...new Set(texts)].filter((text) => ruleOf(text)?.expect !== 'acceptable');
}

/** The shortest schedule of each of them, made again by its string. */
async function replays(): Promise<CaseResult> {
  const start = performance.now();
  let [schedules, same] = [0, 0];
  for (const found of await explorable(['litmus', 'wait'])) {
    for (const outcome of telling(found)) {
      const [explored] = explore([found], { ...WHOLLY, outcome }).scenarios;
      // where the states do not suffice for a schedule there is nothing to make again
      if (!explored?.failure) continue;
      const { replay, end } = explored.failure;
      schedules += 1;
      same += replayOften(found, replay, end, REPLAYS);
    }
  }
  const wanted = schedules * REPLAYS;
  return {
    case: 'outcomes that tell: each schedule made again',
    value: same,
    unit: 'as recorded',
    baseline: `${schedules} schedules, ${REPLAYS} times each`,
    baselineValue: wanted,
    ratio: same / wanted,
    detail: { ms: Math.round(performance.now() - start) },
  };
}

/** Accesses to memory of the C kernel side a second, of executions by chance. */
async function kernelAccesses(): Promise<CaseResult> {
  const program = await buildExplorer();
  const once = async (everyAccess: boolean, executions: number, round: number) => {
    const random = { executions, seed: SEED + round };
    const limits = { random, everyAccess };
    const found = await exploreKernel(program, 'kernel/hand-over', { model: 'sc' }, limits);
    return (found.accesses * 1000) / Math.max(1, found.ms);
  };
  const [measured, baseline]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    measured.push(await once(false, KERNEL_EXECUTIONS, round));
    baseline.push(await once(true, KERNEL_EXECUTIONS / 5, round));
  }
  return compared(
    {
      case: 'C side, kernel/hand-over',
      unit: 'accesses/s',
      baseline: 'a place to switch at each access',
    },
    { measured, baseline },
    { executions: KERNEL_EXECUTIONS },
  );
}

export const exploreBench: Bench = {
  name: 'explore',
  description:
    'exploring schedules: executions a second, all litmus scenarios, replays, accesses of the C side',
  cases: [
    ...rates.map(
      ([name, scenario]) =>
        () =>
          rate(name, scenario),
    ),
    allLitmus,
    replays,
    kernelAccesses,
  ],
};
