import {
  blocked,
  type Checker,
  cancelled,
  type History,
  type Model,
  NEVER,
  newHistory,
  PENDING,
  type Program,
} from '../../lib/linearizability/index.ts';
import { type Random, shuffle } from '../../lib/random.ts';

/** One call of a history, in words. */
export interface Recorded {
  readonly begin: number;
  readonly end: number;
  readonly result: unknown;
  readonly isPending?: boolean;
}

/** The numbers that a checker takes. */
export function encoded(history: readonly Recorded[], { codes }: Checker): History {
  const numbers = newHistory(history.length);
  for (const [call, { begin, end, result, isPending }] of history.entries()) {
    numbers.begin[call] = begin;
    numbers.end[call] = isPending ? NEVER : end;
    const isThrown = typeof result === 'string' && result.startsWith('throws ');
    numbers.result[call] = isPending
      ? PENDING
      : isThrown
        ? codes.ofText(result)
        : codes.ofValue(result);
  }
  return numbers;
}

interface Going {
  readonly call: number;
  readonly begin: number;
  result: unknown;
  isDone: boolean;
}

/**
 * A random execution: each call takes effect at a moment between begin and end, by the model. With
 * `lies` some results are of another call's: then it may fit, or not.
 */
export function randomHistory(
  program: Program,
  model: () => Model,
  next: Random,
  lies: number,
): Recorded[] {
  const object = model();
  const calls = program.threads.flat();
  const starts = program.threads.map((_, i) => program.threads.slice(0, i).flat().length);
  const at = program.threads.map(() => 0);
  const going = new Map<number, Going>();
  const made: Recorded[] = [];
  let ended = 0;
  const take = (one: Going): void => {
    const { operation, args } = calls[one.call] as (typeof calls)[number];
    try {
      one.result = object[operation](...args);
    } catch (error) {
      one.result = `throws ${(error as Error).name}`;
    }
    if (one.result === blocked && next() % 4 === 0) one.result = cancelled;
    one.isDone = one.result !== blocked;
  };
  for (let idle = 0; idle < 60; idle++) {
    const order = shuffle([...at.keys()], next);
    const thread = order[0] as number;
    const one = going.get(thread);
    if (!one) {
      if ((at[thread] as number) >= (program.threads[thread]?.length ?? 0)) continue;
      const call = (starts[thread] as number) + (at[thread] as number);
      going.set(thread, { call, begin: ended, result: undefined, isDone: false });
    } else if (!one.isDone) take(one);
    else {
      made[one.call] = { begin: one.begin, end: ended++, result: one.result };
      going.delete(thread);
      at[thread] = (at[thread] as number) + 1;
    }
  }
  for (const one of going.values()) {
    made[one.call] = { begin: one.begin, end: NEVER, result: undefined, isPending: true };
  }
  const history = calls.map((_, call) => made[call] ?? unbegun(ended));
  return lies === 0 ? history : lied(history, next, lies);
}

/** Its thread never came so far: as if it had begun last, and waits. */
function unbegun(ended: number): Recorded {
  return { begin: ended, end: NEVER, result: undefined, isPending: true };
}

function lied(history: readonly Recorded[], next: Random, lies: number): Recorded[] {
  const copy = [...history];
  for (let lie = 0; lie < lies; lie++) {
    const at = next() % copy.length;
    const from = copy[next() % copy.length] as Recorded;
    const to = copy[at] as Recorded;
    if (!to.isPending && !from.isPending) copy[at] = { ...to, result: from.result };
  }
  return copy;
}
