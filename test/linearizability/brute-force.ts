import type { Condition } from '../../lib/linearizability/condition.ts';
import type { Model, Program } from '../../lib/linearizability/index.ts';
import { blocked, cancelled } from '../../lib/linearizability/index.ts';
import type { Recorded } from './histories.ts';

// The second engine: every permutation of the calls is tried by running the model anew, without
// memory of what was tried, without numbers for states, and with precedence asked pair by pair.

interface Op extends Recorded {
  readonly operation: string;
  readonly args: readonly unknown[];
  readonly thread: number;
  readonly index: number;
}

/** Whether some order of the calls explains what they returned. */
export function fitsByForce(
  program: Program,
  history: readonly Recorded[],
  condition: Condition,
  model: () => Model,
): boolean {
  let at = 0;
  const ops: Op[] = program.threads.flatMap((calls, thread) =>
    calls.map((call, index) => ({ ...call, ...(history[at++] as Recorded), thread, index })),
  );
  const pending = ops.filter(({ isPending }) => isPending);
  const done = ops.filter(({ isPending }) => !isPending);
  return permutations(done).some(
    (order) => keepsOrder(order, ops, condition) && explains(order, pending, model),
  );
}

function* permutationsOf<T>(list: readonly T[]): Generator<T[]> {
  if (list.length === 0) yield [];
  for (const [index, first] of list.entries()) {
    for (const rest of permutationsOf(list.filter((_, one) => one !== index)))
      yield [first, ...rest];
  }
}

function permutations<T>(list: readonly T[]): T[][] {
  return [...permutationsOf(list)];
}

function keepsOrder(order: readonly Op[], all: readonly Op[], condition: Condition): boolean {
  return order.every((later, at) =>
    order.slice(0, at).every((earlier) => !mustPrecede(later, earlier, all, condition)),
  );
}

function mustPrecede(a: Op, b: Op, all: readonly Op[], condition: Condition): boolean {
  const inThread = a.thread === b.thread && a.index < b.index;
  if (condition === 'sequentially consistent') return inThread;
  if (condition === 'linearizable') return inThread || a.end < b.begin;
  // a moment between the two at which each call has either returned or not begun
  for (let moment = a.end + 1; moment <= b.begin; moment++) {
    if (all.every(({ begin, end }) => end < moment || begin >= moment)) return true;
  }
  return false;
}

function explains(order: readonly Op[], pending: readonly Op[], model: () => Model): boolean {
  const object = model();
  const run = ({ operation, args }: Op): unknown => {
    try {
      return object[operation](...args);
    } catch (error) {
      return `throws ${(error as Error).name}`;
    }
  };
  for (const op of order) {
    if (op.result !== cancelled && run(op) !== op.result) return false;
  }
  return pending.every((op) => run(op) === blocked);
}
