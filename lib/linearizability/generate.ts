import { mixSeed, type Random, random, shuffle } from '../random.ts';
import { sourceOf } from './argument.ts';
import type { Structure } from './definition.ts';
import { type Call, ordered, type Program } from './program.ts';

/** The `index`-th random program of a seed; the same for the same structure. */
export function generateProgram(structure: Structure, seed: number, index: number): Program {
  const next = random(mixSeed(seed, 'program', index));
  const count = between(next, structure.threads);
  const allowed = allowedNames(structure, count, next);
  let serial = 0;
  const threads = allowed.map((names) =>
    names.length === 0
      ? []
      : Array.from({ length: between(next, structure.calls) }, () =>
          call(structure, names[next() % names.length] as string, next, ++serial),
        ),
  );
  return ordered({ threads: threads.filter((calls) => calls.length > 0) }, structure);
}

function between(next: Random, [least, most]: readonly [number, number]): number {
  return least + (next() % (most - least + 1));
}

/** For each thread the operations that it may call, so that none has more threads than it may. */
function allowedNames({ operations }: Structure, count: number, next: Random): string[][] {
  const names: string[][] = Array.from({ length: count }, () => []);
  const order = [...names.keys()];
  const limited = [...operations].filter(([, { threads = count }]) => threads < count);
  for (const [name] of operations) {
    if (limited.some(([one]) => one === name)) continue;
    for (const list of names) list.push(name);
  }
  // Each limited operation goes to the threads with the fewest: a producer and a consumer are two.
  for (const [name, { threads = 1 }] of shuffle(limited, next)) {
    shuffle(order, next).sort((a, b) => (names[a]?.length ?? 0) - (names[b]?.length ?? 0));
    for (const thread of order.slice(0, threads)) names[thread]?.push(name);
  }
  return names;
}

function call({ operations }: Structure, operation: string, next: Random, serial: number): Call {
  const sources = (operations.get(operation)?.args ?? []).map(sourceOf);
  return { operation, args: sources.map(({ make }) => make(next, serial)) };
}
