import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { runExample } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-table-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a C program and JavaScript share a table', () => {
  const source = fileURLToPath(new URL('../../examples/c/shared-table.c', import.meta.url));
  const writer = join(folder, 'writer');
  const compiled = spawnSync('cc', ['-Wall', '-Wextra', '-Werror', '-O2', '-o', writer, source]);
  expect(String(compiled.stderr)).toBe('');
  const { stdout, stderr, status } = runExample('shared-table', writer);
  expect(stderr).toBe('');
  expect(stdout).toBe(
    [
      '10000 measurements, 0 wrong, sum 24997500',
      ...['sensor 0: 3334', 'sensor 1: 3333', 'sensor 2: 3333'],
      "the writer's end: 0\n",
    ].join('\n'),
  );
  expect(status).toBe(0);
});

test('a writer that does not come is said, and nothing stays', () => {
  const { stdout, stderr, status } = runExample('shared-table', join(folder, 'none'));
  expect(stderr).toContain('the writer has ended early');
  expect(stdout).toContain('ENOENT');
  expect(status).toBe(1);
});
