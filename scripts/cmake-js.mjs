// Builds the library, its tests and the addon with CMake: npm run build:cmake. cmake-js downloads
// Node's headers where npm's `nodedir` does not say where they are; the installation that runs us
// mostly has them.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNodeDir } from './headers.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const cmakeJs = createRequire(import.meta.url).resolve('cmake-js/bin/cmake-js');
const nodeDir = process.env.npm_config_nodedir ?? findNodeDir();

const { status } = spawnSync(
  process.execPath,
  [cmakeJs, 'compile', '--out', join('build', 'cmake-js')],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...(nodeDir === undefined ? {} : { npm_config_nodedir: nodeDir }) },
  },
);
process.exitCode = status ?? 1;
