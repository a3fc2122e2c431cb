import { constants } from 'node:fs';

/** What a walk adds up; both walks of the tour must agree on every one. */
export interface Totals {
  entries: number;
  files: number;
  directories: number;
  symlinks: number;
  others: number;
  bytes: number;
  failed: number;
}

export function noTotals(): Totals {
  return { entries: 0, files: 0, directories: 0, symlinks: 0, others: 0, bytes: 0, failed: 0 };
}

const kinds: ReadonlyMap<number, keyof Totals> = new Map([
  [constants.S_IFREG, 'files'],
  [constants.S_IFDIR, 'directories'],
  [constants.S_IFLNK, 'symlinks'],
]);

/** Counts one entry; true for a directory, whose entries come next. */
export function countEntry(totals: Totals, mode: number, size: number): boolean {
  const type = mode & constants.S_IFMT;
  totals.entries++;
  totals[kinds.get(type) ?? 'others']++;
  totals.bytes += size;
  return type === constants.S_IFDIR;
}

export function countFailure(totals: Totals): void {
  totals.entries++;
  totals.failed++;
}

export function sameTotals(one: Totals, other: Totals): boolean {
  return (Object.keys(one) as (keyof Totals)[]).every((key) => one[key] === other[key]);
}
