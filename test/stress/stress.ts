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

/** Where a machine is so busy that nothing had begun when the time was over, it gets so much more. */
const LONGER = '40s';

/** Runs `syslets stress` and reads what it wrote. */
export function stress(...args: readonly string[]): StressRun {
  const run = runOnce(...args);
  return hasBegun(run) ? run : runOnce(...args, '--time', LONGER);
}

/** As `stress`, of what is right: where it had too few samples to say so, it gets more time. */
export function conclusive(...args: readonly string[]): StressRun {
  const run = stress(...args);
  return run.status === 3 ? runOnce(...args, '--time', LONGER) : run;
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
  return runProgram('cli/main.js', ['stress', ...args, '--json', join(folder, 'none.json')]);
}
