import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cases, notMeasured } from './bench.ts';

/** lib/ and dist/ lie beside each other: one path from both. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INSTALL = join(ROOT, 'scripts/c-library.mjs');
const TOOLS = ['cc', 'cmake'];

/**
 * Cases of what a C program prints, lib/bench/NAME.c, which is compiled against the installed shared
 * library as a program of a user's. `argsIn` makes what it needs in a folder that goes afterwards.
 */
export function casesOfC(
  bench: string,
  name: string,
  argsIn: (folder: string) => readonly string[],
  cases: (output: string) => Cases,
): Cases {
  const missing = TOOLS.filter((tool) => spawnSync(tool, ['--version']).status !== 0);
  if (missing.length > 0) return notMeasured(bench, `${missing.join(' and ')} are not installed`);
  const source = join(ROOT, 'lib/bench', `${name}.c`);
  if (!existsSync(source)) {
    return notMeasured(bench, `${source} is not there: run this in a checkout`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'syslets-bench-c-'));
  try {
    const program = build(source, folder);
    return cases(execFileSync(program, argsIn(folder), { encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function build(source: string, folder: string): string {
  const program = join(folder, 'program');
  const libraries = join(folder, 'lib');
  execFileSync(process.execPath, [INSTALL, '--install', folder], { stdio: 'pipe' });
  const flags = ['-std=gnu11', '-O2', `-I${join(folder, 'include')}`];
  const link = [`-L${libraries}`, '-lsyslets', `-Wl,-rpath,${libraries}`];
  execFileSync('cc', [...flags, '-o', program, source, ...link]);
  return program;
}
