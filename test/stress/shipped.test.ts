import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { RunResult } from '../../lib/report/index.ts';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const LIMIT_MS = 400_000;

// The short version of `npm run stress:nightly`: a moment for each.
test(
  'all shipped scenarios are clean',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'syslets-shipped-'));
    const json = join(folder, 'result.json');
    const args = [CLI, 'stress', '--time', '40s', '--timeout', '30s', '--json', json];
    const { status, stdout } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      timeout: LIMIT_MS,
    });
    const result = JSON.parse(readFileSync(json, 'utf8')) as RunResult;
    rmSync(folder, { recursive: true, force: true });
    expect(stdout).toContain(' 0 failed');
    expect(status).toBe(0);
    for (const { name, trials, skipped } of result.scenarios) {
      expect(`${name}: ${trials[0]?.end ?? skipped}`).toMatch(/: (ok|it needs the addon)/);
      expect(trials.every(({ samples }) => samples > 0)).toBe(true);
    }
  },
  LIMIT_MS,
);
