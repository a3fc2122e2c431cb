import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ChromeEvent } from '../../lib/report/chrome-trace.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const TRACED = fileURLToPath(new URL('traced.mjs', import.meta.url));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'syslets-command-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function syslets(...args: readonly string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    cwd: folder,
  });
}

function eventsOf(file: string): ChromeEvent[] {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')).traceEvents;
}

test('trace.json tells the calls, the hand-off, and the way of the context', () => {
  const { status, stderr } = syslets('trace', '--', TRACED, 'detach');
  expect([status, stderr]).toEqual([0, expect.stringContaining('1 contexts, 2 tasks')]);
  const events = eventsOf('trace.json');
  const named = (name: string, ph = 'X') =>
    events.filter((event) => event.name === name && event.ph === ph);
  const [read] = named('read');
  expect(read?.args).toMatchObject({ nr: 0, result: 1, end: 'completed' });
  const [left] = named('hand-off', 's');
  const [arrived] = named('hand-off', 'f');
  expect(left?.tid).toBe(read?.tid);
  expect(arrived?.tid).not.toBe(read?.tid);
  expect(named('pipe2')).toHaveLength(1);
  expect(named('user: main').map(({ tid }) => tid)).toContain(arrived?.tid);
  const names = named('thread_name', 'M').map(({ args }) => args?.name);
  const own = readFileSync('/proc/self/comm', 'utf8').trim(); // newer versions name it MainThread
  expect(names).toEqual([`${own} (main, task 0)`, 'syslet-1-1 (main, task 1)']);
});

test('a worker and main are two contexts of one timeline', () => {
  syslets('trace', '-o', 'out.json', '--', TRACED, 'worker');
  const tracks = eventsOf('out.json').filter(({ ph, name }) => ph === 'b' && /^context/.test(name));
  expect(tracks.map(({ name }) => name)).toEqual(['context main', 'context worker 1']);
});

test('a page opens by itself', () => {
  const { status, stdout } = syslets('trace', '--html', 'out.html', '--', TRACED, 'detach');
  expect([status, stdout, existsSync(join(folder, 'trace.json'))]).toEqual([0, '', false]);
  const page = readFileSync(join(folder, 'out.html'), 'utf8');
  expect(page).toContain('syslet-1-1');
  expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
});

test('the processes that a script starts have files of their own', () => {
  const { status } = syslets('trace', '-o', 'out.json', '--', TRACED, 'child');
  expect(status).toBe(0);
  const files = readdirSync(folder).sort();
  expect(files).toEqual([expect.stringMatching(/^out\.\d+\.json$/), 'out.json']);
  const pids = files.map((file) => eventsOf(file)[0]?.pid);
  expect(files[0]).toBe(`out.${pids[0]}.json`);
});

test('a script that is killed: its trace is there, and so is the signal', () => {
  const { status } = syslets('trace', '--', TRACED, 'kill');
  expect(status).toBe(128 + 9);
  expect(eventsOf('trace.json').some(({ name }) => name === 'hand-off')).toBe(true);
});

test('what found no room is told', () => {
  const { stderr } = syslets('trace', '--events', '8', '--tasks', '1', '--', TRACED, 'detach');
  expect(stderr).toMatch(/lost +\d+ events were overwritten by newer ones: --events keeps more/);
  expect(stderr).toMatch(/without room +\d+ events of further tasks: --tasks makes room for more/);
});

test.each([
  [['--', '-e', '1'], 1, 'syslets trace: nothing to trace: -e 1 attached no thread'],
  [['--events', '100', '--', '-e', '1'], 2, 'events is 100, expected a power of two: 128, say'],
  [['--tasks', 'few', '--', '-e', '1'], 2, 'tasks is NaN, expected an integer from 1 to 65536'],
  [[], 2, "missing required argument 'script'"],
])('trace %j is refused', (args, expectedStatus, message) => {
  const { status, stderr } = syslets('trace', ...args);
  expect(status).toBe(expectedStatus);
  expect(stderr).toContain(message);
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ['tour.json', (text: string) => JSON.parse(text).traceEvents.length],
  ['tour.html', (text: string) => text.match(/handed over/g)?.length],
])('tour --trace %s', (file, size) => {
  const { status, stdout } = syslets('tour', folder, '--trace', file);
  expect(status).toBe(0);
  expect(stdout).toContain('A timeline of the hand-offs');
  expect(size(readFileSync(join(folder, file), 'utf8'))).toBeGreaterThan(0);
});
