import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { RunResult } from '../../lib/report/index.ts';
import { conclusive, failing, fixture, LONG, refused, showing, stress } from './stress.ts';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'syslets-verdicts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a witness that was not seen is inconclusive, one of other processors is no reason', () => {
  const { status, stdout } = showing(
    // few samples are another reason
    (run) => run.stdout.includes('not enough: the witness'),
    ...[fixture('rare.ts'), '--time', '2s'],
  );
  expect(status).toBe(3);
  expect(stdout).toMatch(/INCONCLUSIVE +fixture\/rare/);
  expect(stdout).toContain('not enough: the witness 2 (never) was not seen; give more --time');
  expect(stdout).not.toContain('elsewhere) was not seen');
});

test('too few samples are inconclusive, with what would suffice', () => {
  const { status, stdout } = stress(fixture('few.ts'), '--time', '2s');
  expect(status).toBe(3);
  expect(stdout).toMatch(/not enough: [\d,]+ samples, 1,000,000,000,000 are wanted: .* more of/);
});

test('what was seen before a hang is counted and shown; who sleeps for ever is named', () => {
  const config = 'placement=free,sync=0';
  const { status, stdout, trial } = stress(
    ...[fixture('two-bugs.ts'), '--time', LONG, '--keep-going', '--config', config],
  );
  expect(status).toBe(1);
  expect(trial.counts).toEqual({ 0: 2, 7: 1 });
  expect(trial).toMatchObject({ end: 'hung', detail: { actor: 'waiter', iteration: 3 } });
  expect(stdout).toContain('all threads that could go on sleep, and none is left to wake them');
  expect(stdout).toMatch(/actor waiter\n(?:.*\n)* +at waiter \(.*two-bugs\.ts/);
});

test('the first sighting of each outcome is told, and how surely the command shows it', () => {
  const { stdout, stderr, result } = stress(
    ...[fixture('unlisted.ts'), '--time', LONG, '--config', 'placement=free'],
  );
  expect(stderr).toMatch(
    /fixture\/unlisted: forbidden: 123456, -7, after \d+\.\d\d s, \d+ samples/,
  );
  expect(stdout).toContain('FIRST SEEN');
  expect(stdout).toMatch(/again \(\d+ of \d+ repetitions? of up to \d+ ms showed it\)/);
  expect(result.scenarios[0]?.seen?.['123456, -7']?.ms).toBeGreaterThan(0);
});

test('a throw is printed once, however often', () => {
  const { status, stderr } = failing(fixture('throws.ts'), '--time', '5s', '--keep-going');
  expect(status).toBe(1);
  expect(stderr.match(/enough/g)).toHaveLength(1);
});

test('an interrupted run says so: status 3', async () => {
  const json = join(folder, 'interrupted.json');
  const args = [CLI, 'stress', 'litmus/mp', '--time', '60s', '--json', json];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let stdout = '';
  child.stdout.on('data', (data) => {
    if (stdout === '') setTimeout(() => child.kill('SIGINT'), 1500);
    stdout += data;
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  expect(stdout).toContain('note: the run was interrupted');
  expect((JSON.parse(readFileSync(json, 'utf8')) as RunResult).ended).toBe('interrupted');
  expect(status).toBe(3);
});

test('a shard that has nothing to do says that nothing was begun: status 3', () => {
  const { status, stdout, result } = stress(
    ...[fixture('few.ts'), '--time', '1s', '--shard', '900/1000'],
  );
  expect(result.scenarios[0]?.trials).toEqual([]);
  expect(stdout).toMatch(/NOT RUN +fixture\/few/);
  expect(stdout).toContain('no sample was taken: the time was over, or this shard has none of it');
  expect(stdout).toContain('1/1000 to 899/1000, 901/1000 to 1000/1000 are missing');
  expect(status).toBe(3);
});

test('a table of parameters: all rows, chosen ones, and a value that is not in it', () => {
  const { status, stdout } = failing(fixture('versions.ts'), '--time', '4s', '--param', 'size=2');
  expect(status).toBe(1);
  expect(stdout).toContain('fixture/versions[version=old,size=2]');
  expect(stdout).toMatch(/--param version=old --param size=2 --config/);
  const list = refused(fixture('versions.ts'), '--list', '--param', 'size=7').stdout;
  expect(list.split('\n').map((line) => line.split(' ')[0])).toEqual([
    'fixture/versions[version=old,size=7]',
    'fixture/versions[version=new,size=7]',
    '',
  ]);
  const good = conclusive(fixture('versions.ts'), '--time', '4s', '--param', 'version=new');
  expect(good.status).toBe(0);
  expect(good.result.scenarios).toHaveLength(2);
});

test.each([
  [['--param', 'size'], "--param is 'size', expected a name and a value"],
  [['--param', 'size=x'], "--param size is 'x', expected a number"],
  [['--param', 'none=1'], "no scenario has a parameter 'none' (parameters: version, size)"],
])('refuses %j', (args, message) => {
  const { status, stderr } = refused(fixture('versions.ts'), ...args);
  expect(stderr).toContain(message);
  expect(status).toBe(2);
});
