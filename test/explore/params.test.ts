import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runProgram } from '../cli/run.ts';

const file = fileURLToPath(new URL('fixtures/versions/versions.ts', import.meta.url));

function explore(...options: readonly string[]) {
  return runProgram('cli/main.js', ['explore', file, ...options]);
}

test('each row of a table of parameters is explored, with the modules that it imports', () => {
  const { stdout, status } = explore('--all');
  for (const by of [1, 2]) {
    const verdict = (version: string) =>
      new RegExp(`^(\\w+) +fixture/versions-of-a-counter\\[version=${version},by=${by}\\]`, 'm');
    expect(stdout.match(verdict('new'))?.[1]).toBe('PASSED');
    expect(stdout.match(verdict('old'))?.[1]).toBe('FAILED');
  }
  expect(status).toBe(1);
});

test('--param chooses, also values that are in no row, and the command of a failure has it', () => {
  const { stdout, status } = explore('--param', 'version=old', '--param', 'by=7');
  const command = stdout.match(/syslets (explore .*--replay \S+)/)?.[1] ?? '';
  expect(command).toContain(`${file} --param version=old --param by=7 --replay x1.sc.`);
  expect(status).toBe(1);
  const again = runProgram('cli/main.js', command.split(' '));
  expect(again.stdout).toContain('every operation is as it was recorded');
  expect(again.status).toBe(1);
});

test('a replay of one row is none of another', () => {
  const { stdout } = explore('--param', 'version=old', '--param', 'by=1');
  const [, replay = ''] = stdout.match(/--replay (\S+)/) ?? [];
  const { stderr, status } = explore(
    '--param',
    'version=old',
    '--param',
    'by=2',
    '--replay',
    replay,
  );
  expect(stderr).toContain('it is of another scenario than');
  expect(status).toBe(2);
});

test('a parameter that there is not is a mistake', () => {
  const { stderr, status } = explore('--param', 'verson=old');
  expect(stderr).toContain("no scenario has a parameter 'verson' (parameters: version, by)");
  expect(status).toBe(2);
});
