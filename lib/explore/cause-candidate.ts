import { Kind } from './access.ts';
import type { Execution, Operation } from './execution.ts';

/** What kind of mistake it is, proved by an execution in which that one thing is repaired. */
export interface Cause {
  readonly kind: string;
  readonly sentence: string;
}

/** A kind of mistake that an execution may have, with the steps in which it is repaired. */
export interface Candidate extends Cause {
  readonly steps: readonly number[];
  /** So many of `steps` have to be possible as they are; without them nothing is repaired. */
  readonly exactly: number;
  /** An actor that goes on behind `steps` only where no other can. */
  readonly last?: number;
  /** Whether an execution by `steps` is the one that the sentence speaks of. */
  readonly isRepaired?: (repaired: Execution) => boolean;
}

/** No read-modify-write: one that takes a lock, for instance, is torn by nobody. */
export function isLoad({ kind, access }: Operation): boolean {
  return kind === 'access' && access.kind === Kind.load;
}

/** Pairs of an earlier and a later operation of different actors. */
export function pairs(
  operations: readonly Operation[],
  fits: (earlier: Operation, later: Operation) => boolean,
): [number, number][] {
  return operations.flatMap((earlier, at) =>
    operations.flatMap((later, index): [number, number][] =>
      index > at && earlier.actor !== later.actor && fits(earlier, later) ? [[at, index]] : [],
    ),
  );
}

/** Step `from`, and all later ones of its actor up to `to`, behind step `to`. */
export function moved(operations: readonly Operation[], from: number, to: number): number[] {
  const { actor } = operations[from] as Operation;
  const isMoved = (one: Operation, at: number) => at >= from && at <= to && one.actor === actor;
  const stay = operations.filter((one, at) => at <= to && !isMoved(one, at));
  const go = operations.filter((one, at) => isMoved(one, at));
  return [...stay, ...go, ...operations.slice(to + 1)].map(({ step }) => step);
}

/** The actor's steps from one to the other side by side, where the first of them was. */
export function together(
  operations: readonly Operation[],
  from: number,
  to: number,
): Pick<Candidate, 'steps' | 'exactly'> {
  const { actor } = operations[from] as Operation;
  const inside = operations.slice(from, to + 1);
  const own = inside.filter((one) => one.actor === actor);
  const others = inside.filter((one) => one.actor !== actor);
  const all = [...operations.slice(0, from), ...own, ...others, ...operations.slice(to + 1)];
  return { steps: all.map(({ step }) => step), exactly: from + own.length };
}
