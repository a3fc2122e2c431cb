import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'syslets-install-'));
  for (const part of ['scripts', 'native', 'binding.gyp', 'package.json']) {
    cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  }
});
afterAll(() => rmSync(copy, { recursive: true }));

/** Runs the install script of the copy; `preload` is a module that runs before it. */
function install(env: NodeJS.ProcessEnv, args: readonly string[] = [], preload?: string) {
  const imports = preload === undefined ? [] : ['--import', pathToFileURL(preload).href];
  const { status, stderr } = spawnSync(
    process.execPath,
    [...imports, join(copy, 'scripts/install.mjs'), ...args],
    { env: { ...process.env, ...env }, encoding: 'utf8' },
  );
  const path = join(copy, 'build/why-not.txt');
  return { status, stderr, whyNot: existsSync(path) ? readFileSync(path, 'utf8') : undefined };
}

/** A module that makes the script believe it runs on another platform. */
function pretend(platform: string): string {
  const path = join(copy, `${platform}.mjs`);
  writeFileSync(path, `Object.defineProperty(process, 'platform', { value: '${platform}' });\n`);
  return path;
}

test('no compiler: the install goes through, and says in one line what is missing', () => {
  const { status, stderr, whyNot } = install({ CC: '/nonexistent/cc', CXX: '/nonexistent/c++' });
  expect(status).toBe(0);
  expect(whyNot).toBe('not found: a C compiler, a C++ compiler\n');
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain("'syslets/abi' works without it");
});

test('nothing on the PATH: the install goes through', () => {
  const empty = join(copy, 'empty');
  mkdirSync(empty, { recursive: true });
  const { status, whyNot } = install({ PATH: empty });
  expect(status).toBe(0);
  expect(whyNot).toBe('not found: a C compiler, a C++ compiler, make, Python 3\n');
});

test.each(['darwin', 'win32'])('%s: the install goes through', (platform) => {
  const { status, whyNot } = install({}, [], pretend(platform));
  expect(status).toBe(0);
  expect(whyNot).toBe(`the addon is for Linux, and this is ${platform}\n`);
});

test('a compiler that fails: the install goes through, and shows its error', () => {
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const broken = join(copy, 'broken-c++');
  writeFileSync(
    broken,
    '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "x.cc:1: error: no C++17" >&2\nexit 1\n',
    { mode: 0o755 },
  );
  const { status, whyNot } = install({ CXX: broken });
  expect(status).toBe(0);
  expect(whyNot).toBe(
    'node-gyp failed: x.cc:1: error: no C++17 (whole output: build/install.log)\n',
  );
});

test('npm run build:native does fail', () => {
  expect(install({ CC: '/nonexistent/cc' }, ['--strict']).status).toBe(1);
});
