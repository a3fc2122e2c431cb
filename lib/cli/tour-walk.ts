import { lstatSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Kernel } from '../kernel/index.ts';
import { Progress } from './output.ts';
import { walkBySync } from './walk.ts';
import { SysletWalk } from './walk-syslets.ts';
import { sameTotals, type Totals } from './walk-totals.ts';

export interface WalkFacts {
  readonly directory: string;
  readonly totals: Totals;
  readonly totalsByLstatSync: Totals;
  readonly equal: boolean;
  /** lstat calls that were handed over because they blocked. */
  readonly blocked: number;
  readonly ms: number;
  readonly msByLstatSync: number;
}

/** Both walks of a tree, the one by sys_indirect first: it meets what is not yet cached. */
export function walkTwice(kernel: Kernel, directory: string): WalkFacts {
  const root = resolve(directory);
  lstatSync(root);
  const progress = new Progress();
  const show = (by: string) => (entries: number) =>
    progress.show(() => `${root}: ${entries} entries by ${by}`);
  const walk = new SysletWalk(kernel, show('sys_indirect'));
  const [totals, ms] = timed(() => walk.run(Buffer.from(root)));
  const [totalsByLstatSync, msByLstatSync] = timed(() =>
    walkBySync(Buffer.from(root), show('fs.lstatSync')),
  );
  progress.clear();
  const equal = sameTotals(totals, totalsByLstatSync);
  const { blocked } = walk;
  return { directory: root, totals, totalsByLstatSync, equal, blocked, ms, msByLstatSync };
}

function timed<T>(run: () => T): [T, number] {
  const start = performance.now();
  const result = run();
  return [result, Math.round(performance.now() - start)];
}
