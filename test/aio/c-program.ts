import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'syslets-aio-c-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Why no program of C can be made here; undefined if it can. */
export function noCompiler(): string | undefined {
  return spawnSync('cc', ['--version']).status === 0 ? undefined : 'cc is not installed';
}

/** Compiles a source of this folder, or of another by its URL; the program's path. */
export function compiled(source: string | URL, ...options: readonly string[]): string {
  const file = fileURLToPath(new URL(source, import.meta.url));
  const program = join(folder, basename(file, '.c'));
  const flags = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror', ...options];
  execFileSync('cc', ['-o', program, file, ...flags, '-lrt']);
  return program;
}

/** A path in a folder that the test's end removes. */
export function scratch(name: string): string {
  return join(folder, name);
}
