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

test('this machine has limits that can be read', () => {
  const { processes, groupRoom } = taskLimits();
  expect(processes).toBeGreaterThan(0);
  expect(groupRoom).toBeGreaterThan(0);
});
