import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from './run.ts';

let tree: string;

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'syslets-tour-'));
  mkdirSync(join(tree, 'deep', 'er'), { recursive: true });
  mkdirSync(join(tree, 'closed'));
  writeFileSync(join(tree, 'five'), '12345');
  writeFileSync(join(tree, 'deep', 'er', 'umlaut-ä'), '123');
  writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0xfe])]), 'x');
  symlinkSync('nowhere', join(tree, 'link'));
  chmodSync(join(tree, 'closed'), 0);
});
afterAll(() => {
  chmodSync(join(tree, 'closed'), 0o700);
  rmSync(tree, { recursive: true });
});

function tour(...args: readonly string[]) {
  return runProgram('cli/main.js', ['tour', ...args]);
}

test('tour --json walks a tree with the totals of fs.lstatSync', () => {
  const { status, stdout } = tour(tree, '--json');
  const { walk } = JSON.parse(stdout);
  expect(status).toBe(0);
  expect(walk.equal).toBe(true);
  expect(walk.totals).toMatchObject({ files: 3, directories: 4, symlinks: 1, failed: 0 });
  expect(walk.totals.entries).toBe(8);
  expect(walk.totals).toEqual(walk.totalsByLstatSync);
  expect([typeof walk.handOffs, typeof walk.dispatches]).toEqual(['number', 'number']);
});

test('tour --json shows a call that does not block and one that does', () => {
  const { sync, handOff, layouts, checks, watcher, watcherReason } = JSON.parse(
    tour(tree, '--json').stdout,
  );
  expect(sync.result).toBe(sync.expected);
  expect(sync.pending).toBe(false);
  expect(handOff.pending).toBe(true);
  expect(handOff.threadAfter).not.toBe(handOff.threadBefore);
  expect(handOff.frameThread).toBe(handOff.threadBefore);
  expect(handOff.status).toBe(handOff.text.length);
  expect(layouts.every(({ equal }: { equal: boolean }) => equal)).toBe(true);
  expect(layouts).toHaveLength(10);
  const targets = new Set(checks.map(({ target }: { target: string }) => target));
  expect([...targets]).toEqual(['i386', 'x86_64', 'ppc64', 'generic']);
  const host = checks.filter(({ target }: { target: string }) => target === 'x86_64');
  expect(host[0]).toMatchObject({ compiler: 'cc', status: 'same' });
  expect([watcher, watcherReason].every((text) => text.length > 0)).toBe(true);
});

test('tour prints for people, without colour in a pipe', () => {
  const { status, stdout, stderr } = tour(tree);
  expect(status).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).toContain('ESYSLETPENDING');
  expect(stdout).toContain('the same totals');
  expect(stdout).not.toContain('\x1b');
});

test('a directory that is not there is an error in one line', () => {
  const { status, stderr, stdout } = tour(join(tree, 'missing'));
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^syslets: ENOENT.*missing'\n$/);
});

test('a file instead of a directory is walked alone', () => {
  const { walk } = JSON.parse(tour(join(tree, 'five'), '--json').stdout);
  expect(walk.totals).toMatchObject({ entries: 1, files: 1, bytes: 5 });
});

test.each([['--help'], ['tour', '--help'], ['doctor', '--help']])(
  '%s %s shows examples',
  (...args) => {
    const { status, stdout } = runProgram('cli/main.js', args);
    expect(status).toBe(0);
    expect(stdout).toContain('Examples:\n  syslets ');
  },
);

test('an unknown command is refused', () => {
  const { status, stderr } = runProgram('cli/main.js', ['tuor']);
  expect(status).not.toBe(0);
  expect(stderr).toContain("unknown command 'tuor'");
});
