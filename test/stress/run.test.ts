import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  conclusive,
  fixture,
  patiently,
  refused,
  type StressRun,
  showing,
  stress,
} from './stress.ts';

test('a run of several scenarios keeps to its time and gives raw counts', () => {
  const { status, result, stdout } = conclusive(
    'litmus/mp',
    'litmus/mp-atomics',
    '--time',
    '2s',
    '--seed',
    '9',
  );
  expect(status).toBe(0);
  expect(stdout).toContain('seed 9');
  expect(result).toMatchObject({ format: 'syslets-stress', version: 2, seed: 9, shard: null });
  expect(result.scenarios.map(({ name }) => name)).toEqual(['litmus/mp', 'litmus/mp-atomics']);
  for (const { trials } of result.scenarios) {
    expect(trials.length).toBeGreaterThan(0);
    for (const { samples, counts, end } of trials) {
      expect(end).toBe('ok');
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(samples);
    }
  }
});

test('plain accesses of two threads show the weak outcome of store buffering', () => {
  // the threads have to run at the same time: where others are busy, that is a matter of time
  const { trial } = showing(
    (run) => '0, 0' in (run.trial?.counts ?? {}),
    ...['litmus/sb', '--time', '2s', '--config', 'placement=spread'],
  );
  expect(Object.keys(trial.counts)).toContain('0, 0');
});

test('Atomics never show it', () => {
  const { status, trial } = conclusive(
    'litmus/sb-atomics',
    '--time',
    '2s',
    '--config',
    'placement=spread',
  );
  expect(status).toBe(0);
  expect(trial.counts).not.toHaveProperty('0, 0');
});

test('the same seed makes the same trials', () => {
  // the first alone: how many there are, and so which comes next, is up to the machine
  const first = (seed: string) => {
    const { trial } = stress('litmus/corr', '--time', '2s', '--seed', seed);
    return { config: trial.config, seed: trial.seed };
  };
  const [one, same, other] = [first('5'), first('5'), first('6')];
  expect(same).toEqual(one);
  expect(other.seed).not.toBe(one.seed);
});

test('shards are parts of one run', () => {
  const names = ['litmus/corr', 'litmus/mp', 'litmus/r'];
  const ran = ({ result }: StressRun) =>
    result.scenarios.filter(({ trials }) => trials.length > 0).map(({ name }) => name);
  const shard = (part: string, scenarios: number) =>
    showing(
      (run) => ran(run).length >= scenarios,
      // with one configuration a shard's scenarios are the same for any --time
      ...[...names, '--time', '2s', '--seed', '3', '--config', 'placement=free', '--shard', part],
    );
  const shards = [shard('1/2', 2), shard('2/2', 1)];
  expect(shards.map(({ result }) => result.shard)).toEqual([
    { index: 1, count: 2 },
    { index: 2, count: 2 },
  ]);
  expect(shards.map(ran)).toEqual([['litmus/corr', 'litmus/r'], ['litmus/mp']]);
});

test('--list runs nothing, and takes no option of a run', () => {
  const { stderr, status } = refused('--list', '--time', '5s');
  expect(stderr).toContain('--time means nothing beside --list');
  expect(status).toBe(2);
});

test('--list shows names and descriptions, --filter chooses', () => {
  const { stdout, status } = refused('--list', '--filter', '/sb/');
  expect(status).toBe(0);
  expect(
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' ')[0]),
  ).toEqual(['litmus/sb', 'litmus/sb-atomics']);
});

test("a user's own module is tested as it is", () => {
  const samplesOf = ({ result }: StressRun) =>
    result.scenarios[0]?.trials.reduce((sum, { samples }) => sum + samples, 0);
  const run = showing(
    (one) => one.status !== 3 && Number(samplesOf(one)) > 1000,
    ...[fixture('ring-buffer.scenario.ts'), '--time', '2s'],
  );
  expect(run.status).toBe(0);
  expect(samplesOf(run)).toBeGreaterThan(1000);
});

test('a classic script is tested as it is', () => {
  const { status, result } = conclusive(fixture('classic.scenario.ts'), '--time', '2s');
  expect(status).toBe(0);
  const outcomes = result.scenarios[0]?.trials.flatMap(({ counts }) => Object.keys(counts));
  expect(outcomes).toContain('2, 3');
});

test.each([
  ['packed, in step, interpreted', ',sync=1,jit=cold'],
  ['on lines, shuffled, on one processor', ',padding=lines,order=shuffled,placement=one'],
])('fields of all kinds are fresh for each sample: %s', (_, more) => {
  const config = `placement=free,stride=64,padding=packed${more}`;
  const { status, stdout, trial } = conclusive(
    ...[fixture('plain.js'), '--time', '2s', '--config', config],
  );
  expect(stdout).toContain('PASSED');
  expect(trial.counts).toEqual({ '21, 0.5, true': trial.samples });
  expect(status).toBe(0);
});

test('a state lives for as many samples as `samplesPerState` says', () => {
  const { status, stdout, trial } = conclusive(
    ...[fixture('lives.ts'), '--time', '2s', '--config', 'stride=64'],
  );
  expect(stdout).toContain('PASSED');
  const { '0, 1': first = 0, '1, 1': second = 0, '2, 1': last = 0, ...others } = trial.counts;
  expect(others).toEqual({});
  // a round may end in the middle of a life
  expect(first).toBeGreaterThanOrEqual(second);
  expect(second).toBeGreaterThanOrEqual(last);
  expect(status).toBe(0);
});

test('works where code from strings is forbidden', () => {
  const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const json = `/tmp/syslets-no-codegen-${process.pid}.json`;
  const flag = '--disallow-code-generation-from-strings';
  const args = [flag, cli, 'stress', fixture('plain.js'), '--time', '2s', '--json', json];
  const { stdout } = patiently(
    (...more) => spawnSync(process.execPath, [...args, ...more], { encoding: 'utf8' }),
    ({ status }) => status !== 3,
  );
  expect(stdout).toContain('PASSED');
  expect(readFileSync(json, 'utf8')).toContain('"21, 0.5, true"');
});
