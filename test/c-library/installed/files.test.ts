import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { exported, HEADERS, prototypes, ROOT } from '../interface.ts';
import { FOLDER, LIB, PREFIX, pkgConfig, run, source } from './compile.ts';

afterAll(() => rmSync(FOLDER, { recursive: true }));

const output = (command: string, ...args: readonly string[]) =>
  execFileSync(command, args, { encoding: 'utf8' });

/** Names of `nm`'s lines, without versions. */
function symbols(file: string, ...flags: readonly string[]): string[] {
  return output('nm', '--defined-only', '--format=posix', ...flags, file)
    .split('\n')
    .filter((line) => / [A-Z] /.test(line))
    .map((line) => (line.split(' ')[0] as string).split('@')[0] as string)
    .filter((name) => !name.startsWith('SYSLETS_'))
    .sort();
}

const SHARED = join(LIB, 'libsyslets.so');

test('both libraries show the interface, and nothing else', () => {
  expect(symbols(SHARED, '-D')).toEqual(exported());
  expect(symbols(join(LIB, 'libsyslets.a'), '-g')).toEqual(exported());
});

test('each symbol has its version', () => {
  const lines = output('nm', '-D', '--defined-only', SHARED).split('\n');
  const named = lines.filter((line) => / T /.test(line));
  expect(named.length).toBe(exported().length);
  for (const line of named) expect(line).toMatch(/ T syslet_\w+@@SYSLETS_0\.1$/);
});

test('the shared library is bound at its start, stays, and has no writable code', () => {
  const dynamic = output('readelf', '-dW', SHARED);
  expect(dynamic).toMatch(/SONAME.*\[libsyslets\.so\.0\.1\]/);
  expect(dynamic).toMatch(/FLAGS_1\b.*\bNOW NODELETE\b/);
  expect(dynamic).not.toContain('TEXTREL');
  const needed = [...dynamic.matchAll(/NEEDED.*\[(.*)\]/g)].map(([, name]) => name);
  expect(needed.filter((name) => !/^lib(c|pthread)\.so/.test(name as string))).toEqual([]);
  expect(output('readelf', '-lW', SHARED)).not.toMatch(/GNU_STACK.* RWE/);
});

test('it has debug information and unwind tables', () => {
  const sections = output('readelf', '-SW', SHARED);
  for (const name of ['.debug_info', '.debug_line', '.eh_frame_hdr']) {
    expect(sections).toContain(` ${name} `);
  }
});

test('the public headers are there, and no others', () => {
  const there = readdirSync(join(PREFIX, 'include/syslets')).sort();
  expect(there).toEqual([...HEADERS].sort());
});

test('pkg-config knows version and places', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(pkgConfig('--modversion')).toEqual([version]);
  expect(pkgConfig('--variable=libdir').join(' ')).toContain(PREFIX);
});

test('each function has a man page under its own name', () => {
  const folder = join(PREFIX, 'share/man');
  const pages = ['man2', 'man3', 'man7'].flatMap((section) =>
    readdirSync(join(folder, section)).map((file) => join(section, file)),
  );
  const named = (name: string) =>
    pages.filter((path) => path.split('/')[1]?.startsWith(`${name}.`));
  for (const { name } of prototypes()) expect(named(name)).toHaveLength(1);
  for (const path of pages) {
    const [, target] = readFileSync(join(folder, path), 'utf8').match(/^\.so (.*)$/m) ?? [];
    if (target) expect(pages).toContain(target);
  }
});

const PROJECT = `cmake_minimum_required(VERSION 3.21)
project(consumer LANGUAGES C)
find_package(syslets 0.1 REQUIRED)
foreach(kind syslets syslets_static)
  add_executable(with-\${kind} ${source('hand-off.c')})
  target_link_libraries(with-\${kind} PRIVATE syslets::\${kind})
endforeach()
`;

test('find_package gives both targets to a project of CMake', () => {
  const [from, to] = [join(FOLDER, 'consumer'), join(FOLDER, 'consumer-build')];
  mkdirSync(from);
  writeFileSync(join(from, 'CMakeLists.txt'), PROJECT);
  output('cmake', '-S', from, '-B', to, `-DCMAKE_PREFIX_PATH=${PREFIX}`);
  output('cmake', '--build', to);
  expect(run(join(to, 'with-syslets'))).toBe('ok\n');
  expect(run(join(to, 'with-syslets_static'))).toBe('ok\n');
});
