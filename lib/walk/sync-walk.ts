import { lstatSync, readdirSync } from 'node:fs';
import { type AnyStats, FsEntries } from './fs-entries.ts';
import type { WalkObserver } from './observer.ts';
import { below, forFs, toText } from './path-text.ts';
import type { Totals } from './totals.ts';

/** The walk that readdirSync and lstatSync make, by path. */
export function walkBySync(root: Uint8Array, observer: WalkObserver = {}): Totals {
  const entries = new FsEntries(observer);
  const text = toText(root);
  const left: string[] = [];
  if (look(entries, text, true)) left.push(text);
  for (let directory = left.pop(); directory !== undefined; directory = left.pop()) {
    for (const name of namesIn(entries, directory)) {
      const path = below(directory, name);
      if (look(entries, path, false)) left.push(path);
    }
  }
  return entries.totals();
}

function namesIn(entries: FsEntries, directory: string): readonly string[] {
  try {
    return readdirSync(forFs(directory), { encoding: 'latin1' });
  } catch (error) {
    entries.unreadable(directory, error);
    return [];
  }
}

/** Counts what lies at a path; true for a directory. */
function look(entries: FsEntries, path: string, isRoot: boolean): boolean {
  const stats = statsOf(entries, path, isRoot);
  return stats !== undefined && entries.found(path, stats);
}

function statsOf(entries: FsEntries, path: string, isRoot: boolean): AnyStats | undefined {
  const argument = forFs(path);
  try {
    const stats = lstatSync(argument);
    return Number.isSafeInteger(stats.size) ? stats : lstatSync(argument, { bigint: true });
  } catch (error) {
    entries.withoutStat(path, isRoot, error);
    return undefined;
  }
}
