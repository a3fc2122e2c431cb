import type { Coverage, ExploredEnd, ExploredMachine } from '../report/explore-result.ts';
import { BoundedLadder } from './bounded-ladder.ts';
import { TooLarge } from './error.ts';
import type { RaceFinder } from './model/race-finder.ts';
import { type ExploreOptions, isDealtOut } from './options.ts';
import type { End, Machines } from './program.ts';
import { RandomWalk } from './random-walk.ts';
import { Reduction, whyNotReduced } from './reduction.ts';
import type { ScenarioProgram } from './scenario-program.ts';
import { type GraphResult, StateGraph } from './state-graph.ts';

/**
 * Told while a search goes on; true ends it. Of a scenario's share of the time the search may take so
 * large a part, with all that came before it: each machine has one.
 */
export type Watch = (states: number, executions: number, part?: number) => boolean;

/** Whether a search of this kind of machine has parts: the reduction knows one kind. */
export function isSplit(machines: Machines, options: ExploreOptions): boolean {
  return isDealtOut(options) && (options.search.kind === 'random' || machines === 'sc');
}

/**
 * What is possible on one kind of machine. Bigger than the budget: part of it, and that is said. A
 * search of all states looks for races by the way, where it is asked for.
 */
export function exploreMachine(
  program: ScenarioProgram,
  machines: Machines,
  options: ExploreOptions,
  watch: Watch,
  finder?: RaceFinder,
): ExploredMachine {
  const found = foundBy(program, machines, options, watch, finder);
  return { machine: machines, ...found, folded: foldedTexts(program) };
}

function foundBy(
  program: ScenarioProgram,
  machines: Machines,
  options: ExploreOptions,
  watch: Watch,
  finder: RaceFinder | undefined,
): Found {
  const { search } = options;
  if (search.kind === 'random') return randomly(program, machines, options, search, watch);
  if (search.kind === 'reduced' && machines === 'sc') {
    const found = reduced(program, options, watch);
    // trees may show only while they grow that there is a promise
    if (whyNotReduced(program) === undefined) return found;
  }
  return wholly(program, machines, options, watch, finder);
}

/** One of all executions that differ in the order of independent steps only. */
function reduced(program: ScenarioProgram, { shard }: ExploreOptions, watch: Watch): Found {
  const search = new Reduction(program, shard ?? undefined).search((made) => watch(0, made));
  const { ends, executions, isComplete, tooLarge } = search;
  const kind = isComplete ? 'reduced' : 'part';
  const common = { kind, executions: String(executions), states: 0, ...partsOf(shard) } as const;
  const coverage = isComplete ? common : { ...common, why: tooLarge ?? 'the time was over' };
  return { ends: ends.map(endText), coverage };
}

function partsOf(shard: ExploreOptions['shard']): Pick<Coverage, 'parts'> {
  return shard ? { parts: { have: [shard.index], of: shard.count } } : {};
}

type Found = Pick<ExploredMachine, 'coverage' | 'ends'>;

function wholly(
  program: ScenarioProgram,
  machines: Machines,
  { search, maxStates }: ExploreOptions,
  watch: Watch,
  finder: RaceFinder | undefined,
): Found {
  const bound = search.kind === 'preemptions' ? search.bound : Number.POSITIVE_INFINITY;
  const graph = new StateGraph(program, machines, bound);
  if (finder) graph.onState = (machine) => finder.look(machine);
  let isLate = false;
  const isOver = (states: number) => {
    isLate = watch(states, 0);
    return isLate;
  };
  const ladder = new BoundedLadder(program, machines, bound);
  let isComplete = graph.search({ maxStates: Math.min(maxStates, SMALL), isOver });
  if (!isComplete && !graph.tooLarge && !isLate && maxStates > SMALL) {
    // the budget may end what follows, so what is surely within it comes first
    ladder.climb({ maxStates: maxStates / 4, isOver });
    isComplete = !isLate && graph.search({ maxStates, isOver });
  }
  const result = graph.result();
  const why = isLate ? 'the time was over' : (graph.tooLarge ?? `more than ${maxStates} states`);
  if (isComplete) return { ends: result.ends.map(endText), coverage: coverageOf(result, bound) };
  if (!isLate) ladder.climb({ maxStates, isOver });
  return {
    ends: ladder.joinedWith(result.ends).map(endText),
    coverage: { ...coverageOf(result, bound), kind: 'part', why, ...withinOf(ladder) },
  };
}

/** A search of no more states asks for no bound beforehand. */
const SMALL = 20_000;

function withinOf({ within }: BoundedLadder): Pick<Coverage, 'within'> {
  return within ? { within } : {};
}

function coverageOf({ states, executions }: GraphResult, bound: number): Coverage {
  const common = { states, executions: String(executions) };
  if (bound === Number.POSITIVE_INFINITY) return { kind: 'all', ...common };
  return { kind: 'preemptions', ...common, preemptions: bound };
}

/** Steps between two looks at the clock. */
const LOOK_EVERY = 100_000;

function randomly(
  program: ScenarioProgram,
  machines: Machines,
  options: ExploreOptions,
  search: RandomSearch,
  watch: Watch,
): Found {
  const { seed, shard } = options;
  const { strategy } = search;
  const walk = new RandomWalk(program, machines, seed, strategy);
  const { made, tooLarge } = walkAll(walk, options, search, watch);
  const common = { executions: String(made), states: 0, seed, strategy, ...partsOf(shard) };
  const ends = walk.ends.map(endText);
  if (tooLarge === undefined) return { ends, coverage: { kind: 'random', ...common } };
  return { ends, coverage: { kind: 'part', why: tooLarge, ...common } };
}

type RandomSearch = Extract<ExploreOptions['search'], { kind: 'random' }>;

function walkAll(
  walk: RandomWalk,
  { shard }: ExploreOptions,
  { executions }: RandomSearch,
  watch: Watch,
): { readonly made: number; readonly tooLarge?: string } {
  const { index: first, count: step } = shard ?? { index: 1, count: 1 };
  let [made, looked] = [0, 0];
  try {
    for (let index = first - 1; index < executions; index += step) {
      if (walk.steps - looked > LOOK_EVERY) {
        looked = walk.steps;
        if (watch(0, made)) break;
      }
      walk.run(index);
      made += 1;
    }
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    return { made, tooLarge: error.message };
  }
  return { made };
}

function endText({ kind, text, executions }: End & { readonly executions: bigint }): ExploredEnd {
  return { kind, text, executions: String(executions) };
}

/** What is not as it is written: said with every result that rests on it. */
function foldedTexts({ trees, actors, calls }: ScenarioProgram): string[] {
  const texts = trees.spins.flatMap((spin) => {
    if (!spin) return [];
    // the threads of a structure are alike
    const who = calls ? 'a thread' : actors[spin.actor];
    return [`${who} waits in a loop at ${trees.site(spin.head)}`];
  });
  return [...new Set(texts)];
}
