import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

// Node alone has some 20 files open. Its loader opens all modules of a graph at once.

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'syslets-few-files-'));
  for (let directory = 0; directory < 60; directory++) {
    mkdirSync(join(folder, `${directory}/below/deeper`), { recursive: true });
    writeFileSync(join(folder, `${directory}/below/deeper/file`), 'text');
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(files: number, ...args: readonly string[]) {
  const limited = `ulimit -n ${files} && exec "$@"`;
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-c', limited, 'bash', process.execPath, MAIN, ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

test.each(['syslets', 'sync', 'promises'])('find walks with 40 files, mode %s', (mode) => {
  const { status, stdout, stderr } = run(40, 'find', folder, '--mode', mode, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ mode, entries: 1 + 60 * 4, files: 60, failed: 0 });
});

test.each([
  ['--help'],
  ['abi', 'show', 'syslet_ring'],
  ['stress', '--list'],
  ['explore', 'litmus/sb', '--machine', 'sc'],
  ['completion', 'bash'],
])('40 files are enough for %j %j', (...args) => {
  const limited = run(40, ...args);
  expect(limited.stderr).toBe('');
  expect({ status: limited.status, stdout: limited.stdout.length > 0 }).toEqual({
    status: spawnSync(process.execPath, [MAIN, ...args]).status,
    stdout: true,
  });
});

test('too few: the limit is told, and what to do', () => {
  const count = 'console.log(require("node:fs").readdirSync("/proc/self/fd").length)';
  const ofNode = Number(spawnSync(process.execPath, ['-e', count], { encoding: 'utf8' }).stdout);
  const hint =
    /^This process may have \d+ files open, which is too few. Allow more: ulimit -n 256$/m;
  let told = 0;
  for (let files = ofNode; files < ofNode + 8; files++) {
    const { status, stderr } = run(files, 'find', folder);
    // with fewer than that Node ends before the first line of ours
    if (status === 0 || !stderr.startsWith('syslets')) continue;
    expect({ files, stderr }).toEqual({ files, stderr: expect.stringMatching(hint) });
    told++;
  }
  expect(told).toBeGreaterThan(0);
});
