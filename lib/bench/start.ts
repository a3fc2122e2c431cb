import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, CaseResult } from './bench.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';

/** What a user's `syslets` runs. lib/ and dist/ lie beside bundle/: one path from both. */
const MAIN = fileURLToPath(new URL('../../bundle/cli/start.cjs', import.meta.url));
const BASELINE = ['-e', '0'];
const ROUNDS = amount(40, 2);

/** Milliseconds from the start of a process to its end. */
function timed(args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - start;
}

/** The two take turns, so that both have whatever else the machine does. */
function measure(name: string, args: readonly string[]): CaseResult {
  const measured: number[] = [];
  const baseline: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    baseline.push(timed(BASELINE));
    measured.push(timed([MAIN, ...args]));
  }
  const naming = { case: `syslets ${name}`, unit: 'ms', baseline: 'node -e 0' };
  const fastest = Math.min(...measured) / Math.min(...baseline);
  return compared(naming, { measured, baseline }, { ratioOfFastest: Number(fastest.toFixed(2)) });
}

/** A folder with nothing in it: what is left is the start, the attach and the end. */
function measureFind(): CaseResult {
  const folder = mkdtempSync(join(tmpdir(), 'syslets-start-'));
  try {
    return measure('find (an empty folder)', ['find', folder]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const startBench: Bench = {
  name: 'start',
  description: 'the time that commands of the package take to start, against Node alone',
  cases: [
    () => measure('--version', ['--version']),
    () => measure('--help', ['--help']),
    () => measure('find --help', ['find', '--help']),
    measureFind,
  ],
};
