// Builds the addons that the package brings, so that it needs no compiler where it is installed:
//   npm run prebuild [-- linux-x64-glibc | --check]
//
// --check, before npm packs: those that are there were made from these sources.
//
// By binding.gyp, as everywhere, with a compiler that has the C libraries of each target: what it
// gives does not depend on the machine. The files go to prebuilds/TARGET/syslets.node.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNodeDir } from './headers.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const HOME = join(ROOT, 'scripts', 'prebuild');
const ZIG = join(HOME, 'node_modules', '.bin', 'zig');
/** For all targets together, less than CI's step has. */
const BUILDS_TIMEOUT_MS = 19 * 60_000;

/** The oldest glibc that a file is to run with: Debian 10's and RHEL 8's. */
const GLIBC = [2, 28];

/** What zig calls each of them. */
const TARGETS = {
  'linux-x64-glibc': { arch: 'x64', zig: `x86_64-linux-gnu.${GLIBC.join('.')}` },
  'linux-arm64-glibc': { arch: 'arm64', zig: `aarch64-linux-gnu.${GLIBC.join('.')}` },
  'linux-x64-musl': { arch: 'x64', zig: 'x86_64-linux-musl' },
  'linux-arm64-musl': { arch: 'arm64', zig: 'aarch64-linux-musl' },
};

const LIB = join(HOME, 'node_modules', '@zigc', 'lib');

/**
 * The sources of the C++ runtime that the addon uses. zig would compile all of it for each target, which
 * takes a processor a minute or more each time. If the addon begins to use another one, its file does not
 * load.
 */
const RUNTIME = [
  'libcxx/src/error_category.cpp',
  'libcxx/src/memory.cpp',
  'libcxx/src/mutex.cpp',
  'libcxx/src/mutex_destructor.cpp',
  'libcxx/src/string.cpp',
  'libcxx/src/system_error.cpp',
  'libcxx/src/verbose_abort.cpp',
  'libcxxabi/src/abort_message.cpp',
  'libcxxabi/src/cxa_default_handlers.cpp',
  'libcxxabi/src/cxa_guard.cpp',
  'libcxxabi/src/cxa_handlers.cpp',
  'libcxxabi/src/cxa_virtual.cpp',
  'libcxxabi/src/stdlib_new_delete.cpp',
];

/** As zig compiles them, and in sections, so that what is not used goes. */
const RUNTIME_FLAGS = [
  ...['-O2', '-fPIC', '-std=c++23', '-w', '-fno-exceptions', '-fno-rtti'],
  ...[
    '-fvisibility=hidden',
    '-fvisibility-inlines-hidden',
    '-ffunction-sections',
    '-fdata-sections',
  ],
  ...['-DNDEBUG', '-D_LIBCPP_BUILDING_LIBRARY', '-D_LIBCXXABI_BUILDING_LIBRARY'],
  ...['-DLIBCXX_BUILDING_LIBCXXABI', '-D_LIBCPP_DISABLE_VISIBILITY_ANNOTATIONS'],
  '-D_LIBCXXABI_DISABLE_VISIBILITY_ANNOTATIONS',
  ...['libcxx/src', 'libcxx/libc', 'libcxxabi/include'].map((name) => `-I${join(LIB, name)}`),
];

/** Of all that is compiled. */
function sourcesSum() {
  const hash = createHash('sha256');
  const files = readdirSync(join(ROOT, 'native'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of [...files.sort(), join(ROOT, 'binding.gyp')]) hash.update(readFileSync(file));
  return hash.digest('hex');
}

function isCurrent(name) {
  const folder = join(ROOT, 'prebuilds', name);
  if (!existsSync(join(folder, 'syslets.node'))) return true;
  const sum = join(folder, 'sources.sha256');
  return existsSync(sum) && readFileSync(sum, 'utf8') === sourcesSum();
}

function check() {
  const old = Object.keys(TARGETS).filter((name) => !isCurrent(name));
  if (old.length === 0) return;
  console.error(`made from other sources: ${old.join(', ')}. Make them again: npm run prebuild`);
  process.exitCode = 1;
}

/** Ends what runs, and keeps the rest from starting: too late, or somebody pressed Ctrl-C. */
const stopping = new AbortController();
const stop = stopping.signal;
// no AbortSignal.timeout(): where nothing else holds it, a collection takes it away before its time
setTimeout(() => stopping.abort(new Error('too late')), BUILDS_TIMEOUT_MS).unref();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => stopping.abort(new Error(signal)));
}

