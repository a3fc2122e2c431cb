import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommandOptions, findCommand, MAIN, MODES, totalsOf } from './find-command.ts';
import { gnuFind, whyNoFind } from './gnu-find.ts';
import { Tree } from './tree.ts';

const NOBODY = 65534;

// Permissions do not hold root back: it walks as nobody.
const user: CommandOptions = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY, cwd: '/' } : {};
const tree = new Tree();
const whyNot = whyNoFind() ?? whyNotAsUser();

function whyNotAsUser(): string | undefined {
  const { status } = spawnSync(process.execPath, [MAIN, '--version'], { ...user });
  return status === 0 ? undefined : `uid ${NOBODY} cannot read ${MAIN}`;
}

beforeAll(() => {
  mkdirSync(tree.path('closed'));
  writeFileSync(tree.path('closed/hidden'), 'x');
  mkdirSync(tree.path('names-only/below'), { recursive: true });
  writeFileSync(tree.path('names-only/file'), 'abc');
  mkdirSync(tree.path('open/below'), { recursive: true });
  writeFileSync(tree.path('open/below/file'), '1234567');
  if (user.uid !== undefined) tree.shell(`chown -R ${NOBODY}:${NOBODY} .`);
  chmodSync(tree.path('closed'), 0);
  chmodSync(tree.path('names-only'), 0o444);
});
afterAll(() => tree.remove());

describe.each(MODES)('mode %s', (mode) => {
  test('reports what cannot be read, walks the rest, and exits 1', ({ skip }) => {
    if (whyNot) skip(whyNot);
    const found = totalsOf([tree.root, '--mode', mode], user);
    const { entries, status, bytes } = gnuFind(tree.root, user);
    expect(status).toBe(1);
    expect(found).toMatchObject({ status: 1, entries, bytes, failed: 3, vanished: 0 });
    const lines = found.stderr.split('\n').slice(0, -1).sort();
    expect(lines).toEqual([
      `syslets find: cannot look at '${tree.root}/names-only/below': EACCES, permission denied`,
      `syslets find: cannot look at '${tree.root}/names-only/file': EACCES, permission denied`,
      `syslets find: cannot open '${tree.root}/closed': EACCES, permission denied`,
    ]);
  });

  test('prints what has a name, as find does', ({ skip }) => {
    if (whyNot) skip(whyNot);
    const { stdout } = findCommand([tree.root, '-0', '--mode', mode], user);
    expect(stdout.split('\0').slice(0, -1).sort()).toEqual(gnuFind(tree.root, user).paths);
  });
});
