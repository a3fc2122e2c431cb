import type { Actor, NativeActor } from './actor.ts';
import { checkDefinition } from './check-definition.ts';
import type { OutcomeRule } from './expect.ts';
import { familyOf } from './family.ts';
import { type OutcomeRow, ruleOf } from './outcome.ts';
import type { Registers, ResultView, StateFields, StateView } from './state.ts';

/**
 * A concurrency test: fresh state, all actors at once, the arbiter, and an outcome that is looked
 * up in a table. Millions of times.
 */
export interface ScenarioDefinition<S extends StateFields, R extends Registers, L> {
  /** Words in lower case with `-`, `.` and `/` between them; unique in a run. */
  readonly name: string;
  readonly description: string;
  /** Memory that the actors share; zeroed before each sample. */
  readonly state: S;
  /** What an actor found out; zeroed before each sample. Together they are the outcome. */
  readonly result: R;
  /**
   * Runs once for each state in every thread, before the samples: what the thread makes of the
   * state's memory, for instance an object of the code that is tested. Passed to all functions.
   */
  readonly open?: (state: StateView<S>) => L;
  /** Before each sample, on zeroed memory. */
  readonly setup?: (state: StateView<S>, local: L) => void;
  /** Two to eight, by name. Each runs once for each sample, all at the same time. */
  readonly actors: Readonly<Record<string, Actor<StateView<S>, ResultView<R>, L>>>;
  /** When all actors are done with a sample: sees what they left. */
  readonly arbiter?: (state: StateView<S>, result: ResultView<R>, local: L) => void;
  /** After the arbiter. */
  readonly teardown?: (state: StateView<S>, local: L) => void;
  /** Undoes `open`, in every thread. */
  readonly close?: (local: L) => void;
  /** The first row that fits an outcome holds; an outcome without a row is forbidden. */
  readonly outcomes: readonly OutcomeRow[];
  /** Longest time that an actor may need for one sample, also on a busy machine. */
  readonly timeoutMs?: number;
  /**
   * `addon`: runs only where the native addon does. `calls`: its actors make calls, which the explorer
   * cannot follow.
   */
  readonly needs?: readonly ('addon' | 'calls')[];
  /**
   * With fewer samples, a run in which nothing forbidden was seen is inconclusive. Default: see
   * DEFAULT_MIN_SAMPLES; 1 where a row of the table is a witness.
   */
  readonly minSamples?: number;
  /**
   * Samples that a state lives for: so many times the actors find what the last left, then memory
   * is zeroed and set up anew. Default 1.
   */
  readonly samplesPerState?: number;
}

/**
 * What never was in so many samples is rarer than 1 in 7,000, with a certainty of 95 % (the rule
 * of three).
 */
export const DEFAULT_MIN_SAMPLES = 20_000;

/** How many samples a verdict of this scenario needs. */
export function minSamplesOf({ definition, rules }: Scenario): number {
  const hasWitness = rules.some(({ witness }) => witness !== undefined && witness !== false);
  return definition.minSamples ?? (hasWitness ? 1 : DEFAULT_MIN_SAMPLES);
}

const mark = Symbol.for('syslets.scenario');

/** A definition that was checked; its table as data. */
export interface Scenario {
  readonly definition: AnyDefinition;
  readonly rules: readonly OutcomeRule[];
}

// biome-ignore lint/suspicious/noExplicitAny: state, result and local are the user's own types
type AnyHook = (...args: any[]) => any;

/** A definition as its runner sees it: fields and registers are known at run time only. */
export interface AnyDefinition
  extends Pick<
    // biome-ignore lint/suspicious/noExplicitAny: only members without these types are picked
    ScenarioDefinition<any, any, any>,
    'name' | 'description' | 'outcomes' | 'timeoutMs' | 'needs' | 'minSamples' | 'samplesPerState'
  > {
  readonly state: StateFields;
  readonly result: Registers;
  readonly actors: Readonly<Record<string, AnyHook | NativeActor>>;
  readonly open?: AnyHook;
  readonly setup?: AnyHook;
  readonly arbiter?: AnyHook;
  readonly teardown?: AnyHook;
  readonly close?: AnyHook;
}

/**
 * Checks a definition. A file's default export is one scenario.
 *
 * @throws ScenarioError that says what was wrong and what was expected.
 */
function define<const S extends StateFields, const R extends Registers, L = undefined>(
  given: ScenarioDefinition<S, R, L>,
): Scenario {
  // the compiler does not end comparing the generic type with the wide one
  const definition = given as unknown as AnyDefinition;
  checkDefinition(definition);
  const registers = Object.keys(definition.result);
  const rules = definition.outcomes.map((row) => ruleOf(row, registers));
  return Object.freeze({ [mark]: true, definition, rules: Object.freeze(rules) });
}

/**
 * `scenario({ … })` is one; `scenario.with(table, make)` is one for each row of a table of
 * parameters: `scenario.with({ version: ['1.0', '2.0'] }, ({ version }) => scenario({ … }))`.
 */
export const scenario: typeof define & { readonly with: typeof familyOf } = Object.assign(define, {
  with: familyOf,
});

/** Whether `value` came from `scenario()`, of this copy of the package or another. */
export function isScenario(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && mark in value;
}
