import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

// A folder is a layer and arrows point one way. An arrow not in these tables is a mistake in the
// design or in the code; docs/architecture.md has the same map.

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Sets of layers, each on top of the one before. */
const BASE = ['host-target', 'check', 'native', 'binding', 'errors', 'abi'];
const KERNEL = ['trace', 'host-target', 'check', 'ring', 'native', 'binding', 'errors', 'abi'];
/** Calls are made by a Kernel alone: what carries them has no addon of its own. */
const LOOP = ['kernel', ...KERNEL.filter((name) => name !== 'native' && name !== 'binding')];
const POSIX = ['loop', ...LOOP];
const CALLS = ['posix', ...POSIX];
/** Of those that measure it and try it out. */
const WITH_ADDON = ['posix', 'loop', 'kernel', ...KERNEL];
const STRESS = [
  'scenarios',
  'linearizability',
  'random',
  'aio',
  'report',
  'scenario',
  'load',
  ...WITH_ADDON,
];
const ALL = [
  'abi-tools',
  'debug-info',
  'user-error',
  'temporary-folder',
  'explore',
  'kernel-explore',
  'stress',
  'scenarios',
  'report',
  'scenario',
  'load',
  'linearizability',
  'random',
  'walk',
  'open-files',
  'aio',
  ...WITH_ADDON,
];

/** What each folder (or file) of lib may import, beside itself. */
const LIB: Readonly<Record<string, readonly string[]>> = {
  abi: [],
  load: [],
  'debug-info': ['user-error'],
  'abi-tools': ['debug-info', 'user-error', 'temporary-folder', 'load', 'abi'],
  'user-error': [],
  'temporary-folder': [],
  errors: [],
  check: [],
  'host-target': ['abi'],
  binding: [],
  runtime: [],
  libc: [],
  native: ['binding', 'errors', 'runtime', 'libc'],
  'shared-file': ['check', 'native', 'errors'],
  ring: BASE,
  trace: ['host-target', 'check', 'errors', 'abi'],
  kernel: KERNEL,
  loop: LOOP,
  posix: POSIX,
  aio: CALLS,
  walk: ['open-files', ...CALLS],
  random: [],
  'open-files': [],
  scenario: ['check', 'errors', 'abi'],
  linearizability: ['scenario', 'random', 'check', 'errors', 'abi'],
  report: ['scenario', 'check', 'errors'],
  scenarios: ['linearizability', 'random', 'scenario', 'aio', ...WITH_ADDON],
  stress: STRESS,
  'kernel-explore': ['report', 'scenario', 'check', 'errors', 'abi'],
  'memory-model': [],
  explore: ['memory-model', 'stress', ...STRESS],
  vitest: ['explore', 'stress', ...STRESS],
  bench: ALL,
  cli: ['libc', ...ALL],
  index: ['shared-file', ...CALLS],
};

/** What each folder of native may include, beside itself. */
const NATIVE: Readonly<Record<string, readonly string[]>> = {
  include: [],
  arch: ['include'],
  kernel: ['arch', 'include'],
  watch: ['kernel', 'arch', 'include'],
  host: ['watch', 'kernel', 'arch', 'include'],
  sim: ['host', 'watch', 'kernel', 'arch', 'include'],
  user: ['host', 'watch', 'kernel', 'arch', 'include'],
  addon: ['user', 'host', 'watch', 'kernel', 'arch', 'include'],
};

/** The only system headers of code that must be freestanding. */
const FREESTANDING: Readonly<Record<string, RegExp>> = {
  include: /^stdint\.h$/,
  arch: /^(std(int|def|bool|arg|align)\.h|asm\/.*|linux\/.*)$/,
  kernel: /^(std(int|def|bool|arg|align)\.h|asm\/.*|linux\/.*)$/,
};

const ARCHS = ['x86_64', 'aarch64', 'generic', 'sim'];
const INCLUDE_DIRS = ['native', 'native/include', ...ARCHS.map((arch) => `native/arch/${arch}`)];

interface Arrow {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

function sources(folder: string, suffix: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => suffix.test(name))
    .map((name) => join(folder, name));
}

function matches(file: string, pattern: RegExp): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
}

function layerOf(path: string, top: string): string {
  return (relative(top, path).split('/')[0] ?? '').replace(/\.(ts|js)$/, '');
}

function libArrows(): Arrow[] {
  return sources('lib', /\.ts$/).flatMap((file) =>
    matches(file, /(?:from|import)\s*\(?\s*'(\.[^']*)'/g).map((target) => ({
      file,
      from: layerOf(file, 'lib'),
      to: layerOf(join(dirname(file), target), 'lib'),
    })),
  );
}

