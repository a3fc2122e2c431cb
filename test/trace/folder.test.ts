import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTraceFolder } from '../../lib/trace/index.ts';

// Contexts of another process, traced because its environment says so.

const TRACED = fileURLToPath(new URL('traced.mjs', import.meta.url));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'syslets-folder-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function run(how: string, environment: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [TRACED, how], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, SYSLETS_TRACE: folder, ...environment },
  });
}

function kindsOf(task: number) {
  const part = readTraceFolder(folder)[0]?.tasks.find((one) => one.task === task);
  return part?.events.map(({ kind }) => kind).filter((kind) => kind !== 'wake');
}

test('a second attach on the same thread leaves the trace alone', () => {
  const { status, stderr } = run('twice');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const [trace, ...more] = readTraceFolder(folder);
  expect(more).toEqual([]);
  expect(trace?.detached).toBe(true);
  expect(kindsOf(0)?.filter((kind) => kind === 'enter').length).toBeGreaterThan(1);
});

test('a context that detaches', () => {
  const { status, pid } = run('detach');
  expect(status).toBe(0);
  const [trace, ...more] = readTraceFolder(folder);
  expect(more).toEqual([]);
  expect(trace).toMatchObject({ pid, detached: true });
  expect(trace?.facts).toMatchObject({ name: 'main', node: process.version });
  expect(trace?.facts.command).toContain('traced.mjs detach');
  expect(trace?.tasks[1]?.name).toBe(`syslet-${trace?.context}-1`);
  expect(kindsOf(0)?.slice(-2)).toEqual(['home', 'resume']);
});

test('a process that is killed leaves what was written until then', () => {
  expect(run('kill').signal).toBe('SIGKILL');
  const [trace] = readTraceFolder(folder);
  expect(trace?.detached).toBe(false);
  expect(kindsOf(1)?.slice(0, 3)).toEqual(['blocked', 'handOff', 'resume']);
});

test('a worker that is terminated, beside main', () => {
  expect(run('worker').status).toBe(0);
  const names = readTraceFolder(folder).map(({ facts, detached }) => [facts.name, detached]);
  expect(names).toEqual([
    ['main', true],
    ['worker 1', true],
  ]);
});

test('the environment says how large traces are', () => {
  run('detach', { SYSLETS_TRACE_TASKS: '2', SYSLETS_TRACE_EVENTS: '8' });
  const [trace] = readTraceFolder(folder);
  expect(trace?.tasks.every(({ events }) => events.length <= 8)).toBe(true);
  const lost = trace?.tasks.map((task) => task.lost);
  expect(lost?.some((number) => number > 0)).toBe(true);
});

test.each([
  [{ SYSLETS_TRACE_EVENTS: '12' }, 'events is 12, expected a power of two: 16, say'],
  [{ SYSLETS_TRACE_TASKS: 'many' }, "SYSLETS_TRACE_TASKS is 'many', expected an integer"],
  [{ SYSLETS_TRACE: '/nowhere/at/all' }, 'ENOENT'],
])('%j is refused at attach', (environment, message) => {
  const { status, stderr } = run('detach', environment);
  expect(status).toBe(1);
  expect(stderr).toContain(message);
});

test('a file that is cut off or is no trace says so', () => {
  run('detach');
  const name = readdirSync(folder).find((one) => one.endsWith('.trace')) as string;
  truncateSync(join(folder, name), 5000);
  expect(() => readTraceFolder(folder)).toThrow(/the trace is cut off: 5000 bytes, expected \d+/);
  writeFileSync(join(folder, name), 'x'.repeat(200));
  expect(() => readTraceFolder(folder)).toThrow('this is not a trace');
});
