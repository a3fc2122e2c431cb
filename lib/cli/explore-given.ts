import type { Command } from 'commander';
import { ExploreError } from '../explore/index.ts';

/** What else an option needs, by its name in Options, to mean anything. */
const NEEDS = { strategy: 'random', lenient: 'replay' } as const;
/** Of the kernel side: what a search has a meaning for, and what a replay does. */
const KERNEL =
  'machine preemptions delays random seed time maxStates shard replay filter json list all';
const KERNEL_REPLAY = 'machine replay filter json all';
const KERNEL_RANDOM = 'machine random seed time shard filter json all';
const KERNEL_LIST = 'filter shard list all';
const LIST = 'filter shard param list all';
/** A schedule has everything else in it. */
const REPLAY = 'machine replay lenient program patience filter param all';

/** The options that were given for one use of the command. */
export interface Given {
  readonly has: (name: string) => boolean;
  /** @throws ExploreError with the first that has no meaning there: none is left out in silence. */
  readonly only: (known: string, why: string) => void;
}

export function givenTo(command: Command): Given {
  const names = command.options.map((option) => option.attributeName());
  const given = names.filter((name) => command.getOptionValueSource(name) === 'cli');
  const has = (name: string) => given.includes(name);
  const only = (known: string, why: string) => {
    const strange = given.find((name) => !known.split(' ').includes(name));
    if (strange !== undefined) throw new ExploreError(`${flagOf(strange)} ${why}`);
  };
  return { has, only };
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** @throws ExploreError */
export function checkKernelOptions({ has, only }: Given): void {
  only(KERNEL, 'means nothing for the kernel side');
  if (has('list')) only(KERNEL_LIST, 'means nothing beside --list: nothing is explored');
  if (has('replay')) only(KERNEL_REPLAY, 'means nothing beside --replay: the schedule says it');
  else if (has('random')) only(KERNEL_RANDOM, 'means nothing beside --random: it has no bound');
  else if (has('seed')) throw new ExploreError('--seed is of --random: give both, or none');
}

/**
 * Of scenarios and structures; `structures`: how many of what was named are structures.
 *
 * @throws ExploreError
 */
export function checkOptions({ has, only }: Given, structures: number): void {
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
  if (structures > 0) return;
  if (has('programs')) {
    throw new ExploreError('--programs is of a linearizable, and none was named');
  }
  if (has('seed') && !has('random')) {
    throw new ExploreError('--seed is of --random and of a linearizable, and there is neither');
  }
}
