import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { loadModule } from '../../lib/load/load-module.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-load-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** Files anywhere in the shared temporary folder whose names say that they come from ours. */
function leftBehind(): string[] {
  const cache = join(dirname(folder), 'jiti');
  const names = existsSync(cache) ? readdirSync(cache) : [];
  return names.filter((name) => name.includes(basename(folder)));
}

test.each([
  ['as it is', {}],
  [
    'where the environment asks for a cache',
    { JITI_FS_CACHE: 'true', JITI_ESM_EVAL_TEMP_FILE: 'true' },
  ],
])('a module leaves nothing in the shared temporary folder, %s', async (_name, env) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const file = join(folder, 'module.ts');
  writeFileSync(file, 'export const a: number = 1; export default await Promise.resolve(2);');
  expect(await loadModule(file)).toMatchObject({ a: 1, default: 2 });
  expect(leftBehind()).toEqual([]);
  expect(readdirSync(folder)).toEqual(['module.ts']);
});

test('a module is what its file says now, not what it said before', async () => {
  const file = join(folder, 'module.ts');
  for (const value of [1, 2]) {
    writeFileSync(file, `export const a: number = ${value};`);
    expect(await loadModule(file)).toMatchObject({ a: value });
  }
});
