import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, Cases } from './bench.ts';
import { casesOfC } from './c-program.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';

const BYTES = 4096;
const BATCH = 1000;
const ROUNDS = amount(400, 20);

/** The first two numbers of a line of c-calls.c; the third is the baseline. */
const WAYS = ['', ', by number'];

function argsIn(folder: string): string[] {
  const file = join(folder, 'block');
  writeFileSync(file, new Uint8Array(BYTES));
  return [file, String(ROUNDS), String(BATCH)];
}

function results(output: string): Cases {
  const lines = output.trim().split('\n');
  const rows = lines.map((line) => line.split(' '));
  const names = [...new Set(rows.map(([name]) => name as string))];
  const column = (name: string, index: number) =>
    rows.filter(([one]) => one === name).map((row) => Number(row[index]));
  return names.flatMap((name) =>
    WAYS.map((way, index) => {
      const naming = {
        case: `${name}${way}`,
        unit: 'ns',
        baseline: 'syscall() of the same program',
      };
      const samples = { measured: column(name, index + 1), baseline: column(name, 3) };
      return compared(naming, samples);
    }),
  );
}

export const cBench: Bench = {
  name: 'c',
  description: 'calls of a C program that do not block, with the installed libsyslets',
  cases: [() => casesOfC('c', 'c-calls', argsIn, results)],
};
