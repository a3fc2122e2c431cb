import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { conclusive, failing, fixture, LONG, refused, type StressRun, stress } from './stress.ts';

const CONFIG = 'placement=free,stride=256';

const folder = mkdtempSync(join(tmpdir(), 'syslets-failures-'));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * What did not end well was made again: in how many repetitions it was shown, and in how many not. The
 * command has the same numbers beside it.
 */
function repeated({ stdout, trial }: StressRun): readonly [shown: number, not: number] {
  const { runs = 0, shown = 0, ms = 0 } = trial.again ?? {};
  expect(runs).toBeGreaterThan(0);
  const times = runs === 1 ? 'repetition' : 'repetitions';
  const rate = `(${shown} of ${runs} ${times} of up to ${ms} ms showed it)`;
  expect(stdout).toContain(`again: ${trial.command}  ${rate}`);
  return [shown, runs - shown];
}

/** Of what every process shows before its first sample is whole: each repetition does, or says nothing. */
function expectEach(run: StressRun): void {
  const [shown, not] = repeated(run);
  expect(shown).toBeGreaterThan(0);
  expect(not).toBe(0);
}

test('an outcome that is not in the table fails, and is printed whole', () => {
  const { status, stdout, trial, result } = stress(
    ...[fixture('unlisted.ts'), '--time', LONG, '--config', CONFIG, '--seed', '1'],
  );
  expect(status).toBe(1);
  expect(stdout).toMatch(/123456, -7 .*forbidden.*not in the table/);
  expect(trial.counts).toEqual({ '123456, -7': trial.samples });
  expect(result.ended).toBe('forbidden'); // it does not use up its time
});

test('a failure ends with the command that runs it again', () => {
  const first = failing(fixture('unlisted.ts'), '--time', '10s', '--seed', '1');
  const command =
    first.stdout.match(/first failure again.*:\n {2}syslets stress (.*)\n/)?.[1] ?? '';
  expect(command).toContain(fixture('unlisted.ts'));
  const again = stress(...command.split(' '), '--time', LONG);
  expect(again.status).toBe(1);
  expect(again.trial.config).toEqual(first.trial.config);
  expect(again.trial.seed).toBe(first.trial.seed);
});

test('an actor that throws: which one, iteration, stack', () => {
  const { status, stdout, trial } = stress(
    ...[fixture('throws.ts'), '--time', LONG, '--config', CONFIG],
  );
  expect(status).toBe(1);
  expect(trial.end).toBe('threw');
  expect(trial.detail).toMatchObject({
    actor: 'angry',
    iteration: 1000,
    message: 'actor angry threw in iteration 1000: RangeError: enough',
  });
  // the frames of what runs it are left out
  expect(trial.detail?.stack).toMatch(/^RangeError: enough\n +at angry \(.*throws\.ts:\d+:\d+\)$/);
  expect(stdout).toContain('actor angry threw in iteration 1000: RangeError: enough');
});

test.each([
  ['threw', 'throws-always.ts', { actor: 'angry', iteration: 0 }],
  ['hung', 'hangs-always.ts', { actor: 'endless', iteration: 0 }],
  ['died', 'dies.ts', { signal: 'SIGKILL' }],
])('what %s at its first sample is a result, and each repetition shows it', (end, file, detail) => {
  const run = stress(fixture(file), '--time', LONG, '--config', CONFIG);
  expect(run.status).toBe(1);
  expect(run.trial.end).toBe(end);
  expect(run.trial.detail).toMatchObject(detail);
  expectEach(run);
});

test('a run that goes on says at its end how surely an actor throws', () => {
  const args = ['--time', LONG, '--config', CONFIG, '--keep-going'];
  expectEach(stress(fixture('throws-always.ts'), ...args));
});

test('what does not come again is shown by no repetition', () => {
  vi.stubEnv('SYSLETS_TEST_MARK', join(folder, 'mark'));
  const run = stress(fixture('throws-once.ts'), '--time', LONG, '--config', CONFIG);
  expect(run.trial.end).toBe('threw');
  const [shown, not] = repeated(run);
  expect(shown).toBe(0);
  expect(not).toBeGreaterThan(0);
});

