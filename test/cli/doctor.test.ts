import { expect, test } from 'vitest';
import { runProgram } from './run.ts';

test('doctor --json has the machine, the watcher and why, limits, refused calls, what is lost', () => {
  const { status, stdout } = runProgram('cli/main.js', ['doctor', '--json']);
  const report = JSON.parse(stdout);
  expect(status).toBe(0);
  expect(report.machine).toMatchObject({
    node: process.versions.node,
    addon: 'loaded, compiled here',
  });
  expect(report.watcher.attach).toBe('works');
  expect(report.watcher.reason).not.toBe('');
  expect(report.limits).toHaveProperty('threads of the machine');
  expect(report.limits).toHaveProperty('pids cgroup');
  expect(report.limits).toHaveProperty('locked memory (perf rings)');
  expect(report.refused.every(({ reason }: { reason: string }) => reason.length > 0)).toBe(true);
  expect(report.refused.map(({ name }: { name: string }) => name)).toContain('execve');
  expect(report.lostWhileAttached.length).toBeGreaterThan(3);
});

test('doctor prints for people', () => {
  const { stdout } = runProgram('cli/main.js', ['doctor']);
  for (const title of [
    'This machine',
    'Watcher',
    'Limits',
    'Refused calls',
    'Lost while attached',
  ]) {
    expect(stdout).toContain(title);
  }
  expect(stdout).not.toContain('\x1b');
});
