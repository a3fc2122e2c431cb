import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExploreKernelError } from './error.ts';
import { unpacked } from './packed.ts';
import { noteUse } from './used.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILDS = join(ROOT, 'build/kernel-explore');
/** All planted bugs and some more. */
const KEPT_BUILDS = 32;
/** A search notes at its beginning that it uses its program, and rarely takes so long. */
const UNUSED_MS = 3_600_000;
const FOLDERS = [
  'native/kernel',
  'native/arch',
  'native/include',
  'native/sim',
  'native/watch',
  'native/host',
];

/** Of the real host and its watchers, as they are. */
const REAL = ['native/host/nudge.c', 'native/watch/watch.c'];

const COMMON = [
  '-std=gnu11',
  '-g',
  '-Wall',
  '-Wextra',
  '-Wno-unused-parameter',
  '-fno-stack-protector',
  '-fcf-protection=none',
  // what is left on a stack decides nothing: an execution is the same each time
  '-ftrivial-auto-var-init=zero',
];
// each access to memory becomes a call of native/sim/access.c
const INSTRUMENTED = [
  '-O1',
  '-ffreestanding',
  '-fno-builtin',
  '-fsanitize=thread',
  '-Wno-tsan',
  '--param=tsan-instrument-func-entry-exit=0',
];

export interface BuildOptions {
  /** Files that come before the package's own, by the same paths: a planted bug. */
  readonly overlay?: string;
  readonly warningsAreErrors?: boolean;
}

/**
 * The explorer of the kernel side as a program, compiled from native/ by the system's gcc. It is
 * kept, and made anew only when a source of it has changed. Then old ones are removed.
 *
 * @returns its path.
 * @throws ExploreKernelError without gcc, on another processor than x86_64, or where it does not
 *   compile.
 */
export async function buildExplorer(options: BuildOptions = {}): Promise<string> {
  if (process.arch !== 'x64' || process.platform !== 'linux') {
    throw new ExploreKernelError(
      `kernel scenarios are explored on x86_64 Linux; this is ${process.arch} ${process.platform}`,
    );
  }
  const roots = rootsOf(options);
  const folder = join(BUILDS, hashOf(roots));
  const program = join(folder, 'kernel-explore');
  noteUse(program);
  if (existsSync(program)) return program;
  makeFolder(folder);
  const objects = await compileAll(folder, roots, options.warningsAreErrors ?? false);
  const part = `${program}.${process.pid}`;
  await run('gcc', ['-no-pie', '-o', part, ...objects]);
  renameSync(part, program);
  for (const object of objects) rmSync(object, { force: true });
  removeOldBuilds(BUILDS);
  return program;
}

/** Leaves the newest, and all that another process may be using; and what is another user's. */
export function removeOldBuilds(builds: string, now = Date.now()): void {
  const byAge = readdirSync(builds)
    .filter((name) => /^[0-9a-f]{16}$/.test(name))
    .map((name) => join(builds, name))
    .map((path) => ({ path, used: usedAt(path) }))
    .sort((a, b) => b.used - a.used);
  for (const { path } of byAge.slice(KEPT_BUILDS)) {
    // asked again: another process may have begun to use it
    if (now - usedAt(path) > UNUSED_MS) removeBuild(path);
  }
}

/** When a build was used last; never old where another process has removed it. */
function usedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
}

function removeBuild(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // another user's: whoever may remove it will
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new ExploreKernelError(
      `the explorer of the kernel side is compiled into ${folder}, which cannot be made: ${String(error)}`,
    );
  }
}

/** Where sources are, by the same paths in each: the first that has one counts. */
function rootsOf({ overlay }: BuildOptions): readonly string[] {
  makeFolder(BUILDS);
  return [overlay, unpacked(BUILDS), ROOT].filter((root) => root !== undefined);
}

/** The list of sources that every build reads. */
function sources(): Readonly<Record<string, readonly string[]>> {
  return JSON.parse(readFileSync(join(ROOT, 'native/sources.gypi'), 'utf8')).variables;
}

interface Job {
  readonly path: string;
  readonly flags: readonly string[];
}

async function compileAll(
  folder: string,
  roots: readonly string[],
  warningsAreErrors: boolean,
): Promise<readonly string[]> {
  const lists = sources();
  // string.c is the memcpy of code without a C library; copies are announced as accesses anyway
  const kernel = lists.kernel_sources?.filter((path) => !path.endsWith('/string.c')) ?? [];
  const job =
    (flags: readonly string[]) =>
    (path: string): Job => ({ path, flags });
  const jobs = [
    ...[...kernel, ...REAL, ...(lists.sim_instrumented_sources ?? [])].map(job(INSTRUMENTED)),
    ...(lists.sim_engine_sources ?? []).map(job(['-O2'])),
  ];
  const objects: string[] = [];
  let next = 0;
  const work = async () => {
    for (let at = next++; at < jobs.length; at = next++) {
      const { path, flags } = jobs[at] as Job;
      const object = join(folder, `${process.pid}-${path.replace(/\W/g, '_')}.o`);
      objects[at] = object;
      await run('gcc', [
        ...COMMON,
        ...flags,
        ...more(roots, warningsAreErrors),
        '-c',
        found(path, roots),
        '-o',
        object,
      ]);
    }
  };
  await Promise.all([work(), work()]);
  return objects;
}

function more(roots: readonly string[], warningsAreErrors: boolean): readonly string[] {
  const include = ['native', 'native/include', 'native/arch/sim'].flatMap((folder) =>
    roots.map((root) => `-I${join(root, folder)}`),
  );
  return warningsAreErrors ? ['-Werror', ...include] : include;
}

function found(path: string, roots: readonly string[]): string {
  const root = roots.find((one) => existsSync(join(one, path))) ?? ROOT;
  return join(root, path);
}

/** Of every source and header that may be in it. */
function hashOf(roots: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify([COMMON, INSTRUMENTED]));
  for (const path of FOLDERS.flatMap((folder) => sourcesIn(folder, roots))) {
    hash.update(path).update(readFileSync(found(path, roots)));
  }
  return hash.digest('hex').slice(0, 16);
}

function sourcesIn(folder: string, roots: readonly string[]): readonly string[] {
  const paths = roots
    .filter((root) => existsSync(join(root, folder)))
    .flatMap((root) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }))
    .filter((name) => /\.[ch]$/.test(name))
    .map((name) => join(folder, name));
  return [...new Set(paths)].sort();
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (data) => {
      errors += data;
    });
    child.on('error', () =>
      reject(
        new ExploreKernelError(`${command} cannot be run: kernel scenarios are compiled by it`),
      ),
    );
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new ExploreKernelError(`${command} failed:\n${errors}`)),
    );
  });
}
