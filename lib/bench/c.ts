import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bench, type Cases, notMeasured } from './bench.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';

/** lib/ and dist/ lie beside each other: one path from both. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCE = join(ROOT, 'lib/bench/c-calls.c');
const INSTALL = join(ROOT, 'scripts/c-library.mjs');
const TOOLS = ['cc', 'cmake'];
const BYTES = 4096;
const BATCH = 1000;
const ROUNDS = amount(400, 20);

/** The first two numbers of a line of c-calls.c; the third is the baseline. */
const WAYS = ['', ', by number'];

function measure(): Cases {
  const missing = TOOLS.filter((tool) => spawnSync(tool, ['--version']).status !== 0);
  if (missing.length > 0) return notMeasured('c', `${missing.join(' and ')} are not installed`);
  if (!existsSync(SOURCE))
    return notMeasured('c', `${SOURCE} is not there: run this in a checkout`);
  const folder = mkdtempSync(join(tmpdir(), 'syslets-bench-c-'));
  try {
    return results(run(build(folder), folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Against the shared library, as a program of a user's. */
function build(folder: string): string {
  const program = join(folder, 'c-calls');
  const libraries = join(folder, 'lib');
  execFileSync(process.execPath, [INSTALL, '--install', folder], { stdio: 'pipe' });
  const flags = ['-std=gnu11', '-O2', `-I${join(folder, 'include')}`];
  const link = [`-L${libraries}`, '-lsyslets', `-Wl,-rpath,${libraries}`];
  execFileSync('cc', [...flags, '-o', program, SOURCE, ...link]);
  return program;
}

function run(program: string, folder: string): string {
  const file = join(folder, 'block');
  writeFileSync(file, new Uint8Array(BYTES));
  return execFileSync(program, [file, String(ROUNDS), String(BATCH)], { encoding: 'utf8' });
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
  cases: [measure],
};
