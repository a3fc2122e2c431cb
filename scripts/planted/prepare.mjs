// Builds what a finder of a planted bug needs; without a bug, the same of the unchanged sources.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildExplorer } from '../../dist/kernel-explore/index.js';
import { Build } from './compile.mjs';
import { plantedDist } from './dist.mjs';
import { mutated, ROOT, writeMutated } from './mutation.mjs';

/** The folder of a bug's build, or of the unchanged one. */
export function folderOf(bug) {
  return join(ROOT, 'build/planted', bug?.name ?? 'unchanged');
}

function isNative(bug) {
  return bug !== undefined && [...mutated(bug).keys()].some((file) => file.startsWith('native/'));
}

/** Compiles a C finder; what to run. */
async function prepareProgram({ program, args }, bug) {
  const folder = folderOf(bug);
  const output = join(folder, program.replaceAll('/', '-').replace(/\.c$/, ''));
  writeMutated(bug, folder);
  await new Build(folder).program(program, output);
  return { command: output, args };
}

/** A script of dist/ or of test/planted, with the addon or the dist/ that has the bug. */
async function prepareScript({ script, args, flags = [] }, bug) {
  const folder = folderOf(bug);
  const env = { SYSLETS_TEST_DIST: join(ROOT, 'dist') };
  writeMutated(bug, folder);
  if (isNative(bug))
    env.SYSLETS_TEST_ADDON = await new Build(folder).addon(join(folder, 'syslets.node'));
  else if (bug) {
    env.SYSLETS_TEST_DIST = plantedDist(bug, folder);
    env.SYSLETS_TEST_ADDON = join(ROOT, 'build/Release/syslets.node');
  }
  const path = script.startsWith('dist/')
    ? join(env.SYSLETS_TEST_DIST, script.slice(5))
    : join(ROOT, script);
  return { command: process.execPath, args: [...flags, path, ...args], env };
}

/** A scenario of lib/scenarios, explored with the dist/ that has the bug. */
function prepareScriptExplorer({ scenario, ...options }, bug) {
  const args = [scenario, JSON.stringify(options)];
  return prepareScript({ script: 'scripts/planted/explore-script.mjs', args }, bug);
}

/** The explorer: of the kernel side compiled with the bug, unless the scenario is JavaScript. */
async function prepareExplorer({ explore }, bug) {
  if (existsSync(join(ROOT, `lib/scenarios/${explore.scenario}.ts`))) {
    return prepareScriptExplorer(explore, bug);
  }
  const folder = folderOf(bug);
  writeMutated(bug, folder);
  const program = await buildExplorer({ overlay: folder });
  const args = [join(ROOT, 'scripts/planted/explore.mjs'), program, JSON.stringify(explore)];
  return { command: process.execPath, args };
}

/** How a finder is run: command, args, env. */
export function prepare(finder, bug) {
  if (finder.explore) return prepareExplorer(finder, bug);
  return finder.program ? prepareProgram(finder, bug) : prepareScript(finder, bug);
}
