// What of lib/ ends up in which file of bundle/.
//
// A module keeps its folder where that is known to others: a worker by its URL, the package's own
// names in a user's file, the folders whose frames are no call site (lib/explore/call-site.ts).

import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const LIB = `${ROOT}/lib`;
export const BUNDLE = `${ROOT}/bundle`;

/** Libraries of the command line that bundle/ holds, each as one module, and what they export. */
export const LIBRARIES = { commander: '*' };
export const libraryId = (name) => `\0${name}`;
export const isLibrary = (id) => id.startsWith('\0');

/** What package.json exports: types are made for these alone. */
export const PUBLIC = [
  'index',
  'abi/index',
  'aio/index',
  'scenario/index',
  'linearizability/index',
  'vitest/index',
];

/** What package.json's `bin` names: CommonJS, with all that it needs, and no part of anything else. */
export const START = 'cli/start';

/** Programs and workers, started by their file. */
export const STARTED = ['cli/main', 'stress/host-main', 'stress/actor-worker', 'vitest/run-main'];

/** Files of bundle/ and the modules in them: folders, or files by name. The first that fits counts. */
const CHUNKS = [
  // of the command line and of reports
  ['base', ['report/paint']],
  // whatever needs many parts of the package, and is rarely asked for
  ['cli/tour', ['cli/tour', 'cli/find', 'walk', 'cli/doctor', 'cli/trace', 'cli/completion/names']],
  ['cli/abi', ['cli/abi', 'abi-tools', 'debug-info']],
  // what a run of `stress` needs at its end only
  ['cli/explore', ['cli/explore', 'cli/report', 'cli/stress-report']],
  ['cli/stress', ['cli/stress', 'cli/given', 'cli/list-scenarios', 'cli/shard']],
  ['cli/program', ['cli']],
  ['abi/abi', ['abi']],
  // threads and hosts need these two of reports
  ['scenario/scenario', ['scenario', 'linearizability', 'report/rule-matcher', 'report/result']],
  ['aio/index', ['aio']],
  // threads of a scenario need it, and of the kernel mostly nothing else
  ['target', ['host-target']],
  ['kernel', ['ring', 'trace', 'kernel', 'shared-file', 'posix/structs']],
  ['core', ['loop', 'posix']],
  ['report/report', ['report']],
  ['explore/explore', ['explore', 'memory-model', 'kernel-explore']],
  // begun before all else is loaded
  ['stress/host', ['stress/host', 'stress/start-worker', 'stress/epoch']],
  // makes calls: few scenarios need it, and with it the kernel
  ['stress/syslet-actor', ['stress/syslet-actor']],
  ['stress/stress', ['stress', 'vitest/run-process', 'vitest/run-request']],
  [
    'base',
    [
      'load',
      'errors',
      'check',
      'random',
      'user-error',
      'temporary-folder',
      'open-files',
      'binding',
      'runtime',
      'libc',
      'native',
    ],
  ],
];

/** Nobody imports a part of it: entry and chunk are one file. */
const WHOLE = new Set(['aio/index']);
const ENTRIES = new Set([...PUBLIC, ...STARTED]);

/** `kernel/call` of /…/lib/kernel/call.ts; undefined for what is not of lib/. */
export function nameOf(file) {
  const path = relative(LIB, file);
  return path.startsWith('..') || path.startsWith(sep) || !path.endsWith('.ts')
    ? undefined
    : path.replace(/\.ts$/, '');
}

/** An entry is a file of its own; every other module belongs to a chunk. */
export function chunkOf(file) {
  if (isLibrary(file)) return 'cli/libraries';
  const name = nameOf(file);
  if (name === undefined || (ENTRIES.has(name) && !WHOLE.has(name))) return undefined;
  const found = CHUNKS.find(([, parts]) => parts.some((part) => isIn(name, part)));
  if (found === undefined) throw new Error(`lib/${name}.ts belongs to no file of bundle/`);
  return found[0];
}

/** The file of bundle/, without its ending, that has what a module exports. */
export function fileOf(file) {
  return chunkOf(file) ?? nameOf(file);
}

/** A command's other files begin with its name: cli/explore.ts, cli/explore-files.ts. */
function isIn(name, part) {
  const isCommand = part.startsWith('cli/') && name.startsWith(`${part}-`);
  return name === part || name.startsWith(`${part}/`) || isCommand;
}
