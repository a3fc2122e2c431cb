import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runExample } from './run.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'syslets-copy-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function makeTree(): void {
  mkdirSync(join(folder, 'from/deep/deeper'), { recursive: true });
  mkdirSync(join(folder, 'from/empty'), { mode: 0o750 });
  writeFileSync(join(folder, 'from/large'), Buffer.alloc(3 * 1024 * 1024 + 17, 'syslets'));
  writeFileSync(join(folder, 'from/none'), '');
  writeFileSync(
    Buffer.concat([Buffer.from(`${folder}/from/not UTF-8 `), Buffer.from([0xff])]),
    'x',
  );
  for (let i = 0; i < 300; i++) writeFileSync(join(folder, `from/deep/${i}`), `file ${i}`);
  symlinkSync('../nowhere', join(folder, 'from/deep/deeper/link'));
  chmodSync(join(folder, 'from/none'), 0o400);
}

/** Names, kinds, modes and sizes, as find prints them. */
function listed(tree: string): string[] {
  const format = '%P %y %m %l\\n';
  const { stdout } = spawnSync('find', [tree, '-mindepth', '1', '-printf', format], {
    encoding: 'latin1',
  });
  return stdout.split('\n').sort();
}

test('a copied tree has the same names, kinds, modes, links and bytes', () => {
  makeTree();
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  const run = runExample('copy-tree', from, to);
  expect(run.stderr).toBe('');
  expect(run.stdout).toMatch(/^308 entries, \d+ bytes copied, 0 failed$/m);
  expect(listed(to)).toEqual(listed(from));
  expect(spawnSync('diff', ['-r', '--no-dereference', from, to], { encoding: 'utf8' }).stdout).toBe(
    '',
  );
});

test('what cannot be copied is named, the rest is copied, and the exit status is 1', () => {
  mkdirSync(join(folder, 'from'));
  writeFileSync(join(folder, 'from/file'), 'text');
  spawnSync('mkfifo', [join(folder, 'from/fifo')]);
  const run = runExample('copy-tree', join(folder, 'from'), join(folder, 'to'));
  expect(run.stderr).toBe('fifo: neither file, directory nor link\n');
  expect(run.stdout).toBe('2 entries, 4 bytes copied, 1 failed\n');
  expect(run.status).toBe(1);
});

test('a target that exists is refused, in the words of the system', () => {
  mkdirSync(join(folder, 'to'));
  const run = runExample('copy-tree', folder, join(folder, 'to'));
  expect(run.stderr).toContain('EEXIST: file already exists, mkdirat');
  expect(run.status).not.toBe(0);
});
