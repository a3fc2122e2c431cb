import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../interface.ts';

// Programs against the library that `npm run test:c` has installed.

const { SYSLETS_PREFIX } = process.env;
if (!SYSLETS_PREFIX) throw new Error('SYSLETS_PREFIX is not set: run these by `npm run test:c`');

export const PREFIX: string = SYSLETS_PREFIX;
export const LIB = join(PREFIX, 'lib');
export const FOLDER = mkdtempSync(join(tmpdir(), 'syslets-c-'));
const RUN_MS = 60_000;

export const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0;

export function pkgConfig(...args: readonly string[]): string[] {
  const env = { ...process.env, PKG_CONFIG_PATH: join(LIB, 'pkgconfig') };
  const text = execFileSync('pkg-config', [...args, 'syslets'], { env, encoding: 'utf8' });
  return text.trim().split(/\s+/);
}

export const source = (name: string): string => join(ROOT, 'test/c-library/programs', name);

/** Compiles; the program's path. What the compiler says is an error of the test. */
export function compile(compiler: string, file: string, ...flags: readonly string[]): string {
  const name = [file.split('/').at(-1), compiler, ...flags].join('_').replace(/[^\w.+-]/g, '-');
  const program = join(FOLDER, name.slice(0, 100));
  const { status, stderr } = spawnSync(compiler, ['-o', program, '-Wall', file, ...flags], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${compiler} ${file} ${flags.join(' ')}\n${stderr}`);
  return program;
}

/** What it printed; how it ended, where that was not with 0. */
export function run(program: string, ...args: readonly string[]): string {
  const result = spawnSync(program, args, {
    env: { ...process.env, LD_LIBRARY_PATH: LIB },
    encoding: 'utf8',
    timeout: RUN_MS,
  });
  const end = result.status === 0 ? '' : `status ${result.status}, signal ${result.signal}\n`;
  return `${end}${result.stderr}${result.stdout}`;
}
