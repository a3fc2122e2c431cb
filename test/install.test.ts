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
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'syslets-install-'));
  for (const part of ['scripts', 'native', 'binding.gyp', 'package.json']) {
    // without the compiler that scripts/prebuild may have fetched
    const filter = (path: string) => !path.endsWith('node_modules');
    cpSync(join(ROOT, part), join(copy, part), { recursive: true, filter });
  }
});
afterAll(() => rmSync(copy, { recursive: true }));

/** Runs the install script of the copy; `preload` is a module that runs before it. */
function install(env: NodeJS.ProcessEnv, args: readonly string[] = [], preload?: string) {
  const imports = preload === undefined ? [] : ['--import', pathToFileURL(preload).href];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...imports, join(copy, 'scripts/install.mjs'), ...args],
    { env: { ...process.env, ...env }, encoding: 'utf8' },
  );
  const path = join(copy, 'build/why-not.txt');
  const whyNot = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  return { status, stdout, stderr, whyNot };
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

const NO_COMPILER = { CC: '/nonexistent/cc', CXX: '/nonexistent/c++' };
const MISSING = 'not found: a C compiler, a C++ compiler\n';

describe('a package that brings the addon', () => {
  const name = `${process.platform}-${process.arch}-glibc`;
  const bring = (addon: Buffer) => {
    mkdirSync(join(copy, 'prebuilds', name), { recursive: true });
    writeFileSync(join(copy, 'prebuilds', name, 'syslets.node'), addon);
  };
  const built = () => readFileSync(join(ROOT, 'build/Release/syslets.node'));
  afterEach(() => {
    for (const part of ['prebuilds', 'build', 'lib']) {
      rmSync(join(copy, part), { recursive: true, force: true });
    }
  });

  test('no compiler: it is taken, and one line says so', () => {
    bring(built());
    mkdirSync(join(copy, 'build/Release'), { recursive: true });
    writeFileSync(join(copy, 'build/Release/syslets.node'), 'of an older version');
    const { status, stdout, whyNot } = install(NO_COMPILER);
    expect({ status, stdout, whyNot }).toEqual({
      status: 0,
      stdout: `syslets: takes the prebuilt addon for ${name}\n`,
      whyNot: undefined,
    });
    expect(existsSync(join(copy, 'build/Release/syslets.node'))).toBe(false);
  });

  test('one for musl is taken where that one loads', () => {
    const musl = name.replace('glibc', 'musl');
    bring(Buffer.from('for another C library'));
    mkdirSync(join(copy, 'prebuilds', musl), { recursive: true });
    writeFileSync(join(copy, 'prebuilds', musl, 'syslets.node'), built());
    expect(install(NO_COMPILER).stdout).toBe(`syslets: takes the prebuilt addon for ${musl}\n`);
  });

  test('it does not load, or is not wanted, or it is a checkout: it is compiled', () => {
    bring(Buffer.from('for another C library'));
    expect(install(NO_COMPILER).whyNot).toBe(MISSING);
    bring(built());
    const fromSource = { ...NO_COMPILER, npm_config_build_from_source: 'true' };
    expect(install(fromSource).whyNot).toBe(MISSING);
    mkdirSync(join(copy, 'lib'));
    expect(install(NO_COMPILER).whyNot).toBe(MISSING);
  });
});
