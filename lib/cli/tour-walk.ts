import { lstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { Loop } from '../loop/index.ts';
import {
  SysletWalk,
  sameTotals,
  type Totals,
  type WalkObserver,
  walkBySync,
} from '../walk/index.ts';
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
export function walkTwice(directory: string): WalkFacts {
  const root = resolve(directory);
  const path = Buffer.from(root);
  lstatSync(root);
  const observer = (by: string) => ({
    progress: (entries: number) => progress.show(() => `${root}: ${entries} entries by ${by}`),
  });
  const progress = new Progress();
  const [{ totals, calls }, ms] = timed(() => walkByLoop(path, observer('sys_indirect')));
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

function walkByLoop(path: Uint8Array, observer: WalkObserver) {
  const loop = Loop.unpolled();
  try {
    return new SysletWalk(loop, observer).run(path);
  } finally {
    loop.close();
  }
}

function timed<T>(run: () => T): [T, number] {
  const start = performance.now();
  const result = run();
  return [result, Math.round(performance.now() - start)];
}
