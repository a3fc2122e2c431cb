import { counted } from '../report/numbers.ts';
import type { Shard } from '../report/result.ts';
import { DEFAULT_MAX_STEPS } from './decision-trees.ts';
import type { Machines } from './program.ts';
import type { Strategy } from './random-walk.ts';

/** How schedules are chosen. */
export type Search =
  | { readonly kind: 'all' }
  | { readonly kind: 'reduced' }
  | { readonly kind: 'preemptions'; readonly bound: number }
  | { readonly kind: 'random'; readonly executions: number; readonly strategy: Strategy };

export interface ExploreOptions {
  readonly machines: readonly Machines[];
  /** Whether it is asked what ECMAScript's memory model allows. */
  readonly model?: boolean | undefined;
  readonly search: Search;
  readonly seed: number;
  /** The budget of the whole run; undefined: none. */
  readonly timeMs: number | undefined;
  readonly maxStates: number;
  /** Accesses that an actor may make in one execution. */
  readonly maxSteps?: number | undefined;
  /** Wanted is the shortest schedule to this outcome, not to a wrong one. */
  readonly outcome?: string | undefined;
  /** Of a structure: this program instead of random ones. */
  readonly program?: string | undefined;
  /** Of a structure: how many random programs. */
  readonly programs?: number | undefined;
  readonly patienceMs?: number | undefined;
  /** Which part of the work this run does. */
  readonly shard?: Shard | null | undefined;
}

export const DEFAULT_MAX_STATES = 1_000_000;
export const DEFAULT_PROGRAMS = 20;
/** Exploring needs no chance, so the programs of a structure are the same each time. */
export const DEFAULT_PROGRAM_SEED = 1;

/** Whether one search is dealt out. Parts of a graph would visit most of its states again. */
export function isDealtOut({ search, shard }: ExploreOptions): boolean {
  return !!shard && (search.kind === 'random' || search.kind === 'reduced');
}

/** The options that decide about results, as text. */
export function optionsText({ machines, search, seed, ...options }: ExploreOptions): string {
  const names = options.model ? [...machines, 'model'] : machines;
  const { maxSteps = DEFAULT_MAX_STEPS, program, programs = DEFAULT_PROGRAMS, outcome } = options;
  const how = {
    all: 'all',
    reduced: 'reduced',
    preemptions: `preemptions ${(search as { bound?: number }).bound}`,
    random: `random ${JSON.stringify(search)} seed ${seed}`,
  }[search.kind];
  const wanted = outcome === undefined ? '' : `; to ${outcome}`;
  const isUsual = programs === DEFAULT_PROGRAMS && seed === DEFAULT_PROGRAM_SEED;
  const ofStructures = program ?? `${counted(programs, 'program')} of seed ${seed}`;
  return `${names.join(',')}; ${how}; ${maxSteps} steps${program === undefined && isUsual ? '' : `; ${ofStructures}`}${wanted}`;
}
