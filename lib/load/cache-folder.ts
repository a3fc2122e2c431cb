import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';

const WRITABLE_BY_ALL = 0o002;
const OPEN_TO_OTHERS = 0o077;

/**
 * Where compiled modules of a file's project are kept: node_modules/.cache/syslets. Undefined where
 * that is not this user's alone: what is kept there is run.
 */
export function cacheFolder(file: string): string | undefined {
  const modules = nearestModules(dirname(file));
  if (modules === undefined || !isOwn(modules, WRITABLE_BY_ALL)) return undefined;
  const cache = join(modules, '.cache');
  if (!isMade(cache, WRITABLE_BY_ALL)) return undefined;
  const own = join(cache, 'syslets');
  return isMade(own, OPEN_TO_OTHERS) ? own : undefined;
}

function nearestModules(folder: string): string | undefined {
  const modules = join(folder, 'node_modules');
  if (statsOf(modules)) return modules;
  const above = dirname(folder);
  return above === folder ? undefined : nearestModules(above);
}

/** Whether it is there, or could be made, as a folder of this user's. */
function isMade(path: string, forbidden: number): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch {
    // it is there, or cannot be made
  }
  return isOwn(path, forbidden);
}

/** A link could lead anywhere, so it is not one's own. */
function isOwn(path: string, forbidden: number): boolean {
  const stats = statsOf(path);
  const user = process.geteuid?.();
  if (!stats?.isDirectory() || user === undefined) return false;
  return stats.uid === user && (stats.mode & forbidden) === 0;
}

function statsOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
