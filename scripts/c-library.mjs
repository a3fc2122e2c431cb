// Builds libsyslets, installs it into a folder of its own, and tests what was installed with
// programs that are compiled against it:
//   npm run test:c [-- TESTS]
//   npm run test:c -- --install FOLDER     # no tests: for `npm run bench -- c`, and for you

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILD = join('build', 'libsyslets');
const TIMEOUT_MS = 5 * 60_000;

function run(command, args, env = {}) {
  const { status, error, signal } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: 'inherit',
    timeout: TIMEOUT_MS,
    env: { ...process.env, ...env },
  });
  if (error) console.error(`${command}: ${error.message}`);
  if (signal) console.error(`${command}: ended by ${signal}`);
  return status === 0;
}

// its libraries are in lib, and not in lib64 or what else a distribution would choose
const OPTIONS = ['-DSYSLETS_WERROR=ON', '-DCMAKE_INSTALL_LIBDIR=lib'];

const install = (prefix) =>
  run('cmake', ['-S', 'native', '-B', BUILD, ...OPTIONS]) &&
  run('cmake', ['--build', BUILD, '--parallel']) &&
  run('cmake', ['--install', BUILD, '--prefix', prefix]);

function installAndTest(tests) {
  const prefix = mkdtempSync(join(tmpdir(), 'syslets-prefix-'));
  try {
    const args = ['vitest', 'run', 'test/c-library/installed', ...tests];
    return install(prefix) && run('npx', args, { SYSLETS_PREFIX: prefix });
  } finally {
    rmSync(prefix, { recursive: true });
  }
}

const [first, folder, ...rest] = process.argv.slice(2);
if (first === '--install' && (folder === undefined || rest.length > 0)) {
  console.error('c-library: --install takes a folder, as in --install /usr/local');
  process.exit(2);
}
const done =
  first === '--install' ? install(resolve(folder)) : installAndTest(process.argv.slice(2));
process.exitCode = done ? 0 : 1;
