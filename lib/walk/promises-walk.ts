import { promises } from 'node:fs';
import { type AnyStats, FsEntries } from './fs-entries.ts';
import type { WalkObserver } from './observer.ts';
import { below, forFs, toText } from './path-text.ts';
import type { Totals } from './totals.ts';

/** The walk that fs.promises makes, by path: all that is known so far is asked for at once. */
export async function walkByPromises(
  root: Uint8Array,
  observer: WalkObserver = {},
): Promise<Totals> {
  const entries = new FsEntries(observer);
  const text = toText(root);
  if (await look(entries, text, true)) await walkDirectory(entries, text);
  return entries.totals();
}

async function walkDirectory(entries: FsEntries, directory: string): Promise<void> {
  const names = await namesIn(entries, directory);
  await Promise.all(names.map((name) => walkEntry(entries, below(directory, name))));
}

async function walkEntry(entries: FsEntries, path: string): Promise<void> {
  if (await look(entries, path, false)) await walkDirectory(entries, path);
}

async function namesIn(entries: FsEntries, directory: string): Promise<readonly string[]> {
  try {
    return await promises.readdir(forFs(directory), { encoding: 'latin1' });
  } catch (error) {
    entries.unreadable(directory, error);
    return [];
  }
}

/** Counts what lies at a path; true for a directory. */
async function look(entries: FsEntries, path: string, isRoot: boolean): Promise<boolean> {
  const stats = await statsOf(entries, path, isRoot);
  return stats !== undefined && entries.found(path, stats);
}

async function statsOf(
  entries: FsEntries,
  path: string,
  isRoot: boolean,
): Promise<AnyStats | undefined> {
  const argument = forFs(path);
  try {
    const stats = await promises.lstat(argument);
    return Number.isSafeInteger(stats.size)
      ? stats
      : await promises.lstat(argument, { bigint: true });
  } catch (error) {
    entries.withoutStat(path, isRoot, error);
    return undefined;
  }
}
