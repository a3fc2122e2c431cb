import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { native, whyNoNative } from '../../lib/native.ts';
import type { RunResult } from '../../lib/report/index.ts';
import { patiently, stress } from './stress.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-pin-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const why = whyNoNative();
beforeEach((context) => {
  if (why !== undefined) context.skip(why);
});

// Runs a program that may not set the affinity of threads, as in some containers.
const C = `
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sched_setaffinity, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };
	if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return perror("seccomp"), 99;
	execv(argv[1], argv + 1);
	return perror(argv[1]), 98;
}
`;

test('no permission to pin: runs unpinned, and says so', ({ skip }) => {
  const [source, program, json] = ['pin.c', 'pin', 'pin.json'].map((name) => join(folder, name));
  writeFileSync(source as string, C);
  execFileSync('cc', ['-o', program as string, source as string]);
  const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const args = [process.execPath, cli, 'stress', 'litmus/corr', '--time', '1s', '--config'];
  const last = ['placement=spread', '--json', json as string];
  const run = patiently(
    (...more) => spawnSync(program as string, [...args, ...last, ...more], { encoding: 'utf8' }),
    ({ status }) => status !== 3,
  );
  if (run.status === 99) skip(`no seccomp here: ${run.stderr}`);
  expect(run.stdout).toContain('note: threads could not be pinned to processors: EPERM');
  // 3: on a busy machine those were few
  expect([0, 3]).toContain(run.status);
  const result = JSON.parse(readFileSync(json as string, 'utf8')) as RunResult;
  expect(result.scenarios[0]?.trials[0]?.samples).toBeGreaterThan(0);
});

test('threads on different processors, and on one', () => {
  const before = native().getAffinity();
  expect(before.length).toBeGreaterThan(0);
  try {
    expect(native().setAffinity(Int32Array.of(before[0] as number))).toBe(0);
    expect(native().getAffinity()).toEqual([before[0]]);
    expect(native().setAffinity(Int32Array.of(1023))).toBeLessThan(0);
  } finally {
    native().setAffinity(Int32Array.from(before));
  }
  expect(native().getAffinity()).toEqual(before);
});

test('on one processor no two accesses overlap: nothing weak is seen', () => {
  const { trial } = stress('litmus/sb', '--time', '1s', '--config', 'placement=one');
  expect(trial.samples).toBeGreaterThan(0);
  expect(trial.counts).not.toHaveProperty('0, 0');
});
