import { TooLarge } from '../error.ts';
import type { End, Program } from '../program.ts';
import { StateGraph } from '../state-graph.ts';
import { Candidates } from './candidates.ts';
import { countCombinations, eachCombination } from './combinations.ts';
import { NotInModel } from './path-walk.ts';
import { pathsOf } from './paths.ts';
import { type Race, RaceFinder } from './race-finder.ts';
import { TooManyExecutions } from './writes.ts';

/** What the memory model lets happen. */
export interface ModelFound {
  /** `race-free`: the ends are those of sequential consistency. `axioms`: there is a race. */
  readonly by: 'race-free' | 'axioms';
  readonly ends: readonly End[];
  /** Whether all that is not among the ends is forbidden. */
  readonly isComplete: boolean;
  readonly why?: string;
  readonly race?: Race;
  /** Executions that were held against the axioms. */
  readonly candidates: number;
}

export interface ModelLimits {
  readonly maxStates: number;
  readonly isOver?: (states: number) => boolean;
}

/** What a search of all sequentially consistent states has found. */
export interface SearchedStates {
  readonly race: Race | undefined;
  readonly isComplete: boolean;
  readonly ends: readonly End[];
}

/** Choices of paths that are looked at, fitting or not. */
const MOST_COMBINATIONS = 2_000_000;

/**
 * Which ends the ECMAScript memory model allows. A program without a data race in any sequentially
 * consistent execution behaves as sequential consistency does, and nothing more is looked at.
 */
export function modelOf(
  program: Program,
  limits: ModelLimits,
  searched = searchStates(program, limits),
): ModelFound {
  if (searched.race) return byAxioms(program, searched, searched.race, limits);
  const { ends } = searched;
  const isComplete = searched.isComplete && ends.every(({ kind }) => kind !== 'step limit');
  const common = { by: 'race-free', ends, isComplete, candidates: 0 } as const;
  return isComplete ? common : { ...common, why: 'too many states to know whether it races' };
}

/** The states of sequential consistency, up to the first race. */
function searchStates(program: Program, { maxStates, isOver }: ModelLimits): SearchedStates {
  const finder = new RaceFinder();
  const graph = new StateGraph(program, 'sc');
  graph.onState = (machine) => finder.look(machine);
  const isComplete = graph.search({
    maxStates,
    isOver: (states) => finder.race !== undefined || isOver?.(states) === true,
  });
  return { race: finder.race, isComplete, ends: graph.result().ends };
}

function byAxioms(
  program: Program,
  { ends }: SearchedStates,
  race: Race,
  { isOver }: ModelLimits,
): ModelFound {
  const candidates = new Candidates(program, () => isOver?.(0) === true);
  const common = { by: 'axioms', race } as const;
  try {
    const paths = pathsOf(program);
    if (countCombinations(paths) > MOST_COMBINATIONS) {
      throw new TooManyExecutions('the actors have too many ways');
    }
    eachCombination(program.memory, paths, (chosen) => candidates.try(chosen));
  } catch (error) {
    const isExpected =
      error instanceof TooManyExecutions ||
      error instanceof NotInModel ||
      error instanceof TooLarge;
    if (!isExpected) throw error;
    const found = withEnds(candidates.ends, ends);
    return {
      ...common,
      ends: found,
      isComplete: false,
      why: error.message,
      candidates: candidates.count,
    };
  }
  return {
    ...common,
    ends: [...candidates.ends.values()],
    isComplete: true,
    candidates: candidates.count,
  };
}

/** Sequentially consistent executions are valid ones: their ends are allowed without a look. */
function withEnds(found: ReadonlyMap<string, End>, ends: readonly End[]): End[] {
  const all = new Map(found);
  for (const end of ends) {
    const key = `${end.kind} ${end.text}`;
    if (!all.has(key)) all.set(key, { kind: end.kind, text: end.text });
  }
  return [...all.values()];
}
