import type { Growing } from './growing.ts';

/**
 * How many paths lead from state 0 to each state of a graph without circles: exactly, by numbers
 * while they are exact and by bigints from there on.
 */
export function countPaths(states: number, from: Growing, to: Growing): (state: number) => bigint {
  const order = topological(states, from, to);
  const numbers = new Float64Array(states);
  numbers[0] = 1;
  let isExact = true;
  for (const [source, target] of order) {
    const sum = (numbers[target] as number) + (numbers[source] as number);
    numbers[target] = sum;
    if (sum > Number.MAX_SAFE_INTEGER) isExact = false;
    if (!isExact) break;
  }
  if (isExact) return (state) => BigInt(numbers[state] as number);
  const exact = new Array<bigint>(states).fill(0n);
  exact[0] = 1n;
  for (const [source, target] of topological(states, from, to)) {
    exact[target] = (exact[target] as bigint) + (exact[source] as bigint);
  }
  return (state) => exact[state] as bigint;
}

/** All edges, those out of a state after all those into it. */
function* topological(states: number, from: Growing, to: Growing): Generator<[number, number]> {
  const first = new Int32Array(states + 1);
  const into = new Int32Array(states);
  for (let edge = 0; edge < from.length; edge++) {
    first[(from.array[edge] as number) + 1] =
      (first[(from.array[edge] as number) + 1] as number) + 1;
    into[to.array[edge] as number] = (into[to.array[edge] as number] as number) + 1;
  }
  for (let state = 0; state < states; state++)
    first[state + 1] = (first[state + 1] as number) + (first[state] as number);
  const queue = new Int32Array(states);
  let [head, tail] = [0, states > 0 ? 1 : 0];
  // edges are in the order of their sources: a state is expanded once, and in its turn
  while (head < tail) {
    const state = queue[head++] as number;
    for (let edge = first[state] as number; edge < (first[state + 1] as number); edge++) {
      const target = to.array[edge] as number;
      yield [state, target];
      into[target] = (into[target] as number) - 1;
      if (into[target] === 0) queue[tail++] = target;
    }
  }
  if (tail < states) throw new Error(`the graph of states has a circle: ${tail} of ${states}`);
}
