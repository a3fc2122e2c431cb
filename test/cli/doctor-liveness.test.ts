import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { UserLimits } from '../../lib/cli/doctor-limits.ts';
import { type Attached, answer, type Need, needs } from '../../lib/cli/doctor-liveness.ts';
import { newTally } from '../../lib/loop/index.ts';
import { native } from '../../lib/native.ts';

const PROGRAM = fileURLToPath(new URL('doctor-without.mjs', import.meta.url));
const isRoot = process.getuid?.() === 0;

/** Names of what is not there, as a program says that lacks something. */
function missing(without: string, prefix: readonly string[] = []): readonly string[] {
  const [command = '', ...args] = [...prefix, process.execPath, PROGRAM, without];
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
  expect(stderr).toBe('');
  const { liveness } = JSON.parse(stdout) as { liveness: readonly Need[] };
  return liveness.filter(({ here }) => here === false).map(({ need }) => need);
}

const few = ['sh', '-c', 'ulimit -n 100; exec "$@"', 'sh'];
const noProc = ['unshare', '-m', 'sh', '-c', 'umount -l /proc; exec "$@"', 'sh'];

test('what can be had is there', () => {
  expect(missing('nothing')).not.toContain('spare task');
  expect(missing('nothing')).not.toContain('descriptors in reserve');
});

test('descriptors that are used up are seen', () => {
  expect(missing('descriptors', few)).toEqual(
    expect.arrayContaining(['perf events', 'files of /proc/self/task', 'descriptors in reserve']),
  );
});

test.skipIf(!isRoot)('threads that are used up (only root can become nobody)', () => {
  expect(missing('threads')).toEqual(
    expect.arrayContaining(['spare task', 'more threads (RLIMIT_NPROC)']),
  );
});

test.skipIf(!isRoot)('a full queue of signals (only root can become nobody)', () => {
  expect(missing('signal queue')).toEqual(['room for signals (RLIMIT_SIGPENDING)']);
});

test.skipIf(!isRoot)('a /proc that is not there (only root can unmount it)', () => {
  expect(missing('nothing', noProc)).toContain('files of /proc/self/task');
});

const attached: Attached = {
  perf: 'ok',
  sampler: 'ok',
  interruptSignal: 16,
  spare: true,
  guardian: true,
  descriptorsHeld: 4,
  descriptorsMissing: 0,
};
const limits: UserLimits = {
  threads: 10,
  mostThreads: 100,
  isBound: true,
  queued: 0,
  mostQueued: 10,
  maxTasks: 50,
};

test.each<[string, Partial<Attached>, Partial<UserLimits>, string]>([
  ['perf events', { perf: 'Permission denied' }, {}, 'Permission denied'],
  ['files of /proc/self/task', { sampler: 'No such file' }, {}, 'No such file'],
  ['descriptors in reserve', { descriptorsHeld: 1, descriptorsMissing: 3 }, {}, '1 of 4'],
  ['spare task', { spare: false }, {}, 'no thread could be made'],
  ['guardian', { guardian: false }, {}, 'no thread could be made; the next attach tries again'],
  ['more threads (RLIMIT_NPROC)', {}, { threads: 100 }, '100 of 100'],
  [
    'threads for a queue that stands still',
    {},
    { maxTasks: 9 },
    '2 of maxTasks, which is 9 by default',
  ],
  ['a signal that needs no queue', { interruptSignal: 64 }, {}, 'signal 64'],
  ['room for signals (RLIMIT_SIGPENDING)', {}, { queued: 10 }, '10 of 10'],
])('%s: the one line that says so, and why', (need, facts, user, detail) => {
  const found = needs({ ...attached, ...facts }, { ...limits, ...user });
  expect(found.filter(({ here }) => !here)).toEqual([expect.objectContaining({ need, detail })]);
});

test('what does not show, and what does not bind, is not called missing', () => {
  const unknown = { threads: null, queued: null, mostQueued: null };
  const shown = needs(attached, { ...limits, ...unknown });
  expect(shown.map(answer)).toEqual(['yes', 'yes', 'yes', 'yes', 'yes', '?', 'yes', 'yes', '?']);
  const beyond = needs(attached, { ...limits, threads: 200, isBound: false });
  expect(beyond.every(({ here }) => here)).toBe(true);
});

test('the counters that it names exist', () => {
  const named = needs(attached, limits).flatMap(({ counters }) => counters);
  const known = Object.keys({ ...native().counters(), ...newTally() });
  expect(known).toEqual(expect.arrayContaining(named));
});
