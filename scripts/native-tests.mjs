// Builds libsyslets and its C tests with CMake and runs them, once per variant:
//   npm run test:native [-- release address undefined thread generic]

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const VARIANT_TIMEOUT_MS = 15 * 60_000;

/** CMake options of each build. */
const VARIANTS = {
  release: [],
  address: ['-DSYSLETS_SANITIZE=address'],
  undefined: ['-DSYSLETS_SANITIZE=undefined'],
  thread: ['-DSYSLETS_SANITIZE=thread'],
  generic: ['-DSYSLETS_ARCH=generic'],
};

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

function testVariant(name) {
  const dir = join('build', 'cmake', name);
  const report = join(ROOT, 'reports', `native-${name}.xml`);
  console.log(`== native tests: ${name}`);
  return (
    run('cmake', ['-S', '.', '-B', dir, '-DCMAKE_BUILD_TYPE=Release', ...VARIANTS[name]]) &&
    run('cmake', ['--build', dir, '--parallel']) &&
    runFixed('ctest', ['--test-dir', dir, '--output-on-failure', '--output-junit', report])
  );
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(VARIANTS);
const unknown = wanted.filter((name) => !(name in VARIANTS));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; there are ${Object.keys(VARIANTS).join(', ')}`);
  process.exit(2);
}
mkdirSync(join(ROOT, 'reports'), { recursive: true });
const failed = wanted.filter((name) => !testVariant(name));
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
