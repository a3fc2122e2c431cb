import { lstatSync, readdirSync } from 'node:fs';
import { countEntry, countFailure, noTotals, type Totals } from './walk-totals.ts';

export type OnEntry = (entries: number) => void;

/** Names in a directory, as bytes: a name need not be text. None if it cannot be read. */
export function namesIn(directory: Buffer): readonly Buffer[] {
  try {
    return readdirSync(directory, { encoding: 'buffer' });
  } catch {
    return [];
  }
}

const SLASH = Buffer.from('/');

export function join(directory: Buffer, name: Buffer): Buffer {
  const slash = directory.at(-1) === SLASH[0] ? [] : [SLASH];
  return Buffer.concat([directory, ...slash, name]);
}

/** The walk that fs.lstatSync makes: what the other one is compared with. */
export function walkBySync(root: Buffer, onEntry: OnEntry): Totals {
  const totals = noTotals();
  const left = [root];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    onEntry(totals.entries);
    if (countBySync(path, totals)) for (const name of namesIn(path)) left.push(join(path, name));
  }
  return totals;
}

function countBySync(path: Buffer, totals: Totals): boolean {
  try {
    const { mode, size } = lstatSync(path);
    return countEntry(totals, mode, size);
  } catch {
    countFailure(totals);
    return false;
  }
}
