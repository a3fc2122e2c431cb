// Builds libsyslets, installs it into a folder of its own, and tests what was installed with
// programs that are compiled against it:
//   npm run test:c [-- TESTS]

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

const prefix = mkdtempSync(join(tmpdir(), 'syslets-prefix-'));
try {
  const passed =
    run('cmake', ['-S', 'native', '-B', BUILD, '-DSYSLETS_WERROR=ON']) &&
    run('cmake', ['--build', BUILD, '--parallel']) &&
    run('cmake', ['--install', BUILD, '--prefix', prefix]) &&
    run('npx', ['vitest', 'run', 'test/c-library/installed', ...process.argv.slice(2)], {
      SYSLETS_PREFIX: prefix,
    });
  process.exitCode = passed ? 0 : 1;
} finally {
  rmSync(prefix, { recursive: true });
}
