import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseProgram } from '../../lib/linearizability/index.ts';
import type { FailedHistory } from '../../lib/report/index.ts';
import { conclusive, LONG, refused, type StressRun, stress } from '../stress/stress.ts';
import queue from './fixtures/queue.linear.ts';

const file = (name: string) =>
  fileURLToPath(new URL(`fixtures/${name}.linear.ts`, import.meta.url));

/** How small a program becomes is chance, too: smaller ones that fail are looked for for a while. */
const TRIES = 4;

interface Failing {
  readonly run: StressRun;
  readonly history: FailedHistory;
}

function failing(...args: readonly string[]): Failing {
  const run = stress(...args, '--time', LONG);
  const history = run.result.scenarios[0]?.trials.find((one) => one.history)?.history;
  expect(run.stdout).toContain('FAILED');
  return { run, history: history as FailedHistory };
}

/** A failure with at most `calls` calls. */
function small(calls: number, ...args: readonly string[]): Failing {
  for (let tries = 1; ; tries++) {
    const found = failing(...args);
    if (found.history.threads.flat().length <= calls || tries === TRIES) return found;
  }
}

test('the example, a queue for one producer and one consumer, is linearizable', () => {
  const example = fileURLToPath(new URL('../../examples/queue.linear.ts', import.meta.url));
  const { result, status, stdout } = conclusive(example, '--time', '4s', '--seed', '7');
  expect(stdout).toMatch(/PASSED .* samples of \d+ programs in /);
  expect(status).toBe(0);
  const [scenario] = result.scenarios;
  expect(scenario).toMatchObject({ name: 'example/queue', actors: ['push', 'pop'] });
  for (const { counts } of scenario?.trials ?? []) {
    expect(Object.keys(counts)).toEqual(['linearizable']);
  }
});

test('with two consumers it is not: the failure is small, and its command makes it again', () => {
  const { run, history } = small(4, file('two-consumers'));
  expect(run.status).toBe(1);
  expect(run.stdout).toMatch(/thread A +thread B/);
  expect(run.stdout).toContain('the model allows');
  expect(history.threads.flat().length).toBeLessThanOrEqual(4);
  expect(history.orders.length).toBeGreaterThan(0);
  expect(run.stdout).toContain(`--program '${history.program}'`);
  expect(run.stdout).toMatch(/--config placement=\w+,stride=\d+,sync=\d+,jit=\w+ --seed/);
  const again = failing(file('two-consumers'), '--program', history.program);
  expect(again.history.condition).toBe('linearizable');
});

test('a call that never returns is a failure where the model lets it', () => {
  const { run, history } = small(2, file('hangs'), '--timeout', '700ms');
  expect(run.stdout).toMatch(
    /again: .* \((it hung in \d of \d runs of up to 300 ms|how often it comes was not measured)\)/,
  );
  // which of the threads is the first one, the seed says
  expect(history.program.split(' | ').sort()).toEqual(['enter()', 'open()']);
  const enter = history.threads.flat().find(({ call }) => call === 'enter()');
  expect(enter).toMatchObject({ end: null });
});

test('a hang that is in no call is no history that does not fit: it is said where', () => {
  const { result, stdout, trial } = stress(file('close-hangs'), '--time', LONG);
  expect(result.scenarios[0]?.trials.some(({ history }) => history)).toBe(false);
  expect(trial.end).toBe('hung');
  expect(trial.detail?.message).toMatch(
    /^close in thread A, close in thread B.*: no step for 500 ms, with add\(/,
  );
  expect(stdout).not.toContain('not linearizable,');
});

test('an operation that throws is a result, and so is an object', () => {
  const { history } = failing(file('throws'));
  expect(history.program).toMatch(/get\(\)/);
  expect(history.orders[0]?.next[0]).toMatchObject({
    seen: 'throws RangeError',
    model: 'throws TypeError',
  });
});

test('a model whose state is hidden is refused, with what shows it', () => {
  const { trial } = stress(file('hidden'), '--time', LONG);
  expect(trial.end).toBe('threw');
  expect(trial.detail?.message).toContain('the model has state that no member shows');
  // the program that showed it, and how surely it does
  expect(trial.command).toMatch(/ --program '.+' /);
  expect(trial.again?.runs).toBeGreaterThan(0);
});

const MISTAKEN = 'push(1) | pull()';
const MISTAKE = 'fixture/queue has no operation pull, expected one of push, pop';

test('a --program that cannot be is a mistake in the command', () => {
  const { status, stderr } = refused(file('queue'), '--program', MISTAKEN);
  expect(stderr).toContain(`syslets stress: --program: ${MISTAKE}`);
  expect(status).toBe(2);
});

test.each([
  [MISTAKEN, MISTAKE],
  ['push() | pop()', 'push of fixture/queue has 0 arguments, expected 1'],
  ['push(1) pop()', "expected ',' for the next call or '|' for the next thread where 'pop()' is"],
  ['push(x) | pop()', "expected a value where 'x) | pop()' is"],
])('%s is no program', (program, message) => {
  expect(() => parseProgram(program, queue.structure)).toThrow(message);
});

test('a --config that means nothing for a structure is a mistake in the command', () => {
  const { status, stderr } = refused(file('queue'), '--config', 'sync=1,padding=lines');
  expect(stderr).toContain(
    "--config: 'padding' means nothing for a structure, expected placement, stride, sync, jit",
  );
  expect(status).toBe(2);
  const large = refused(file('queue'), '--config', 'stride=1024');
  expect(large.stderr).toContain("--config stride is '1024', a structure has at most 512");
});

test('--program needs one linearizable', () => {
  const { status, stderr } = refused('litmus/sb', '--program', 'push(1)');
  expect(stderr).toContain('--program: litmus/sb is no linearizable');
  expect(status).toBe(2);
});
