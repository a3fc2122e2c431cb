import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bench, type Cases, notMeasured } from './bench.ts';
import { compared } from './result.ts';
import { amount } from './short.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Without it the addon would be compiled. */
const PREBUILT = join(ROOT, `prebuilds/${process.platform}-${process.arch}-glibc`);
const NAME = 'install of the tarball';
const ROUNDS = amount(5, 1);
/** Five of them run in a short bench, which has a minute. */
const LIMIT_MS = amount(120_000, 10_000);
const QUIET = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];

class ProgramError extends Error {}

function run(folder: string, program: string, ...args: readonly string[]): string {
  const options = { cwd: folder, encoding: 'utf8', timeout: LIMIT_MS } as const;
  const { status, stdout, stderr, error } = spawnSync(program, args, options);
  if (status === 0) return stdout.trim();
  const why = error?.message ?? stderr.trim().split('\n')[0];
  throw new ProgramError(`${program} ${args[0]}: ${why}`);
}

/** The tarball of a folder's package. */
function packed(folder: string, to: string): string {
  const args = ['--ignore-scripts', '--silent', '--pack-destination', to];
  return join(to, run(folder, 'npm', 'pack', ...args));
}

function emptyPackage(folder: string): string {
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'package.json'), '{ "name": "empty", "version": "1.0.0" }');
  return packed(empty, folder);
}

/** Milliseconds of `npm install` in a new project. */
function timed(folder: string, tarball: string): number {
  const project = mkdtempSync(join(folder, 'project-'));
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  const start = performance.now();
  run(project, 'npm', 'install', '--prefer-offline', ...QUIET, tarball);
  const ms = performance.now() - start;
  rmSync(project, { recursive: true });
  return ms;
}

function measure(): Cases {
  if (!existsSync(PREBUILT))
    return notMeasured(NAME, 'npm run prebuild makes the addon that it brings');
  const folder = mkdtempSync(join(tmpdir(), 'syslets-install-'));
  try {
    const [own, empty] = [packed(ROOT, folder), emptyPackage(folder)];
    timed(folder, own); // fills npm's cache
    const measured: number[] = [];
    const baseline: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      baseline.push(timed(folder, empty));
      measured.push(timed(folder, own));
    }
    const naming = { case: NAME, unit: 'ms', baseline: 'of an empty package' };
    return compared(naming, { measured, baseline }, { fastest: Math.round(Math.min(...measured)) });
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    return notMeasured(NAME, error.message);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const startInstall: Bench = {
  name: 'start-install',
  description: 'npm install of the package with a full cache, against an empty package',
  cases: [measure],
};