/** In a process group of its own: node-gyp's end alone would leave make and the compilers running. */
function run(command, args, options = {}) {
  if (stop.aborted) return false;
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', detached: true, ...options });
  const end = () => {
    console.error(`${command}: ${stop.reason.message}`);
    process.kill(-child.pid, 'SIGKILL');
  };
  if (child.pid !== undefined) stop.addEventListener('abort', end);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(false);
    });
    child.once('exit', (status) => {
      stop.removeEventListener('abort', end);
      resolve(status === 0);
    });
  });
}

/** A copy of what is compiled, so that the checkout's own build stays as it is. */
async function withCopy(build) {
  const copy = mkdtempSync(join(tmpdir(), 'syslets-prebuild-'));
  try {
    for (const part of ['native', 'binding.gyp', 'package.json']) {
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    return await build(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Its objects; undefined if one could not be compiled. */
async function compileRuntime(copy, flags, env) {
  const objects = [];
  for (const source of RUNTIME) {
    const object = join(copy, `${basename(source, '.cpp')}.o`);
    const args = ['c++', ...flags, ...RUNTIME_FLAGS, '-c', join(LIB, source), '-o', object];
    if (!(await run(ZIG, args, { env }))) return undefined;
    objects.push(object);
  }
  return objects;
}

async function compile(copy, { arch, zig }) {
  // zig checks for undefined behaviour unless told not to
  const flags = ['-target', zig, '-fno-sanitize=undefined'];
  const cache = { ...process.env, ZIG_GLOBAL_CACHE_DIR: join(ROOT, 'build', 'zig') };
  const runtime = await compileRuntime(copy, flags, cache);
  if (!runtime) return false;
  const env = {
    ...cache,
    CC: `${ZIG} cc ${flags.join(' ')}`,
    CXX: `${ZIG} c++ ${flags.join(' ')}`,
    AR: `${ZIG} ar`,
    LDFLAGS: `-nostdlib++ -Wl,--gc-sections -s ${runtime.join(' ')}`,
    JOBS: 'max',
  };
  const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
  const nodeDir = findNodeDir();
  const args = [
    nodeGyp,
    'rebuild',
    '--release',
    '--silent',
    `--arch=${arch}`,
    ...(nodeDir ? [`--nodedir=${nodeDir}`] : []),
  ];
  return run(process.execPath, args, { cwd: copy, env, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Why the file would not run where it has to; undefined if it will. */
function fault(file, bytes, { arch, zig }) {
  const [most, least] = zig.endsWith('-musl') ? [0, 0] : GLIBC;
  const names = bytes.toString('latin1').matchAll(/GLIBC_(\d+)\.(\d+)/g);
  const newer = [...names].find(([, major, minor]) => major > most || minor > least);
  if (newer) return `it wants ${newer[0]}`;
  if (most === 0) return undefined; // test/addon/musl.test.ts loads it
  if (arch !== process.arch) return undefined; // scripts/arm64.mjs loads it
  const code = `require(${JSON.stringify(file)}).gettid()`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
  return status === 0 ? undefined : `it does not load: ${stderr}`;
}

function prebuild(name) {
  const file = join(ROOT, 'prebuilds', name, 'syslets.node');
  return withCopy(async (copy) => {
    if (!(await compile(copy, TARGETS[name]))) return false;
    mkdirSync(dirname(file), { recursive: true });
    // whole or not at all: somebody may be packing
    cpSync(join(copy, 'build', 'Release', 'syslets.node'), `${file}.new`);
    renameSync(`${file}.new`, file);
    writeFileSync(join(dirname(file), 'sources.sha256'), sourcesSum());
    const bytes = readFileSync(file);
    const sum = createHash('sha256').update(bytes).digest('hex');
    console.log(`${sum}  prebuilds/${name}/syslets.node  ${bytes.length} bytes`);
    const why = fault(file, bytes, TARGETS[name]);
    if (why !== undefined) console.error(`prebuilds/${name}/syslets.node: ${why}`);
    return why === undefined;
  });
}

if (process.argv[2] === '--check') {
  check();
  process.exit();
}
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(TARGETS);
const unknown = wanted.filter((name) => !(name in TARGETS));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; there are ${Object.keys(TARGETS).join(', ')}`);
  process.exit(2);
}
if (!existsSync(ZIG) && !(await run('npm', ['ci', '--prefix', HOME]))) process.exit(1);
const failed = [];
for (const name of wanted) {
  if (!(await prebuild(name))) failed.push(name);
}
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
