import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../test/native', import.meta.url));
const FLAGS = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Wno-unused-parameter'];

/** C programs of test/native, in a folder that goes when this process does. */
export class Programs {
  readonly #folder = mkdtempSync(join(tmpdir(), 'syslets-find-programs-'));

  constructor() {
    process.once('exit', () => rmSync(this.#folder, { recursive: true, force: true }));
  }

  /** Compiles one; its path, or why it cannot be. */
  build(source: string, packages: readonly string[] = []): Built {
    const path = join(SOURCES, source);
    if (!existsSync(path)) return { why: `${path} is not there: run this in a checkout` };
    const flags = packages.length === 0 ? { text: '' } : packageFlags(packages);
    if ('why' in flags) return flags;
    const program = join(this.#folder, basename(source, '.c'));
    const rest = flags.text.split(/\s+/).filter(Boolean);
    const { status, stderr, error } = spawnSync(
      process.env.CC ?? 'cc',
      [...FLAGS, '-o', program, path, ...rest, '-lpthread'],
      { encoding: 'utf8' },
    );
    if (status === 0) return { program };
    return { why: `${source} does not compile: ${error?.message ?? stderr.trim()}` };
  }
}

export type Built = { readonly program: string } | { readonly why: string };

function packageFlags(packages: readonly string[]): { text: string } | { why: string } {
  try {
    const args = ['--cflags', '--libs', ...packages];
    return { text: execFileSync('pkg-config', args, { encoding: 'utf8', stdio: 'pipe' }) };
  } catch {
    return {
      why: `${packages.join(', ')} and its headers are not installed (Debian: apt-get install libfuse3-dev fuse3 pkg-config)`,
    };
  }
}
