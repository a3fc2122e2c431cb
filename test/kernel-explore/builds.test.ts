import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { removeOldBuilds } from '../../lib/kernel-explore/build.ts';
import { explore } from '../../lib/kernel-explore/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-builds-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HOUR_MS = 3_600_000;

/** A build that was used so many hours ago. */
function build(builds: string, name: string, hours: number): string {
  const program = join(builds, name, 'kernel-explore');
  mkdirSync(dirname(program), { recursive: true });
  symlinkSync('/bin/echo', program);
  const then = new Date(Date.now() - hours * HOUR_MS);
  utimesSync(dirname(program), then, then);
  return program;
}

const hash = (at: number) => at.toString(16).padStart(16, '0');

test('of old builds the newest are left, and what is no build', () => {
  const builds = join(folder, 'many');
  for (let at = 0; at < 40; at++) build(builds, hash(at), 100 - at);
  build(builds, 'sources-0123456789abcdef', 1000);
  removeOldBuilds(builds);
  const left = Array.from({ length: 32 }, (_, at) => hash(8 + at));
  expect(readdirSync(builds).sort()).toEqual([...left, 'sources-0123456789abcdef']);
  removeOldBuilds(builds);
  expect(readdirSync(builds)).toHaveLength(33);
});

test('a build that was used within the hour is left, however many are newer', () => {
  const builds = join(folder, 'busy');
  for (let at = 0; at < 40; at++) build(builds, hash(at), 0.5);
  removeOldBuilds(builds);
  expect(readdirSync(builds)).toHaveLength(40);
});

test('each search notes that its program is used', async () => {
  const program = build(join(folder, 'used'), hash(1), 100);
  const search = explore(program, 'kernel/completion-and-wait', { model: 'sc' });
  await expect(search).rejects.toThrow('printed no result: kernel/completion-and-wait --model sc');
  expect(Date.now() - statSync(dirname(program)).mtimeMs).toBeLessThan(50 * HOUR_MS);
});

test("a build that cannot be removed, such as another user's, is no error", () => {
  const builds = join(folder, 'others');
  for (let at = 0; at < 33; at++) build(builds, hash(at), 100 - at);
  // what root may not remove either: a mount point
  const busy = spawnSync('unshare', ['-m', 'true']).status === 0;
  if (!busy) console.log('skipped: a mount in a namespace of its own, which only root may make');
  const script = `mount --bind ${builds}/${hash(0)} ${builds}/${hash(0)} && exec "$0" "$@"`;
  const module = new URL('../../dist/kernel-explore/build.js', import.meta.url).href;
  const source = `(await import('${module}')).removeOldBuilds('${builds}')`;
  const node = [process.execPath, '--input-type=module', '-e', source];
  const run = busy ? ['unshare', '-m', 'sh', '-c', script, ...node] : node;
  const { status, stderr } = spawnSync(run[0] as string, run.slice(1), { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});
