import type { Bench, CaseResult, Cases } from './bench.ts';
import { casesOfC } from './c-program.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';

const ROUNDS = amount(400, 10);

/** Columns of c-address.c: the address with its futex, its word alone, its eventfd; then the ring. */
const WAYS = ['a futex', 'a word alone', 'an eventfd'] as const;
const RING = WAYS.length + 1;

function results(output: string): Cases {
  const rows = output
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  const sizes = [...new Set(rows.map(([calls]) => calls as number))];
  return sizes.flatMap((calls) =>
    WAYS.map((way, index): CaseResult => {
      const column = (at: number) =>
        rows.filter(([size]) => size === calls).map((row) => row[at] as number);
      const naming = {
        case: `${calls === 1 ? 'one call' : `${calls} at once`}, ${way}`,
        unit: 'ns',
        baseline: 'into a ring, in the same program',
      };
      return compared(naming, { measured: column(index + 1), baseline: column(RING) });
    }),
  );
}

export const addressBench: Bench = {
  name: 'address',
  description: 'calls of a C program that block, their results at an address and in a ring',
  cases: [() => casesOfC('address', 'c-address', () => [String(ROUNDS)], results)],
};
