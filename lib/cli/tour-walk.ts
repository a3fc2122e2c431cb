import { lstatSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Kernel } from '../kernel/index.ts';
import { SysletWalk, sameTotals, type Totals, walkBySync } from '../walk/index.ts';
import { Progress } from './output.ts';

export interface WalkFacts {
  readonly directory: string;
  readonly totals: Totals;
  readonly totalsByLstatSync: Totals;
  readonly equal: boolean;
  /** Calls that blocked and were handed over. */
  readonly handOffs: number;
  /** Calls that were expected to block, after others had, and were sent to another thread. */
  readonly dispatches: number;
  readonly ms: number;
  readonly msByLstatSync: number;
}

/** Both walks of a tree, the one by sys_indirect first: it meets what is not yet cached. */
export function walkTwice(kernel: Kernel, directory: string): WalkFacts {
  const root = resolve(directory);
  const path = Buffer.from(root);
  lstatSync(root);
  const observer = (by: string) => ({
    progress: (entries: number) => progress.show(() => `${root}: ${entries} entries by ${by}`),
  });
  const progress = new Progress();
  const walk = new SysletWalk(kernel, observer('sys_indirect'));
  const [{ totals, calls }, ms] = timed(() => walk.run(path));
  const [totalsByLstatSync, msByLstatSync] = timed(() =>
    walkBySync(path, observer('fs.lstatSync')),
  );
  progress.clear();
  const equal = sameTotals(totals, totalsByLstatSync);
  const { handOffs, dispatches } = calls;
  return {
    directory: root,
    totals,
    totalsByLstatSync,
    equal,
    handOffs,
    dispatches,
    ms,
    msByLstatSync,
  };
}

function timed<T>(run: () => T): [T, number] {
  const start = performance.now();
  const result = run();
  return [result, Math.round(performance.now() - start)];
}
