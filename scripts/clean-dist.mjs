// Removes dist/, so that a file that has left lib/ does not stay in the package.

import { rmSync } from 'node:fs';

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
