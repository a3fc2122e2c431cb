import type { Argument, ArgumentValues } from './argument.ts';
import type { cancelled } from './marks.ts';

/** For an operation that waits: how long it may, and when it should give up. */
export interface Wait {
  /** A limit for a call that takes one. */
  readonly timeoutMs: number;
  /** Whether nobody is left who could end the wait: for a loop that looks again. */
  readonly isOver: () => boolean;
  /** What to return when the wait was given up; the operation must have had no effect. */
  readonly cancelled: typeof cancelled;
}

interface Common<A extends readonly Argument[]> {
  /** The arguments' types or sources of values. */
  readonly args?: A;
  /** How many threads may call it: 1 for a single producer. */
  readonly threads?: number;
  /** Calls with other keys do not touch what this call touches: they are checked apart. */
  readonly key?: (...args: ArgumentValues<A>) => unknown;
  /** For `at most once` and `per-producer order`: the values that the call put in. */
  readonly puts?: (result: unknown, ...args: ArgumentValues<A>) => readonly unknown[];
  /** The values that the call took out. */
  readonly takes?: (result: unknown, ...args: ArgumentValues<A>) => readonly unknown[];
}

export interface OperationDefinition<O, A extends readonly Argument[]> extends Common<A> {
  /** Gets a Wait behind its arguments. */
  readonly run: (object: O, ...args: [...ArgumentValues<A>, wait: Wait]) => unknown;
  /** It may wait for other threads. */
  readonly blocking?: boolean;
}

/** An operation whose arguments' types are no longer known. */
export interface Operation<in O> {
  readonly kind: 'operation';
  readonly args: readonly Argument[];
  // biome-ignore lint/suspicious/noExplicitAny: the arguments are the user's own types
  readonly run: (object: O, ...args: any[]) => unknown;
  readonly blocking: boolean;
  readonly threads?: number;
  readonly key?: (...args: readonly unknown[]) => unknown;
  readonly puts?: (result: unknown, ...args: readonly unknown[]) => readonly unknown[];
  readonly takes?: (result: unknown, ...args: readonly unknown[]) => readonly unknown[];
}

// biome-ignore lint/suspicious/noExplicitAny: where the compiler cannot tell yet what `create` gives
type Any = any;

/** What threads do with the object; the model has a member of the same name. */
export function operation<O = Any, const A extends readonly Argument[] = readonly []>(
  given: OperationDefinition<O, A>,
): Operation<O> {
  const { args = [], blocking = false, ...rest } = given;
  return Object.freeze({ ...rest, kind: 'operation', args, blocking }) as Operation<O>;
}