/** A quoted include is relative to its file, or to native/, native/include or an arch folder. */
function resolveInclude(file: string, name: string, files: ReadonlySet<string>): string {
  const candidates = [dirname(file), ...INCLUDE_DIRS].map((dir) => join(dir, name));
  return candidates.find((path) => files.has(path)) ?? '';
}

function nativeIncludes(): { file: string; from: string; name: string; path: string }[] {
  const files = sources('native', /\.(c|cc|h|S)$/);
  const all = new Set(files);
  return files.flatMap((file) =>
    matches(file, /^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]/gm).map((name) => ({
      file,
      from: layerOf(file, 'native'),
      name,
      path: resolveInclude(file, name, all),
    })),
  );
}

function upward(arrows: readonly Arrow[], table: Readonly<Record<string, readonly string[]>>) {
  return arrows
    .filter(({ from, to }) => from !== to && !table[from]?.includes(to))
    .map(({ file, to }) => `${file} -> ${to}`);
}

test('imports in lib point down', () => {
  expect(upward(libArrows(), LIB)).toEqual([]);
});

test('every folder and file of lib has a place in the map', () => {
  const unknown = readdirSync(join(ROOT, 'lib'))
    .map((name) => name.replace(/\.ts$/, ''))
    .filter((name) => !(name in LIB));
  expect(unknown).toEqual([]);
});

test('lib/abi imports no package and no module of Node', () => {
  const foreign = sources('lib', /\.ts$/)
    .filter((file) => layerOf(file, 'lib') === 'abi')
    .flatMap((file) => matches(file, /(?:from|import)\s*\(?\s*'([^.'\s][^']*)'/g));
  expect(foreign).toEqual([]);
});

test('only lib/native.ts loads the addon', () => {
  const loaders = sources('lib', /\.ts$/).filter(
    (file) => matches(file, /(\.node['"`]|process\.dlopen)/g).length > 0,
  );
  expect(loaders).toEqual(['lib/native.ts']);
});

test('the words of a submission block have one place, and a hot loop of the walk', () => {
  const users = sources('lib', /\.ts$/).filter(
    (file) => matches(file, /(\/call-layout\.ts)'/g).length > 0,
  );
  expect(users.sort()).toEqual([
    'lib/kernel/block-row.ts',
    'lib/kernel/block.ts',
    'lib/kernel/blocks.ts',
    'lib/kernel/syslet-call.ts',
    'lib/walk/stat-calls.ts',
  ]);
});

test('an error of Linux has its name in lib/errors.ts alone', () => {
  const others = sources('lib', /\.ts$/)
    .filter((file) => file !== 'lib/errors.ts')
    .flatMap((file) =>
      [
        // const EAGAIN = -11, { EMFILE: -24 }, readonly errno = -110
        ...matches(file, /\b(E[A-Z0-9]+|errno)\b\s*[:=]\s*-\d/gm),
        // const [PENDING, EINTR] = [0, -4]
        ...matches(file, /^\s*(?:export )?const \[([^\]]*\bE[A-Z0-9]+\b[^\]]*)\] = \[[^\]]*-\d/gm),
      ].map((name) => `${file}: ${name}`),
    );
  expect(others).toEqual([]);
});

test('includes in native point down', () => {
  const arrows = nativeIncludes()
    .filter(({ path }) => path !== '')
    .map(({ file, from, path }) => ({ file, from, to: layerOf(path, 'native') }));
  expect(upward(arrows, NATIVE)).toEqual([]);
});

test('freestanding code includes no header of libc', () => {
  const foreign = nativeIncludes()
    .filter(({ from, name, path }) => path === '' && FREESTANDING[from]?.test(name) === false)
    .map(({ file, name }) => `${file} includes <${name}>`);
  expect(foreign).toEqual([]);
});

type Layers = Readonly<Record<string, readonly string[]>>;

/** The first two columns of the table under a heading of docs/architecture.md. */
function tableUnder(heading: string): Layers {
  const text = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  const [, section = ''] = text.split(`\n### ${heading}\n`);
  const names = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
  const lines = (section.split('\n#')[0] ?? '').split('\n');
  const rows = lines.filter((line) => line.startsWith('|')).slice(2);
  return Object.fromEntries(
    rows.map((row) => {
      const [, folder, below] = row.split('|');
      return [names(folder)[0] ?? '', names(below)];
    }),
  );
}

test.each([
  ['lib', LIB],
  ['native', NATIVE],
])('docs/architecture.md has the layers of %s', (heading, layers) => {
  expect(tableUnder(heading)).toEqual(layers);
});
