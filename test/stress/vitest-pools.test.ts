import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fixture } from './stress.ts';

const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

test.each(['vmThreads', 'vmForks', 'threads'])('scenarios are tested in the pool %s', (pool) => {
  const root = dirname(fixture('pools/vitest.config.ts'));
  const { VITEST: _1, VITEST_WORKER_ID: _2, VITEST_POOL_ID: _3, ...env } = process.env;
  const args = [VITEST, 'run', '--root', root, '--pool', pool];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  expect(`${stdout}${stderr}`).toContain('3 passed');
  expect(status).toBe(0);
});
