import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { RunResult, ScenarioResult } from '../../lib/report/result.ts';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const LIMIT_MS = 400_000;
/** For one that a busy machine did not even start within its moment: alone. */
const AGAIN = '8s';

const folder = mkdtempSync(join(tmpdir(), 'syslets-shipped-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Status 3 only where the reason is printed. */
function clean(...names: readonly string[]): readonly ScenarioResult[] {
  const json = join(folder, 'result.json');
  const args = [CLI, 'stress', ...names, '--timeout', '30s', '--keep-going', '--json', json];
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  expect(stdout.split('\n').filter((line) => line.startsWith('FAILED'))).toEqual([]);
  expect(stdout).toContain(' 0 failed');
  // on a busy machine some have too few samples to pass, or no time at all
  const isShort = /^ {2}not enough: |^NOT RUN .* no trial$|^note: the time was too short/m.test(
    stdout,
  );
  expect(status).toBe(isShort ? 3 : 0);
  const { scenarios } = JSON.parse(readFileSync(json, 'utf8')) as RunResult;
  for (const { name, trials } of scenarios) {
    for (const { end } of trials) expect(`${name}: ${end}`).toMatch(/: (ok|cut)$/);
  }
  return scenarios;
}

/** It took samples, or says why it cannot run here. */
function isStarted({ trials, skipped }: ScenarioResult): boolean {
  if (skipped !== undefined) return skipped.startsWith('it needs the addon');
  return trials.some(({ samples }) => samples > 0);
}

// The short version of `npm run stress:nightly`: a moment for each.
test(
  'all shipped scenarios start, and are clean',
  () => {
    const late = clean('--time', '80s').filter((one) => !isStarted(one));
    for (const { name } of late) {
      const [again] = clean(name, '--time', AGAIN);
      expect(`${name}: ${again && isStarted(again)}`).toBe(`${name}: true`);
    }
  },
  LIMIT_MS,
);
