import { Kind } from './access.ts';
import type { Execution, Operation } from './execution.ts';

/** What kind of mistake it is, proved by an execution in which that one thing is repaired. */
export interface Cause {
  readonly kind: string;
  readonly sentence: string;
}

/** A kind of mistake that an execution may have, with the order in which it is repaired. */
export interface Candidate extends Cause {
  readonly order: readonly Operation[];
  /** So many operations of `order` have to be made again; without them nothing is repaired. */
  readonly exactly: number;
  /** An actor that goes on behind `order` only where no other can. */
  readonly last?: number;
  /** Whether an execution by `order` is the one that the sentence speaks of. */
  readonly isRepaired?: (repaired: Execution) => boolean;
}

/** The same operation, whatever it reads or stores: an actor that has read otherwise may make another. */
export function isSame(one: Operation, other: Operation | undefined): boolean {
  const [a, b] = [one.access, other?.access];
  return (
    one.step === other?.step &&
    a.kind === b?.kind &&
    a.op === b.op &&
    a.address === b.address &&
    a.size === b.size
  );
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

/** Operation `from`, and all later ones of its actor up to `to`, behind operation `to`. */
export function moved(operations: readonly Operation[], from: number, to: number): Operation[] {
  const { actor } = operations[from] as Operation;
  const isMoved = (one: Operation, at: number) => at >= from && at <= to && one.actor === actor;
  const stay = operations.filter((one, at) => at <= to && !isMoved(one, at));
  const go = operations.filter((one, at) => isMoved(one, at));
  return [...stay, ...go, ...operations.slice(to + 1)];
}

/** The actor's operations from one to the other side by side, where the first of them was. */
export function together(
  operations: readonly Operation[],
  from: number,
  to: number,
): Pick<Candidate, 'order' | 'exactly'> {
  const { actor } = operations[from] as Operation;
  const inside = operations.slice(from, to + 1);
  const own = inside.filter((one) => one.actor === actor);
  const others = inside.filter((one) => one.actor !== actor);
  const order = [...operations.slice(0, from), ...own, ...others, ...operations.slice(to + 1)];
  return { order, exactly: from + own.length };
}
