import { ExploreError } from '../explore/index.ts';
import type { Given } from './given.ts';

/** What else an option needs, by its name in Options, to mean anything. */
const NEEDS = { strategy: 'random', lenient: 'replay' } as const;
/** Of the kernel side: what a search has a meaning for, and what a replay does. */
const KERNEL =
  'machine preemptions delays random seed time maxStates shard resume replay outcome filter json html junit list all';
const KERNEL_REPLAY = 'machine replay filter all';
const KERNEL_RANDOM = 'machine random seed time shard resume outcome filter json html junit all';
const KERNEL_LIST = 'filter shard list all';
const LIST = 'filter shard param list all';
/** The memory model has axioms, and no schedules that a search could choose. */
const MODEL =
  'machine time maxStates maxSteps patience shard resume filter param json html junit list all';
/** A schedule has everything else in it. */
const REPLAY = 'machine replay lenient program patience filter param all';

/** @throws ExploreError */
export function checkKernelOptions({ has, only }: Given, models: readonly string[]): void {
  only(KERNEL, 'means nothing for the kernel side');
  if (has('list')) only(KERNEL_LIST, 'means nothing beside --list: nothing is explored');
  if (has('replay')) only(KERNEL_REPLAY, 'means nothing beside --replay: the schedule says it');
  else if (has('random')) only(KERNEL_RANDOM, 'means nothing beside --random: it has no bound');
  else if (has('seed')) throw new ExploreError('--seed is of --random: give both, or none');
  if (has('delays') && has('machine') && !models.some((model) => model !== 'sc')) {
    throw new ExploreError('--delays means nothing under sc: no store waits there');
  }
}

/** What the options are held against. */
export interface Asked {
  /** How many of what was named are structures. */
  readonly structures: number;
  readonly machines: readonly string[];
}

/**
 * Of scenarios and structures.
 *
 * @throws ExploreError
 */
export function checkOptions({ has, only }: Given, { structures, machines }: Asked): void {
  if (has('list')) only(LIST, 'means nothing beside --list: nothing is explored');
  if (has('replay')) only(REPLAY, 'means nothing beside --replay: the schedule says it');
  for (const [name, needed] of Object.entries(NEEDS)) {
    if (has(name) && !has(needed)) {
      throw new ExploreError(`--${name} is of --${needed}: give both, or none`);
    }
  }
  if (has('random') && has('maxStates')) {
    throw new ExploreError('--max-states means nothing beside --random: it keeps no states');
  }
  if (machines.length === 0 && !has('replay')) {
    only(MODEL, 'means nothing beside --machine model: the axioms have no schedules');
  }
  if (has('reduce') && !machines.includes('sc')) {
    throw new ExploreError('--reduce is of --machine sc, which is not among those that were named');
  }
  if (has('program')) checkOneProgram(has);
  if (structures > 0) return;
  if (has('programs')) {
    throw new ExploreError('--programs is of a linearizable, and none was named');
  }
  if (has('seed') && !has('random')) {
    throw new ExploreError('--seed is of --random and of a linearizable, and there is neither');
  }
}

/** Nothing chooses programs where one is given. */
function checkOneProgram(has: Given['has']): void {
  const strange = has('programs') ? 'programs' : has('seed') && !has('random') ? 'seed' : undefined;
  if (strange === undefined) return;
  throw new ExploreError(`--${strange} means nothing beside --program: it is of random programs`);
}
