import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from '../interface.ts';
import { compile, FOLDER, has, LIB, pkgConfig, run, source } from './compile.ts';

afterAll(() => rmSync(FOLDER, { recursive: true }));

const SHARED = pkgConfig('--cflags', '--libs');
const STATIC = pkgConfig('--static', '--cflags', '--libs');
const ARCHIVE = [...pkgConfig('--cflags'), join(LIB, 'libsyslets.a'), '-pthread'];

const WAYS: readonly (readonly [string, readonly string[]])[] = [
  ['shared, as the compiler likes', SHARED],
  ['shared, PIE, lazy binding', ['-fpie', '-pie', ...SHARED, '-Wl,-z,lazy']],
  ['shared, not PIE, lazy binding', ['-fno-pie', '-no-pie', ...SHARED, '-Wl,-z,lazy']],
  ['static', ['-static', ...STATIC]],
  ['static-pie', ['-static-pie', '-fpie', ...STATIC]],
  ['the archive', ARCHIVE],
  ['the archive, not PIE', ['-fno-pie', '-no-pie', ...ARCHIVE]],
  ['the archive, only what is needed', ['-O2', '-Wl,--gc-sections', ...ARCHIVE]],
];

for (const program of ['hand-off.c', 'return-function.c']) {
  test.each(WAYS)(`${program} runs: %s`, (_way, flags) => {
    expect(run(compile('cc', source(program), ...flags))).toBe('ok\n');
  });
}

const STRICT = ['-Wextra', '-Werror', '-pedantic-errors', '-D_GNU_SOURCE'];
const LANGUAGES: readonly (readonly [string, string])[] = [
  ['c11', 'cc'],
  ['c11', 'clang-19'],
  ['c++11', 'c++'],
  ['c++20', 'c++'],
  ['c++11', 'clang++-19'],
];

test.for(LANGUAGES)('headers are %s without extensions to %s', ([standard, compiler], { skip }) => {
  skip(!has(compiler), `${compiler} is not installed`);
  const file = join(FOLDER, `hand-off.${standard === 'c11' ? 'c' : 'cc'}`);
  writeFileSync(file, `#include "${source('hand-off.c')}"\n`);
  expect(run(compile(compiler, file, `-std=${standard}`, ...STRICT, ...SHARED))).toBe('ok\n');
});

test.each(['signals.c', 'ends.c'])('what docs/c.md says holds: %s', (program) => {
  for (const flags of [SHARED, ['-static', ...STATIC]]) {
    expect(run(compile('cc', source(program), ...flags))).toBe('ok\n');
  }
});

test('exceptions and destructors after hand-overs', () => {
  for (const flags of [SHARED, ARCHIVE]) {
    expect(run(compile('c++', source('exceptions.cc'), ...flags))).toBe('ok\n');
  }
});

test('a handler of the program sees the stack that had the fault', () => {
  for (const flags of [SHARED, ['-static', ...STATIC]]) {
    expect(run(compile('cc', source('fault-trace.c'), ...flags))).toBe('ok\n');
  }
});

test('dlopen, dlclose and dlopen again', () => {
  const program = compile('cc', source('loads.c'), ...pkgConfig('--cflags'), '-ldl');
  expect(run(program, join(LIB, 'libsyslets.so'))).toBe('ok\n');
});

test('what the library calls its own parts is no name of the program', () => {
  for (const flags of [SHARED, ARCHIVE]) {
    expect(run(compile('cc', source('names.c'), ...flags))).toBe('ok\n');
  }
});

const READ = 'pending: 1\ncall 42 read 5 bytes: hello\n';

test('the example of docs/c.md', () => {
  const program = compile('cc', join(ROOT, 'examples/c/read.c'), '-Wextra', '-Werror', ...SHARED);
  expect(run(program)).toBe(READ);
});

test('the example in Rust', ({ skip }) => {
  skip(!has('rustc'), 'rustc is not installed');
  const program = join(FOLDER, 'read-rs');
  const flags = ['-D', 'warnings', '-L', `native=${LIB}`, '-l', 'syslets', '-o', program];
  execFileSync('rustc', [join(ROOT, 'examples/c/read.rs'), ...flags]);
  expect(run(program)).toBe(READ);
});
