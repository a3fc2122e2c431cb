import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCommand, MAIN, MODES, totalsOf } from './find-command.ts';
import { gnuFind, whyNoFind } from './gnu-find.ts';
import { Tree } from './tree.ts';

const tree = new Tree();
const whyNot = whyNoFind();

beforeAll(() => {
  mkdirSync(tree.path('empty'));
  mkdirSync(tree.path('some/where/deep'), { recursive: true });
  writeFileSync(tree.path('some/five'), '12345');
  writeFileSync(tree.path(Buffer.from([0x6e, 0xff, 0xfe])), 'no text');
  writeFileSync(tree.path('some/where/new\nline'), 'x');
  mkdirSync(tree.path(Buffer.from([0xe4, 0xf6])));
  writeFileSync(tree.path(Buffer.from([0xe4, 0xf6, 0x2f, 0xfc])), 'umlauts of latin-1');
  tree.shell(
    'ln -s .. some/loop; ln -s self self; ln -s nowhere dangling; mkfifo pipe; ln -s some link',
  );
  tree.shell('cd some; ln five hardlink; touch .hidden ...; mkdir "..x"; touch ..x/y');
});
afterAll(() => tree.remove());

const ROOTS = [
  ['the tree', '', 0],
  ['with a slash', '/', 0],
  ['with slashes', '//', 0],
  ['an empty directory', '/empty', 0],
  ['a file', '/some/five', 0],
  ['a symbolic link', '/link', 0],
  ['a symbolic link with a slash', '/link/', 0],
  ['what is not there', '/missing', 1],
  ['a file with a slash', '/some/five/', 1],
] as const;

describe.each(MODES)('mode %s', (mode) => {
  test.for(ROOTS)('%s has the totals of find', ([, path, status], { skip }) => {
    if (whyNot) skip(whyNot);
    const found = totalsOf([tree.root + path, '--mode', mode]);
    const { entries, bytes, ...reference } = gnuFind(tree.root + path);
    expect(found).toMatchObject({ status, entries, bytes });
    expect(reference.status).toBe(status);
  });

  test.for(ROOTS)('%s is printed as find prints it', ([, path], { skip }) => {
    if (whyNot) skip(whyNot);
    const { stdout } = findCommand([tree.root + path, '-0', '--mode', mode]);
    expect(stdout.split('\0').slice(0, -1).sort()).toEqual(gnuFind(tree.root + path).paths);
  });

  test('a directory is printed before what is in it', () => {
    const paths = findCommand([tree.root, '-0', '--mode', mode]).stdout.split('\0').slice(0, -1);
    const places = new Map(paths.map((path, place) => [path, place]));
    for (const [path, place] of places) {
      const parent = path.slice(0, path.lastIndexOf('/'));
      expect(places.get(parent) ?? -1).toBeLessThan(place);
    }
  });
});

test('an argument that is no UTF-8 names what its bytes name', ({ skip }) => {
  if (whyNot) skip(whyNot);
  const { paths } = gnuFind(tree.path(Buffer.from([0xe4, 0xf6])));
  const script = `exec "$0" "$1" find $'${tree.root}/\\344\\366' -0`;
  const { stdout } = spawnSync('bash', ['-c', script, process.execPath, MAIN], {
    encoding: 'latin1',
  });
  expect(stdout.split('\0').slice(0, -1).sort()).toEqual(paths);
});

test('--print ends each path by a newline, and the summary goes to the standard error', () => {
  const { status, stdout, stderr } = findCommand([`${tree.root}/empty`, '--print']);
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${tree.root}/empty\n` });
  expect(stderr).toMatch(/entries +1: 0 files, 1 directories/);
});

test('text tells entries, bytes, mode, and how the calls were made', () => {
  const { stdout, stderr } = findCommand([`${tree.root}/some`]);
  expect(stderr).toBe('');
  for (const text of [/entries +\d+: /, /bytes +\d+/, /mode +syslets/, /hand-offs +\d/]) {
    expect(stdout).toMatch(text);
  }
  expect(stdout).toMatch(/dispatches +\d/);
  expect(stdout).not.toContain('\x1b');
});

test('--json tells how the calls were made', () => {
  const { rest } = totalsOf([tree.root]);
  const { inline, handOffs, dispatches } = rest;
  expect(rest.mode).toBe('syslets');
  expect(inline + handOffs + dispatches).toBeGreaterThan(20);
});

test('what is missing is named, with the reason', () => {
  const { status, stderr } = findCommand([`${tree.root}/missing\n'`]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^syslets find: cannot look at '.*missing\\x0a\\'': ENOENT, no such file/);
});

test.each([
  [['--mode', 'fast'], /--mode <mode>' argument 'fast' is invalid\. Allowed choices are syslets/],
  [['--json', '--print'], /'--json' cannot be used with option '--print'/],
  [[], /missing required argument 'dir'/],
])('%j is refused', (args, message) => {
  const { status, stderr } = findCommand(args.length > 0 ? [tree.root, ...args] : []);
  expect(status).not.toBe(0);
  expect(stderr).toMatch(message);
});

test('--help tells of order, modes, exit status, and has examples', () => {
  const { status, stdout } = findCommand(['--help']);
  expect(status).toBe(0);
  for (const text of ['a\ndirectory comes before', 'Modes:', 'Exit status:', 'Examples:']) {
    expect(stdout).toContain(text);
  }
});

test.each(MODES)('mode %s ends quietly when the output is closed', async (mode) => {
  const child = spawn(process.execPath, [MAIN, 'find', '/usr', '--print', '--mode', mode]);
  let stderr = '';
  child.stderr.on('data', (bytes) => {
    stderr += bytes;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const [status] = await once(child, 'close');
  expect({ status, stderr }).toEqual({ status: 141, stderr: '' });
});

test('a terminal sees how far the walk is, and no other output does', ({ skip }) => {
  const command = `${process.execPath} ${MAIN} find ${tree.root}/some`;
  const run = spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'latin1' });
  if (run.error || run.status !== 0) skip(`script(1) is needed: ${run.error ?? run.stderr}`);
  const [, shown, cleared] = run.stdout.split('\r\x1b[K');
  expect(shown).toMatch(/some: \d+ entries$/);
  expect(cleared).toMatch(/^ {2}\S*entries/);
  expect(findCommand([`${tree.root}/some`]).stderr).toBe('');
});
