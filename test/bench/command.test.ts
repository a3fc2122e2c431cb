import { expect, test } from 'vitest';
import { runProgram } from '../cli/run.ts';

const KEYS = ['bench', 'case', 'value', 'unit', 'baseline', 'baselineValue', 'ratio', 'detail'];

test('--json prints one object a line, with the keys agreed on', () => {
  const { status, stdout } = runProgram('bench/main.js', ['reap', '--json']);
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(status).toBe(0);
  expect(results.map((result) => result.case)).toEqual(['callback', 'batch']);
  for (const result of results) {
    expect(Object.keys(result)).toEqual(KEYS);
    expect(result.ratio).toBeCloseTo(result.value / result.baselineValue, 1);
    expect(result.detail).toMatchObject({ handOffs: 0, dispatches: 0 });
  }
});

test('people get a line and its detail', () => {
  const { stdout } = runProgram('bench/main.js', ['completion']);
  expect(stdout).toMatch(/^completion pipe +[\d.]+ us {2}against [\d.]+ us \(one-way futex wake/);
  expect(stdout).toMatch(/handOffs [1-9]\d+, dispatches 0/);
});

test('an unknown bench is refused with the names of all', () => {
  const { status, stderr } = runProgram('bench/main.js', ['speed']);
  const [, list = ''] = runProgram('bench/main.js', ['--help']).stdout.split('\nBenches:\n');
  const names = (list.split('\n\n')[0] ?? '').match(/^ {2}[\w-]+/gm)?.map((name) => name.trim());
  expect(status).toBe(1);
  expect(names).toContain('sync-path');
  expect(stderr).toBe(`bench: there is no bench 'speed', expected ${names?.join(', ')} or all\n`);
});

test('--only chooses cases by their names, and says which there are', () => {
  const { status, stdout, stderr } = runProgram('bench/main.js', ['stress', '--only', 'no such']);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^bench: no case has 'no such' in its name: there are barrier-reentry, /);
  const short = ['stress', '--ci', '--only', 'early-release'];
  const lines = runProgram('bench/main.js', short).stdout.split('\n');
  expect(lines.filter((line) => / against /.test(line))).toEqual([
    expect.stringMatching(/^stress-first first early-release /),
  ]);
  expect(lines.at(-2)).toBe('benches: 1 run for a moment, 0 failed');
});

test('--help lists the benches and examples', () => {
  const { status, stdout } = runProgram('bench/main.js', ['--help']);
  expect(status).toBe(0);
  for (const text of ['sync-path', 'outstanding', 'Examples:', '--json']) {
    expect(stdout).toContain(text);
  }
});
