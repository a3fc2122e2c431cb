// Which file is the addon, in a package: what was compiled there, else what it brings.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILT = join(ROOT, 'build/Release/syslets.node');
let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'syslets-addon-file-'));
  for (const part of ['dist', 'package.json']) {
    cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});
afterEach(() => rmSync(copy, { recursive: true }));

function put(path: string, from?: string): void {
  const to = join(copy, path);
  mkdirSync(dirname(to), { recursive: true });
  if (from === undefined) writeFileSync(to, 'for another C library');
  else cpSync(from, to);
}

/** What the doctor says of the addon there. */
function addon(): string {
  const { SYSLETS_TEST_ADDON: _, ...env } = process.env;
  const args = [join(copy, 'dist/cli/main.js'), 'doctor', '--json'];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  return (JSON.parse(stdout) as { machine: { addon: string } }).machine.addon;
}

const NAME = `${process.platform}-${process.arch}-glibc`;
const BROUGHT = `prebuilds/${NAME}/syslets.node`;

test('nothing is there: the reason is that of an install without scripts', () => {
  expect(addon()).toBe('not available: it was never compiled (installed with --ignore-scripts?)');
});

test('what the package brings serves without an install script', () => {
  put(BROUGHT, BUILT);
  expect(addon()).toBe(`loaded, prebuilt for ${NAME}`);
});

test('what was compiled there comes first', () => {
  put(BROUGHT);
  put('build/Release/syslets.node', BUILT);
  expect(addon()).toBe('loaded, compiled here');
});
