import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultMaxTasks, taskLimits } from '../../lib/kernel/index.ts';

const LIMITS = (processes: string) =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax processes             ${processes}                94321                processes\n`;

/** A machine whose files are these. */
const machine = (files: Readonly<Record<string, string>>) => (path: string) => files[path];

test('nothing limits where nothing is known', () => {
  const limits = taskLimits(machine({}));
  expect(limits).toEqual({ processes: Infinity, groupRoom: Infinity });
  expect(defaultMaxTasks(limits)).toBe(1024);
});

test('RLIMIT_NPROC is read, and that there is none', () => {
  expect(taskLimits(machine({ '/proc/self/limits': LIMITS('200') })).processes).toBe(200);
  expect(taskLimits(machine({ '/proc/self/limits': LIMITS('unlimited') })).processes).toBe(
    Infinity,
  );
});

test('the least room of all control groups above counts', () => {
  const files = {
    '/proc/self/cgroup': '0::/user.slice/app\n',
    '/sys/fs/cgroup/user.slice/app/pids.max': 'max\n',
    '/sys/fs/cgroup/user.slice/pids.max': '500\n',
    '/sys/fs/cgroup/user.slice/pids.current': '60\n',
  };
  expect(taskLimits(machine(files)).groupRoom).toBe(440);
  expect(defaultMaxTasks(taskLimits(machine(files)))).toBe(220);
});

test('groups of the first version have a tree of their own', () => {
  const files = {
    '/proc/self/cgroup': '5:cpu,cpuacct:/a\n3:pids:/a/b\n0::/\n',
    '/sys/fs/cgroup/pids/a/b/pids.max': '100\n',
    '/sys/fs/cgroup/pids/a/b/pids.current': '20\n',
    '/sys/fs/cgroup/pids/a/pids.max': '1000\n',
    '/sys/fs/cgroup/pids/a/pids.current': '30\n',
  };
  expect(taskLimits(machine(files)).groupRoom).toBe(80);
});

test('a context always gets a waiting child', () => {
  expect(defaultMaxTasks({ processes: 1, groupRoom: -3 })).toBe(2);
});

function setProcesses(limit: string): void {
  const args = ['--pid', String(process.pid), `--nproc=${limit}:`];
  expect(spawnSync('prlimit', args, { encoding: 'utf8' })).toMatchObject({ stderr: '', status: 0 });
}

function processesBefore(): string {
  const args = ['--pid', String(process.pid), '--nproc', '--raw', '--noheadings', '-o', 'SOFT'];
  return spawnSync('prlimit', args, { encoding: 'utf8' }).stdout.trim();
}

test("this machine's limit of processes is read as it is set", () => {
  const before = processesBefore();
  try {
    setProcesses('12345');
    expect(taskLimits().processes).toBe(12_345);
  } finally {
    setProcesses(before);
  }
  expect(taskLimits().processes).toBe(before === 'unlimited' ? Infinity : Number(before));
});

/** The room in every group that has a limit, by file names alone: none may have less than is told. */
function roomBy(folder: string): number {
  const read = (name: string) => Number(readFileSync(join(folder, name), 'utf8'));
  try {
    return read('pids.max') - read('pids.current');
  } catch {
    return Number.NaN; // no such group, or it is the root, which has no limit
  }
}

test("the room of this machine's control groups", () => {
  const groups = readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .map((line) => /^\d+:(?:[^:]*\bpids\b[^:]*)?:(.*)$/.exec(line)?.[1]);
  const rooms = groups
    .filter((group) => group !== undefined)
    .flatMap((group) => [`/sys/fs/cgroup${group}`, `/sys/fs/cgroup/pids${group}`])
    .map(roomBy)
    .filter((room) => !Number.isNaN(room));
  const { groupRoom } = taskLimits();
  // other processes come and go between the two looks
  if (rooms.length > 0) expect(groupRoom).toBeLessThan(Math.min(...rooms) + 1000);
  else console.log('not compared: no control group of this process has a limit of pids');
  expect(groupRoom).toBeGreaterThan(0);
});
