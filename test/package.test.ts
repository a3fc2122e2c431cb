import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface LockedPackage {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as T;
}

function locked(path: string): Readonly<Record<string, LockedPackage>> {
  return read<{ packages: Record<string, LockedPackage> }>(path).packages;
}

test.each(['package-lock.json', 'test/node-versions/package-lock.json'])(
  '%s names no host that a package came from',
  (path) => {
    const withHost = Object.entries(locked(path)).filter(([, entry]) => entry.resolved);
    expect(withHost).toEqual([]);
  },
);

// A registry that lacks one platform's package leaves it out of the lock file, and `npm ci` then
// fails everywhere.
test('the lock file holds every optional package of every platform', () => {
  const packages = locked('package-lock.json');
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {}).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});

test('versions are pinned', () => {
  const { dependencies, devDependencies } =
    read<Record<'dependencies' | 'devDependencies', Record<string, string>>>('package.json');
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
  );
  expect(loose).toEqual([]);
});

test('the package ships what its install script and its exports need', () => {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const [pack] = JSON.parse(output) as [{ files: { path: string }[] }];
  const shipped = new Set(pack.files.map(({ path }) => path));
  const { variables } = read<{ variables: Record<string, string[]> }>('native/sources.gypi');
  const needed = [
    ...Object.values(variables).flat(),
    'native/sources.gypi',
    'native/include/syslets/abi.h',
    'binding.gyp',
    'scripts/install.mjs',
    'scripts/headers.mjs',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/cli/main.js',
    'dist/report/client/report-page.js',
    'dist/report/client/trace-page.css',
    'LICENSE',
    'README.md',
  ];
  expect(needed.filter((path) => !shipped.has(path))).toEqual([]);
  expect(needed.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
