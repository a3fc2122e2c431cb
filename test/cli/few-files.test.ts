import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

// Node alone has some 20 files open. Its loader opens all modules of a graph at once.

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
/** Far beyond what one takes: a program that hangs fails its own test alone. */
const LIMIT_MS = 60_000;
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
    { encoding: 'utf8', timeout: LIMIT_MS },
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
  const program = new URL('../../dist/cli/program.js', import.meta.url).href;
  const script = `
    import { openSync } from 'node:fs';
    const { main } = await import('${program}');
    process.argv = [process.execPath, 'syslets', 'find', '${folder}'];
    try {
      for (;;) openSync('/dev/null', 'r');
    } catch {}
    await main();`;
  const { status, stderr } = spawnSync(
    'bash',
    [
      '-c',
      'ulimit -n 64 && exec "$@"',
      'bash',
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    ],
    { encoding: 'utf8', timeout: LIMIT_MS },
  );
  expect(stderr).toMatch(
    /^syslets: .*\nThis process may have 64 files open, which is too few. Allow more: ulimit -n 256\n$/,
  );
  expect(status).toBe(1);
});
