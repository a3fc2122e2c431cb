import { u8 } from '../abi/index.ts';
import type { BufferState, Scenario } from '../scenario/index.ts';
import { acceptable, forbidden, interesting, scenario } from '../scenario/index.ts';
import { checkStructure } from './check-definition.ts';
import { ASKS, type Condition } from './condition.ts';
import { mark } from './is-linearizable.ts';
import type { Operation } from './operation.ts';

// biome-ignore lint/suspicious/noExplicitAny: data and operations of the user's own
type Any = any;

/** What a sequential object does; each operation has a member of its name. */
export interface Model {
  [name: string]: Any;
}

/** A model whose operations have these names, as its author writes it. */
export type ModelOf<N extends string> = { [K in N]: (...args: Any[]) => Any } & Model &
  ThisType<Any>;

/** A concurrent object, its operations, and the sequential model that it has to be like. */
export interface LinearizableDefinition<O, N extends string = string> {
  /** Words in lower case with `-`, `.` and `/` between them; unique in a run. */
  readonly name: string;
  readonly description?: string;
  /** Called in each thread, over the same memory, before each history. */
  readonly create: (memory: SharedArrayBuffer) => O;
  /** Zeroed before each history. */
  readonly memory: BufferState;
  /** On zeroed memory, before each history, in one thread. */
  readonly setup?: (memory: SharedArrayBuffer) => void;
  /** Undoes `create`, in each thread, after each history. */
  readonly close?: (object: O) => void;
  readonly operations: Readonly<Record<N, Operation<O>>>;
  /** A fresh one. Its members that are data are its whole state: no closures, no #private. */
  readonly model?: () => ModelOf<NoInfer<N>>;
  readonly condition?: Condition;
  /** Threads of a program, least and most; 2 to 4. */
  readonly threads?: readonly [least: number, most: number];
  /** Operations of a thread, least and most; 1 to 6. */
  readonly calls?: readonly [least: number, most: number];
  /** Longest time without a step before a history counts as one that hangs. */
  readonly timeoutMs?: number;
  /**
   * `addon`: runs only where the native addon does. `calls`: its operations make calls, which the
   * explorer cannot follow.
   */
  readonly needs?: readonly ('addon' | 'calls')[];
  /** With fewer histories, a run in which all fit is inconclusive. Default: 20,000. */
  readonly minSamples?: number;
  /** And with histories of fewer programs. Default: 50. */
  readonly minPrograms?: number;
}

/** Most bugs show in some programs only: of the planted ones in one of 5 to one of 30. */
const DEFAULT_MIN_PROGRAMS = 50;

/** A definition that was checked, with all members. */
export interface Structure {
  readonly name: string;
  readonly bytes: number;
  // biome-ignore lint/suspicious/noExplicitAny: the object is the user's own type
  readonly create: (memory: SharedArrayBuffer) => any;
  readonly setup?: (memory: SharedArrayBuffer) => void;
  // biome-ignore lint/suspicious/noExplicitAny: the object is the user's own type
  readonly close?: (object: any) => void;
  readonly operations: ReadonlyMap<string, Operation<unknown>>;
  readonly model?: () => Model;
  readonly condition: Condition;
  readonly threads: readonly [number, number];
  readonly calls: readonly [number, number];
}

/** A structure as a scenario: a sample is a history, its outcome is what the check says of it. */
export interface Linearizable extends Scenario {
  readonly structure: Structure;
  readonly minPrograms: number;
}

export const UNDECIDED = 'undecided';

/** The outcome of a history that does not fit. */
export function misfit(condition: Condition): string {
  return `not ${condition}`;
}

/**
 * Checks a definition. A file's default export is one of these, or one scenario.
 *
 * @throws LinearizabilityError that says what was wrong and what was expected.
 */
export function linearizable<O, const N extends string>(
  given: LinearizableDefinition<O, N>,
): Linearizable {
  const structure = checkStructure(given as unknown as LinearizableDefinition<unknown>);
  const { name, description = `${name} against its model`, timeoutMs, needs, memory } = given;
  const { minSamples, minPrograms = DEFAULT_MIN_PROGRAMS } = given;
  const base = scenario({
    name,
    description,
    state: { memory },
    result: { history: u8 },
    actors: actorsOf(structure),
    outcomes: outcomesFor(structure.condition),
    ...(minSamples === undefined ? {} : { minSamples }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(needs === undefined ? {} : { needs }),
  });
  return Object.freeze({ ...base, [mark]: true, structure, minPrograms });
}

/** What a scenario may have. */
const MOST_ACTORS = 8;

/** Threads have no names before there is a program: what reports show is the operations. */
function actorsOf({ operations }: Structure) {
  const names = [...operations.keys()].slice(0, MOST_ACTORS);
  const actor = { kind: 'operations' } as const;
  if (names.length === 1) names.push(`${names[0]} again`);
  return Object.fromEntries(names.map((name) => [name, actor]));
}

function outcomesFor(condition: Condition) {
  return [
    acceptable(condition, ASKS[condition]),
    interesting(UNDECIDED, 'not decided within the bound of the search, and not counted as right'),
    forbidden(misfit(condition), 'no order of the operations explains what they returned'),
  ];
}
