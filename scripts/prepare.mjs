// Builds dist/ in a checkout. In a package that somebody installed dist/ is there, and neither the
// sources nor the compiler are: package managers that run `prepare` there find nothing to do.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

if (existsSync(`${ROOT}/lib`)) {
  const { status } = spawnSync('npm', ['run', '--silent', 'build:ts'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
