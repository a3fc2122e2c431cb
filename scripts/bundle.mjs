// Makes bundle/, which is what the package has of lib/: a file for each part of it instead of one for
// each module. dist/, from which types and scenarios are taken, is there already (npm run build:ts).
//
// Tests and scripts use dist/ module by module; what is packed is tested in test/package.

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { bundleCode } from './bundle/code.mjs';
import { BUNDLE, ROOT } from './bundle/layout.mjs';
import { bundleScenarios } from './bundle/scenarios.mjs';
import { bundleStart } from './bundle/start.mjs';
import { bundleTypes } from './bundle/types.mjs';

/** What `syslets explore kernel` compiles beside the kernel side (lib/kernel-explore/packed.ts). */
const EXPLORER = ['native/sim', 'native/arch/sim'];

function packExplorer() {
  const paths = EXPLORER.flatMap((folder) =>
    readdirSync(`${ROOT}/${folder}`, { recursive: true })
      .filter((name) => /\.[ch]$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const texts = paths.sort().map((path) => [path, readFileSync(`${ROOT}/${path}`, 'utf8')]);
  writeFileSync(
    `${BUNDLE}/explorer.json`,
    `${JSON.stringify(Object.fromEntries(texts), null, 1)}\n`,
  );
}

rmSync(BUNDLE, { recursive: true, force: true });
await bundleCode();
await bundleStart();
await bundleScenarios();
await bundleTypes();
packExplorer();
