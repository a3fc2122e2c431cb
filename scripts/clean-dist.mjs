// Removes dist/ and bundle/, so that a file that has left lib/ does not stay in the package.

import { rmSync } from 'node:fs';

for (const folder of ['dist', 'bundle']) {
  rmSync(new URL(`../${folder}`, import.meta.url), { recursive: true, force: true });
}
