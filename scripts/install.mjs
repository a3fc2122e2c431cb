// Takes the addon that the package brings (scripts/prebuild.mjs), or compiles it with node-gyp where
// none loads, in a checkout, and with npm's --build-from-source. npm runs it on install, where it never
// fails: what is missing is said in one line and kept in build/why-not.txt, from where
// lib/native.ts repeats it. `--strict` (npm run build:native) fails when the addon was not built.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNodeDir } from './headers.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const WHY_NOT = join(ROOT, 'build', 'why-not.txt');
const LOG = join(ROOT, 'build', 'install.log');
const ADDON = join(ROOT, 'build', 'Release', 'syslets.node');
const BUILD_TIMEOUT_MS = 10 * 60_000;

const TOOLS = [
  { what: 'a C compiler', names: [process.env.CC, 'cc', 'gcc', 'clang'], override: 'CC' },
  { what: 'a C++ compiler', names: [process.env.CXX, 'c++', 'g++', 'clang++'], override: 'CXX' },
  { what: 'make', names: [process.env.MAKE, 'make', 'gmake'], override: 'MAKE' },
  { what: 'Python 3', names: [process.env.PYTHON, 'python3', 'python'], override: 'PYTHON' },
];

/** What this machine lacks, as one sentence; undefined when the addon can be compiled here. */
function whatIsMissing() {
  if (process.platform !== 'linux') {
    return `the addon is for Linux, and this is ${process.platform}`;
  }
  if (!['x64', 'arm64'].includes(process.arch)) {
    return `a context can be handed over on x86_64 and aarch64 only, and this is ${process.arch}`;
  }
  const missing = TOOLS.filter((tool) => !works(tool)).map((tool) => tool.what);
  return missing.length > 0 ? `not found: ${missing.join(', ')}` : undefined;
}

/** A tool named by its environment variable is the only candidate, as it is for make. */
function works({ names, override }) {
  const candidates = process.env[override] ? names.slice(0, 1) : names.slice(1);
  return candidates.some((name) => {
    const [command, ...rest] = name.split(' ');
    return spawnSync(command, [...rest, '--version'], { stdio: 'ignore' }).status === 0;
  });
}

/** node-gyp: our development dependency, else the one that npm bundles, else one on the PATH. */
function nodeGyp() {
  try {
    const own = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
    return [process.execPath, own];
  } catch {
    const bundled = process.env.npm_config_node_gyp;
    return bundled && existsSync(bundled) ? [process.execPath, bundled] : ['node-gyp'];
  }
}

/** Runs node-gyp; undefined on success, else why it failed. */
function compile() {
  const [command, ...args] = nodeGyp();
  const nodeDir = findNodeDir();
  args.push('rebuild', '--release', ...(nodeDir ? [`--nodedir=${nodeDir}`] : []));
  const run = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: BUILD_TIMEOUT_MS,
    maxBuffer: 64 << 20,
  });
  const output = `${run.stdout ?? ''}${run.stderr ?? ''}`;
  mkdirSync(dirname(LOG), { recursive: true });
  writeFileSync(LOG, output);
  if (run.status === 0 && existsSync(ADDON)) return undefined;
  if (run.error?.code === 'ENOENT') return 'not found: node-gyp (npm brings it along)';
  if (run.error?.code === 'ETIMEDOUT') return `node-gyp took more than ${BUILD_TIMEOUT_MS} ms`;
  return `node-gyp failed: ${firstError(output)} (whole output: build/install.log)`;
}

/** The line of a failed build that says most: the first error, else the last line. */
function firstError(output) {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return (
    lines.find((line) => /^gyp: |: (fatal )?error: /.test(line)) ??
    lines.at(-1) ??
    'no output'
  ).trim();
}

function giveUp(reason) {
  mkdirSync(dirname(WHY_NOT), { recursive: true });
  writeFileSync(WHY_NOT, `${reason}\n`);
  console.warn(
    `syslets: addon not built, ${reason}. 'syslets/abi' works without it; ` +
      'attach, sys_indirect and rings do not. To build it: npm rebuild syslets (in a checkout: npm run build:native)',
  );
  process.exitCode = process.argv.includes('--strict') ? 1 : 0;
}

/** The name of the prebuilt addon that loads in this Node; undefined if it is to be compiled. */
function prebuilt() {
  const isCheckout = existsSync(join(ROOT, 'lib'));
  if (isCheckout || ['true', 'syslets'].includes(process.env.npm_config_build_from_source))
    return undefined;
  // the one for another C library does not load
  return ['glibc', 'musl']
    .map((libc) => `${process.platform}-${process.arch}-${libc}`)
    .find((name) => loads(join(ROOT, 'prebuilds', name, 'syslets.node')));
}

/** In a process of its own: what does not fit may end it. */
function loads(addon) {
  const code = `require(${JSON.stringify(addon)}).gettid()`;
  return (
    existsSync(addon) && spawnSync(process.execPath, ['-e', code], { timeout: 60_000 }).status === 0
  );
}

function main() {
  rmSync(WHY_NOT, { force: true });
  const name = prebuilt();
  if (name !== undefined) {
    rmSync(ADDON, { force: true }); // an older version's, which would be taken first
    console.log(`syslets: takes the prebuilt addon for ${name}`);
    return;
  }
  const reason = whatIsMissing() ?? compile();
  if (reason !== undefined) giveUp(reason);
}

try {
  main();
} catch (error) {
  giveUp(error instanceof Error ? error.message : String(error));
}
