import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { RunResult } from '../../lib/report/index.ts';
import { patiently } from './stress.ts';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'syslets-no-addon-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('without the addon: scenarios of JavaScript run unpinned, the others are named', () => {
  const json = join(folder, 'result.json');
  const args = ['stress', 'litmus/mp', 'ring/wrap', '--time', '3s', '--json', json];
  const config = ['--config', 'placement=spread'];
  const env = { ...process.env, SYSLETS_TEST_ADDON: join(folder, 'none.node') };
  const { status, stdout } = patiently(
    (...more) =>
      spawnSync(process.execPath, [CLI, ...args, ...config, ...more], { encoding: 'utf8', env }),
    // what cannot run is no reason for status 3
    (run) => run.status !== 3,
  );
  const { scenarios } = JSON.parse(readFileSync(json, 'utf8')) as RunResult;
  expect(stdout).toMatch(/NOT RUN +ring\/wrap +it needs the addon: /);
  expect(stdout).toContain('threads could not be pinned to processors: the addon is not available');
  expect(scenarios[0]?.trials[0]?.samples).toBeGreaterThan(0);
  expect(scenarios[1]?.trials).toEqual([]);
  // 3: on a busy machine those were few
  expect([0, 3]).toContain(status);
});