test('an actor that never ends: a time limit, and who is stuck where', () => {
  const { status, stdout, trial } = stress(
    ...[fixture('hangs.ts'), '--time', LONG, '--config', CONFIG],
  );
  expect(status).toBe(1);
  expect(trial.end).toBe('hung');
  expect(trial.detail).toMatchObject({ actor: 'endless', iteration: 500 });
  expect(stdout).toMatch(
    /no step within 400 ms; stuck: actor endless in iteration 500, for \d+\.\d s/,
  );
  expect(stdout).toMatch(/actor endless\n +at endless \(.*hangs\.ts:\d+:\d+\)/);
});

test('--timeout sets the limit', () => {
  const { trial } = stress(
    ...[fixture('hangs.ts'), '--time', LONG, '--config', CONFIG, '--timeout', '150ms'],
  );
  expect(trial.detail?.message).toContain('no step within 150 ms');
});

test('a thread that ends itself is a result', () => {
  const { status, trial } = stress(fixture('exits.ts'), '--time', LONG, '--config', CONFIG);
  expect(status).toBe(1);
  expect(trial).toMatchObject({ end: 'died', detail: { actor: 'leaver', exitCode: 3 } });
});

test('more actors than processors: runs, and says so', () => {
  const { status, stdout, trial } = conclusive(
    fixture('crowd.ts'),
    '--time',
    '3s',
    '--config',
    CONFIG,
  );
  expect(status).toBe(0);
  expect(trial.counts).toEqual({ '8': trial.samples });
  expect(trial.samples).toBeGreaterThan(0);
  if (availableParallelism() >= 8) return;
  expect(stdout).toContain('more actors than processors: 8 threads on');
});

test.each([
  [
    'duplicate names',
    ['twins'],
    /two scenarios are called fixture\/twin, in .*one\.ts and .*two\.ts/,
  ],
  [
    'no scenario in a file',
    ['no-scenario.ts'],
    /no-scenario\.ts has no scenario: expected `export default scenario/,
  ],
  [
    'a wrong definition',
    ['broken.ts'],
    /scenario 'fixture\/broken': it has 1 actors, expected 2 to 8/,
  ],
])('refuses %s', (_, [file = ''], message) => {
  const { status, stderr } = refused(fixture(file), '--time', '1s');
  expect(stderr).toMatch(message);
  expect(status).toBe(2);
});

test.each([
  ['a shard out of range', ['--shard', '5/4'], /--shard is '5\/4': part 5 of 4, expected 1 to 4/],
  ['shard 0', ['--shard', '0/4'], /--shard is '0\/4': part 0 of 4, expected 1 to 4/],
  [
    'a shard that is none',
    ['--shard', 'x'],
    /expected a part and how many there are, such as 1\/4/,
  ],
  ['a time', ['--time', 'soon'], /--time is 'soon', expected a time such as 30s/],
  ['a seed', ['--seed', '-1'], /--seed is '-1', expected an integer from 0/],
  ['a configuration', ['--config', 'place=one'], /there is no 'place', expected placement, stride/],
  [
    'a placement',
    ['--config', 'placement=two'],
    /--config placement is 'two', expected spread, one, free/,
  ],
  ['a stride', ['--config', 'stride=0'], /--config stride is '0', expected an integer from 1 to/],
  ['a filter that fits nothing', ['--filter', 'zzz'], /no scenario fits the filter/],
  [
    'a filter that is no pattern',
    ['--filter', '/(/'],
    /--filter is '\/\(\/': Invalid regular expression/,
  ],
  ['an unknown scenario', ['litmus/none'], /there is no scenario and no file 'litmus\/none'/],
  ['an unknown file', ['none.ts'], /there is no file 'none\.ts'/],
])('refuses %s', (_, args, message) => {
  const { status, stderr } = refused(...args);
  expect(stderr).toMatch(message);
  expect(status).toBe(2);
});
