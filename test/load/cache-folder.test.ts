import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cacheFolder } from '../../lib/load/cache-folder.ts';
import { loadModule } from '../../lib/load/load-module.ts';

const NOBODY = 65_534;
let project = '';
const within = (...names: readonly string[]) => join(project, ...names);

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'syslets-cache-'));
  mkdirSync(within('node_modules'));
  mkdirSync(within('src'));
});
afterEach(() => rmSync(project, { recursive: true }));

const found = () => cacheFolder(within('src', 'module.ts'));

test('compiled modules are kept in the project, for its user alone', async () => {
  expect(found()).toBe(within('node_modules', '.cache', 'syslets'));
  expect(statSync(found() as string).mode & 0o777).toBe(0o700);
  const file = within('src', 'module.ts');
  for (const value of [1, 1, 2]) {
    writeFileSync(file, `export const a: number = ${value};`);
    expect(await loadModule(file)).toMatchObject({ a: value });
  }
  expect(readdirSync(found() as string).length).toBeGreaterThan(0);
  expect(readdirSync(within('src'))).toEqual(['module.ts']);
});

test('what is kept is not run where the source has changed or the copy is not whole', async () => {
  const file = within('src', 'module.ts');
  writeFileSync(file, 'export const a: number = 1;');
  await loadModule(file);
  const [kept = ''] = readdirSync(found() as string);
  writeFileSync(join(found() as string, kept), 'export const a = 3;');
  expect(await loadModule(file)).toMatchObject({ a: 1 });
});

test.each([
  ['node_modules that anybody may write', () => chmodSync(within('node_modules'), 0o777)],
  [
    'a cache that others may read or write',
    () => {
      mkdirSync(within('node_modules', '.cache', 'syslets'), { recursive: true });
      chmodSync(within('node_modules', '.cache', 'syslets'), 0o750);
    },
  ],
  [
    'a cache that is a link',
    () => {
      mkdirSync(within('node_modules', '.cache'));
      symlinkSync(within('src'), within('node_modules', '.cache', 'syslets'));
    },
  ],
  ['a file where the cache would be', () => writeFileSync(within('node_modules', '.cache'), '')],
])('nothing is kept in %s', (_, spoil) => {
  spoil();
  expect(found()).toBeUndefined();
});

test("nothing is kept in another user's folder", ({ skip }) => {
  if (process.geteuid?.() !== 0) skip('only root can give a folder away');
  chownSync(within('node_modules'), NOBODY, NOBODY);
  expect(found()).toBeUndefined();
});
