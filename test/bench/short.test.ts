import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { benches } from '../../lib/bench/benches.ts';
import { runProgram } from '../cli/run.ts';

const read = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

test('every bench of lib/bench is in the list', () => {
  const sources = readdirSync(fileURLToPath(new URL('../../lib/bench', import.meta.url)))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(`lib/bench/${name}`));
  const names = sources.flatMap((source) =>
    [...source.matchAll(/: Bench = \{\s*name: '([\w-]+)'/g)].map(([, name]) => name),
  );
  expect(names.length).toBeGreaterThan(10);
  expect(benches.map(({ name }) => name).sort()).toEqual(names.sort());
});

test('CI runs all of them for a moment', () => {
  expect(read('.ci/run')).toMatch(/^\t*step bench \d+ node dist\/bench\/main\.js all --ci$/m);
});

test('a short run gives results of the same cases, and says which failed', () => {
  const { status, stdout } = runProgram('bench/main.js', ['reap', 'completion', '--ci']);
  expect(status).toBe(0);
  for (const name of ['reap callback', 'reap batch', 'completion pipe'])
    expect(stdout).toContain(name);
  expect(stdout).toMatch(/samples 2$/m);
  expect(stdout).toMatch(/\nbenches: 2 run for a moment, 0 failed\n$/);
});

test('what a bench needs and is not here is said, and is no failure', () => {
  const options = { env: { ...process.env, SYSLETS_CLANG: 'no-such-clang', PATH: '/nowhere' } };
  const { status, stdout, stderr } = runProgram(
    'bench/main.js',
    ['import', 'aio', '--ci'],
    options,
  );
  expect([status, stdout]).toEqual([0, expect.stringContaining('0 failed')]);
  expect(stderr).toContain(
    'header of a graphics API: not measured, no-such-clang does not run (spawn no-such-clang ENOENT): install clang',
  );
  expect(stderr).toContain('aio depth 1: not measured, cc is not installed');
});

test('a header without clang: what is wrong and what to do, and status 2', () => {
  const options = { env: { ...process.env, SYSLETS_CLANG: 'no-such-clang' } };
  const file = fileURLToPath(new URL('../abi-tools/fixtures/sample.h', import.meta.url));
  const { status, stderr } = runProgram('cli/main.js', ['abi', 'import', file], options);
  expect(status).toBe(2);
  expect(stderr).toBe(
    'syslets abi: no-such-clang could not be started (spawn no-such-clang ENOENT); headers are read ' +
      'by clang: install it, or name yours in SYSLETS_CLANG\n',
  );
});
