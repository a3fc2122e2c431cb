// Builds libsyslets and its C tests with CMake and runs them, once per variant:
//   npm run test:native [-- [--build] release address undefined thread generic musl]
//
// --build compiles on one processor, beside other work, and runs no test: those need the machine.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const VARIANT_TIMEOUT_MS = 15 * 60_000;

/** CMake options of each build. */
const VARIANTS = {
  release: [],
  address: ['-DSYSLETS_SANITIZE=address'],
  undefined: ['-DSYSLETS_SANITIZE=undefined'],
  thread: ['-DSYSLETS_SANITIZE=thread'],
  generic: ['-DSYSLETS_ARCH=generic'],
  // by musl-tools; libfuse3, which pkg-config would find, is one of the machine's C library
  musl: [
    '-DCMAKE_C_COMPILER=musl-gcc',
    `-DCMAKE_C_FLAGS=-isystem ${join(ROOT, 'build', 'cmake', 'kernel-headers')}`,
    '-DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON',
  ],
};

/** The host's headers alone, which musl does not bring, from beside those of another C library. */
function linkKernelHeaders() {
  const { stdout } = spawnSync('musl-gcc', ['-print-multiarch'], { encoding: 'utf8' });
  if (stdout === null) {
    console.error('not found: musl-gcc (Debian: musl-tools)');
    return false;
  }
  const into = join(ROOT, 'build', 'cmake', 'kernel-headers');
  mkdirSync(into, { recursive: true });
  for (const name of ['linux', 'asm', 'asm-generic']) {
    const ofProcessor = join('/usr/include', stdout.trim(), name);
    rmSync(join(into, name), { force: true });
    symlinkSync(
      existsSync(ofProcessor) ? ofProcessor : join('/usr/include', name),
      join(into, name),
    );
  }
  return true;
}

function run(command, args) {
  const options = { cwd: ROOT, stdio: 'inherit', timeout: VARIANT_TIMEOUT_MS };
  const { status, error, signal } = spawnSync(command, args, options);
  if (error) console.error(`${command}: ${error.message}`);
  if (signal) console.error(`${command}: ended by ${signal}`);
  return status === 0;
}

/** Without address randomization where that can be had: ThreadSanitizer maps fixed addresses. */
function runFixed(command, args) {
  const prefix = ['-R', command];
  const can = spawnSync('setarch', ['-R', 'true'], { stdio: 'ignore' }).status === 0;
  return can ? run('setarch', [...prefix, ...args]) : run(command, args);
}

function directory(name) {
  return join('build', 'cmake', name);
}

function buildVariant(name) {
  const dir = directory(name);
  console.log(`== native build: ${name}`);
  if (name === 'musl' && !linkKernelHeaders()) return false;
  return (
    run('cmake', ['-S', '.', '-B', dir, '-DCMAKE_BUILD_TYPE=Release', ...VARIANTS[name]]) &&
    run('cmake', ['--build', dir, '--parallel', JOBS])
  );
}

function testVariant(name) {
  if (!buildVariant(name)) return false;
  const report = join(ROOT, 'reports', `native-${name}.xml`);
  console.log(`== native tests: ${name}`);
  const args = ['--test-dir', directory(name), '--output-on-failure', '--output-junit', report];
  return runFixed('ctest', args);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { build: { type: 'boolean', default: false } },
});
const JOBS = String(values.build ? 1 : availableParallelism());
const wanted = positionals.length > 0 ? positionals : Object.keys(VARIANTS);
const unknown = wanted.filter((name) => !(name in VARIANTS));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; there are ${Object.keys(VARIANTS).join(', ')}`);
  process.exit(2);
}
mkdirSync(join(ROOT, 'reports'), { recursive: true });
const failed = wanted.filter((name) => !(values.build ? buildVariant(name) : testVariant(name)));
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
