import { readFileSync } from 'node:fs';
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

const LOCKS = [
  'package-lock.json',
  'test/node-versions/package-lock.json',
  'scripts/prebuild/package-lock.json',
  'test/package/managers/package-lock.json',
  'test/package/tools/package-lock.json',
  'scripts/site/package-lock.json',
  'test/runtimes/package-lock.json',
];

test.each(LOCKS)('%s names no host that a package came from', (path) => {
  const withHost = Object.entries(locked(path)).filter(([, entry]) => entry.resolved);
  expect(withHost).toEqual([]);
});

// A registry that lacks one platform's package leaves it out of the lock file, and `npm ci` then
// fails everywhere.
test.each(LOCKS)('%s holds every optional package of every platform', (path) => {
  const packages = locked(path);
  const missing = Object.entries(packages).flatMap(([at, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {}).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${at}/node_modules/${name}`],
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
