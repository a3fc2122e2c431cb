import { spawnSync } from 'node:child_process';
import { constants as fsConstants } from 'node:fs';
import { expect, test } from 'vitest';
import { type Constants, constants, constantsOf } from '../../lib/kernel/constants.ts';

const HEADERS = [
  ...[
    'fcntl.h',
    'linux/falloc.h',
    'linux/futex.h',
    'netinet/in.h',
    'netinet/tcp.h',
    'poll.h',
    'stdio.h',
  ],
  ...['sys/epoll.h', 'sys/eventfd.h', 'sys/file.h', 'sys/inotify.h', 'sys/mman.h', 'sys/random.h'],
  ...['sys/signalfd.h', 'sys/socket.h', 'sys/stat.h', 'sys/timerfd.h', 'sys/uio.h', 'sys/wait.h'],
  ...['time.h', 'unistd.h'],
];
/** Added to each value, so that none is negative or nought: assemblers write those in other ways. */
const OFFSET = 2 ** 40;

const COMPILERS: Readonly<Record<string, readonly string[]>> = {
  x64: ['cc'],
  arm64: clang('aarch64-linux-gnu'),
  ppc64: clang('powerpc64-linux-gnu'),
};

/** What Debian's headers of another processor need. */
function clang(triple: string): readonly string[] {
  const include = `/usr/${triple}/include`;
  return ['clang-19', `--target=${triple}`, '-nostdlibinc', '-isystem', include];
}

/** The values that the compiler's headers give the names, or why there are none. */
function asked([compiler = '', ...args]: readonly string[], names: readonly string[]) {
  const values = names.map((name) => `(long long)(${name}) + ${OFFSET}LL`);
  const includes = HEADERS.map((header) => `#include <${header}>\n`).join('');
  const input = `#define _GNU_SOURCE\n${includes}const long long values[] = { ${values.join()} };\n`;
  const options = { input, encoding: 'utf8' } as const;
  const run = spawnSync(compiler, [...args, '-S', '-x', 'c', '-o', '-', '-'], options);
  if (run.error) return `${compiler}: ${run.error.message}`;
  if (run.status !== 0) return run.stderr;
  const found = [...run.stdout.matchAll(/\.(?:quad|xword|8byte)\s+(\d+)/g)];
  return Object.fromEntries(names.map((name, i) => [name, Number(found[i]?.[1]) - OFFSET]));
}

test.each(Object.entries(COMPILERS))('%s: each is what the headers say', (arch, compiler) => {
  const ours = constantsOf(arch);
  const theirs = asked(compiler, Object.keys(ours));
  if (typeof theirs === 'string' && arch !== 'x64' && /ENOENT|not found/.test(theirs)) {
    console.log(`skipped: constants of ${arch}: ${theirs.split('\n')[0]}`);
    return;
  }
  expect(theirs).toEqual(ours);
});

test("where Node has a name too, its value is Node's", () => {
  const shared = Object.entries(fsConstants).filter(([name]) => name in constants);
  expect(shared.length).toBeGreaterThan(30);
  for (const [name, value] of shared)
    expect([name, constants[name as keyof Constants]]).toEqual([name, value]);
});

test('nobody can change one for others', () => {
  expect(() => Object.assign(constants, { AT_FDCWD: 0 })).toThrow(TypeError);
});
