import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEPENDENCIES = ['jiti', 'node-addon-api'];
const LIMIT_MS = 120_000;
/** What scripts/prebuild.mjs would have made: here it is the addon of the checkout. */
export const ADDON = `prebuilds/${process.platform}-${process.arch}-glibc/syslets.node`;

/** A user's project with the packed tarball in it; what else it has is linked from the checkout. */
export class PackedProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'syslets-packed-'));
  readonly package = join(this.folder, 'node_modules/syslets');

  constructor(others: readonly string[] = []) {
    mkdirSync(this.package, { recursive: true });
    const tarball = pack(this.folder);
    execFileSync('tar', ['-xzf', tarball, '-C', this.package, '--strip-components=1']);
    const addon = join(this.package, ADDON);
    // a package that brings its own is tested with that
    if (!existsSync(addon)) {
      mkdirSync(dirname(addon), { recursive: true });
      cpSync(join(ROOT, 'build/Release/syslets.node'), addon);
    }
    for (const name of [...DEPENDENCIES, ...others]) this.#link(name);
    this.write('package.json', JSON.stringify({ name: 'project', type: 'module', private: true }));
  }

  #link(name: string): void {
    const link = join(this.folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Runs Node in the project. */
  node(...args: readonly string[]) {
    // the coverage, the addon and the flags of this test are not the project's
    const { NODE_OPTIONS: _, SYSLETS_TEST_ADDON: __, VITEST: ___, ...env } = process.env;
    const options = { cwd: this.folder, encoding: 'utf8', timeout: LIMIT_MS, env } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
    return { status, stdout, stderr };
  }

  /** `npx syslets …` */
  syslets(...args: readonly string[]) {
    return this.node(join(this.package, 'bundle/cli/start.cjs'), ...args);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** The tarball of what is built; it is not built here, since other tests use that. */
function pack(into: string): string {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', into];
  const [packed] = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' })) as [
    { filename: string },
  ];
  return join(into, packed.filename);
}
