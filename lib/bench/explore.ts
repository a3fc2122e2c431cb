import { fileURLToPath } from 'node:url';
import {
  DecisionTrees,
  explore,
  RandomWalk,
  type ScenarioProgram,
  scenarioProgram,
  whyNotExplored,
} from '../explore/index.ts';
import { buildExplorer, explore as exploreKernel } from '../kernel-explore/index.ts';
import { exploreVerdict } from '../report/explore-text.ts';
import { discover } from '../stress/index.ts';
import type { Bench, CaseResult } from './bench.ts';
import { compared } from './result.ts';

const ROUNDS = 5;
const EXECUTIONS = 200_000;
/** Each runs actors again at every step, so they are few. */
const RERUN_EXECUTIONS = 60;
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

/** All litmus scenarios under SC, TSO and the memory model; what is too large is named. */
async function allLitmus(): Promise<CaseResult> {
  const found = (await discover(['litmus'])).filter(
    ({ scenario }) => whyNotExplored(scenario.definition) === undefined,
  );
  const start = performance.now();
  const { scenarios } = explore(found, {
    tool: '',
    machines: ['sc', 'tso'],
    model: true,
    search: { kind: 'all' },
    seed: SEED,
    timeMs: undefined,
    // more than twenty times what the largest of them has, but for the one that is too large
    maxStates: 4_000,
  });
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
    'exploring schedules: executions a second, all litmus scenarios, accesses of the C side',
  cases: [
    ...rates.map(
      ([name, scenario]) =>
        () =>
          rate(name, scenario),
    ),
    allLitmus,
    kernelAccesses,
  ],
};
