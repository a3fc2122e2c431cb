import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { RunResult, Trial } from '../../lib/report/index.ts';
import { type Run, runProgram } from '../cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-stress-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file of test/stress/fixtures. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}

export interface StressRun extends Run {
  readonly result: RunResult;
  /** The only trial of the only scenario. */
  readonly trial: Trial;
}

let runs = 0;

/**
 * For what ends by itself, and for what a busy machine did not come to. Less than what runProgram
 * waits before it ends the process.
 */
export const LONG = '40s';

/** Runs it; where that did not come so far in its time, once more with much more. */
export function patiently<T>(
  run: (...more: readonly string[]) => T,
  isEnough: (run: T) => boolean,
): T {
  const first = run();
  return isEnough(first) ? first : run('--time', LONG);
}

/** Runs `syslets stress` until it shows what is wanted, and reads what it wrote. */
export function showing(
  isShown: (run: StressRun) => boolean,
  ...args: readonly string[]
): StressRun {
  return patiently((...more) => runOnce(...args, ...more), isShown);
}

export function stress(...args: readonly string[]): StressRun {
  return showing(hasBegun, ...args);
}

/** Of what is right: until there are enough samples to say so. */
export function conclusive(...args: readonly string[]): StressRun {
  return showing(({ status }) => status !== 3, ...args);
}

/** Of what is wrong: until that was seen. */
export function failing(...args: readonly string[]): StressRun {
  return showing(({ status }) => status === 1, ...args);
}

function runOnce(...args: readonly string[]): StressRun {
  const json = join(folder, `${++runs}.json`);
  const run = runProgram('cli/main.js', ['stress', ...args, '--json', json]);
  const result = JSON.parse(readFileSync(json, 'utf8')) as RunResult;
  return { ...run, result, trial: result.scenarios[0]?.trials[0] as Trial };
}

/** One of the scenarios took a sample, ended in another way, or cannot run here; a shard has not all. */
function hasBegun({ result }: StressRun): boolean {
  if (result.ended === 'forbidden') return true;
  return result.scenarios.some(
    ({ skipped, trials }) =>
      skipped !== undefined || trials.some(({ samples, end }) => samples > 0 || end !== 'ok'),
  );
}

/** Runs `syslets stress` where it is to refuse. */
export function refused(...args: readonly string[]): Run {
  const json = args.includes('--list') ? [] : ['--json', join(folder, 'none.json')];
  return runProgram('cli/main.js', ['stress', ...args, ...json]);
}
