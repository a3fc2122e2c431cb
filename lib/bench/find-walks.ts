import { lstatSync, readdirSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { Loop } from '../loop/index.ts';
import { SysletWalk } from '../walk/index.ts';

/** What a walk found; every way must find the same. */
export interface Found {
  readonly entries: number;
  readonly bytes: number;
  readonly handOffs?: number;
  readonly dispatches?: number;
}

export type Way = 'syslets' | 'sync' | 'promises';

type Walk = (root: string) => Found | Promise<Found>;

/** The ways as one would write them, and ours. Made once in a process, then run any number of times. */
export const WAYS: Readonly<Record<Way, () => Walk>> = {
  syslets: bySyslets,
  sync: () => bySync,
  promises: () => byPromises,
};

function bySyslets(): Walk {
  const loop = Loop.current();
  return (root) => {
    const { totals, calls } = new SysletWalk(loop).run(Buffer.from(root));
    const { handOffs, dispatches } = calls;
    return { entries: totals.entries, bytes: Number(totals.bytes), handOffs, dispatches };
  };
}

function bySync(root: string): Found {
  let entries = 0;
  let bytes = 0;
  const walk = (path: string): void => {
    const stats = lstatSync(path);
    entries++;
    bytes += stats.size;
    if (stats.isDirectory()) for (const name of readdirSync(path)) walk(`${path}/${name}`);
  };
  walk(root);
  return { entries, bytes };
}

async function byPromises(root: string): Promise<Found> {
  let entries = 0;
  let bytes = 0;
  const walk = async (path: string): Promise<void> => {
    const stats = await lstat(path);
    entries++;
    bytes += stats.size;
    if (!stats.isDirectory()) return;
    const names = await readdir(path);
    await Promise.all(names.map((name) => walk(`${path}/${name}`)));
  };
  await walk(root);
  return { entries, bytes };
}
