// Operations against their model, in all schedules of small programs.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { ExploreResult } from '../../lib/report/explore-result.ts';
import { runProgram } from '../cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-explore-structures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fixture = (name: string) =>
  fileURLToPath(new URL(`../linearizability/fixtures/${name}.linear.ts`, import.meta.url));

function explore(name: string, ...options: readonly string[]) {
  return runProgram('cli/main.js', ['explore', fixture(name), ...options]);
}

const replayIn = (text: string) => /replay: (\S+)/.exec(text)?.[1] ?? '';

test('a queue as it is meant passes, with the same programs each time', () => {
  const { status, stdout } = explore('queue', '--programs', '3', '--all');
  expect(stdout).toMatch(/sc {2}3 programs \(seed 1\): all /);
  expect(stdout).toMatch(/tso 3 programs \(seed 1\): all /);
  expect(stdout).toContain('linearizable');
  expect(status).toBe(0);
  expect(explore('queue', '--programs', '3', '--all').stdout).toBe(stdout);
  expect(explore('queue', '--programs', '3', '--seed', '2').stdout).toContain('(seed 2)');
});

describe('a failure', () => {
  const { status, stdout } = explore('two-consumers');
  const program = 'push(0) | pop() | pop()';

  test('is made small, and shown as a history and as a schedule', () => {
    expect(stdout).toContain(`not linearizable: ${program}`);
    expect(stdout).toMatch(
      /\d of [\d,]+ executions that were searched fail, made small from push\(/,
    );
    expect(stdout).toContain('thread A           thread B   thread C');
    expect(stdout).toMatch(/then [BC]: pop\(\) has to return undefined, and returned 0/);
    expect(stdout).toMatch(/not linearizable after \d+ steps, 1 preemption \(sc\)/);
    expect(stdout).toMatch(/\d {2}push\(0\) begins/);
    expect(stdout).toMatch(/\d +pop\(\) → 0/);
    expect(status).toBe(1);
  });

  test('has a string that makes the execution again', () => {
    const replay = replayIn(stdout);
    expect(stdout).toContain(`--program '${program}' --replay ${replay}`);
    const again = explore('two-consumers', '--program', program, '--replay', replay);
    expect(again.stdout).toContain('every operation is as it was recorded');
    expect(again.stdout).toContain(`not linearizable: ${program}`);
    expect(again.status).toBe(1);
    const alone = explore('two-consumers', '--replay', replay);
    expect(alone.stderr).toContain('needs --program, too: the schedule is of one program');
    expect(alone.status).toBe(2);
    const other = explore('two-consumers', '--program', 'push(1) | pop()', '--replay', replay);
    expect(other.stderr).toContain('it is of another scenario than fixture/two-consumers push(1)');
    expect(other.status).toBe(2);
  });

  test('has a cause among the steps that it shows, not the word of the time', () => {
    expect(stdout).toContain(
      'B reads in step 8 and writes in step 17, and C writes in between, in step 15;',
    );
  });

  test('is one beside a run of another program that passed, in either order', () => {
    const [bad, good] = ['bad', 'good'].map((name) => join(folder, `${name}.json`)) as [
      string,
      string,
    ];
    expect(explore('two-consumers', '--machine', 'sc', '--json', bad).status).toBe(1);
    const passes = ['--program', 'push(0) | pop()', '--machine', 'sc', '--json', good];
    expect(explore('two-consumers', ...passes).status).toBe(0);
    for (const files of [
      [bad, good],
      [good, bad],
    ]) {
      const report = runProgram('cli/main.js', ['report', ...files]);
      expect(report.stdout).toContain('FAILED      fixture/two-consumers');
      expect(report.stdout).toContain('thread A           thread B   thread C');
      expect(report.status).toBe(1);
    }
  });

  test('is in the results, the page and the XML', () => {
    const [json, html, junit] = ['r.json', 'r.html', 'r.xml'].map((name) => join(folder, name));
    const files = ['--json', `${json}`, '--html', `${html}`, '--junit', `${junit}`];
    explore('two-consumers', '--machine', 'sc', ...files);
    const result = JSON.parse(readFileSync(`${json}`, 'utf8')) as ExploreResult;
    const [{ actors, failure, machines } = {}] = result.scenarios;
    expect(actors).toEqual(['A', 'B', 'C']);
    expect(failure?.history).toMatchObject({ condition: 'linearizable', program });
    expect(machines?.[0]?.coverage.programs?.seed).toBe(1);
    expect(readFileSync(`${html}`, 'utf8')).toContain('Not linearizable: <code>push(0) | pop()');
    expect(readFileSync(`${junit}`, 'utf8')).toContain('outcome: not linearizable');
  });
});

test('a call that never returns is wrong, unless the model waits too', () => {
  const hangs = explore('hangs', '--machine', 'sc');
  expect(hangs.stdout).toMatch(/└ never returns/);
  expect(hangs.stdout).toContain('deadlock: B sleeps in wait');
  expect(hangs.status).toBe(1);
  const waits = explore('hangs', '--program', 'enter()', '--all');
  expect(waits.stdout).toMatch(/^ *linearizable +1 +1 /m);
  expect(waits.status).toBe(0);
});

test.each([
  ['--programs', '3'],
  ['--seed', '3'],
])('%s means nothing where the program is given', (...option) => {
  const { status, stderr } = explore('queue', '--program', 'push(0) | pop()', ...option);
  expect(stderr).toContain(`${option[0]} means nothing beside --program`);
  expect(status).toBe(2);
});

test('the schedule of an outcome takes no program from the search', () => {
  const asked = ['--programs', '3', '--machine', 'sc', '--outcome', 'linearizable'];
  const { status, stdout } = explore('queue', ...asked);
  expect(stdout).toContain('sc  3 programs (seed 1): all ');
  expect(stdout).toMatch(/ {2}linearizable after \d+ steps, 0 preemptions \(sc\)/);
  expect(status).toBe(0);
});

test('what an operation throws is its result', () => {
  const { status, stdout } = explore('throws', '--machine', 'sc');
  expect(stdout).toContain('not linearizable: get()');
  expect(stdout).toContain(
    'A: get() has to return throws TypeError, and returned throws RangeError',
  );
  expect(status).toBe(1);
});

test('what a call does to its arguments, no other run sees', () => {
  const { status, stdout } = explore(
    'appends',
    '--program',
    'add([1]), add([1, 2]) | add([1])',
    '--all',
  );
  expect(stdout).toContain('1 program: all ');
  expect(stdout).not.toContain('not linearizable');
  expect(status).toBe(0);
});

test('objects are created one after the other, behind setup and before the first call', () => {
  const { status, stdout } = explore('creates', '--program', 'count() | count()', '--all');
  expect(stdout).toContain('1 program: all ');
  expect(stdout).not.toContain('not linearizable');
  expect(status).toBe(0);
});

test('a store may be late under tso, from one call to the next', () => {
  const program = 'set(0), get(1) | set(1), get(0)';
  const sc = explore('registers', '--program', program, '--machine', 'sc');
  expect(sc.status).toBe(0);
  const { status, stdout } = explore('registers', '--program', program);
  expect(stdout).toContain('(tso)');
  expect(stdout).toContain('store buffer: the store of step');
  expect(status).toBe(1);
});

describe('what is not explored is said', () => {
  test.each(['structures/kernel-ring', 'structures/aio-file'])('%s makes calls', (name) => {
    const { status, stdout } = runProgram('cli/main.js', ['explore', name]);
    expect(stdout).toContain(`${name}  it makes calls, which cannot be followed`);
    expect(status).toBe(3);
  });

  test('promises', () => {
    const { status, stderr } = explore('promises');
    expect(stderr).toContain('a promise, which cannot be compared: expected no async function');
    expect(stderr).not.toContain(' at ');
    expect(status).toBe(2);
  });

  test('the memory model', () => {
    const { status, stdout } = explore('queue', '--machine', 'model');
    expect(stdout).toContain('the memory model is not asked about operations');
    expect(status).toBe(3);
  });

  test.each([
    [['returns-code'], 'fixture/returns-code: operations.get returned '],
    [['not-created'], 'fixture/not-created: create threw Error: no'],
    [['queue', '--program', 'pull()'], '--program: fixture/queue has no operation pull'],
    [['queue', '--programs', '0'], "--programs is '0', expected an integer from 1"],
  ])('%j', ([name = '', ...options], message) => {
    const { status, stderr } = explore(name, ...options);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  test('a search that was cut has no verdict', () => {
    const { status, stdout } = explore('queue', '--max-states', '20', '--machine', 'sc');
    expect(stdout).toMatch(/a part only, no claim: push.*: more than 20 states/);
    expect(status).toBe(3);
  });
});
