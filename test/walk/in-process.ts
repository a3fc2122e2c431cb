import { Loop } from '../../lib/loop/index.ts';
import {
  SysletWalk,
  type SysletWalkOptions,
  type WalkFailure,
  type WalkObserver,
} from '../../lib/walk/index.ts';

/** Walks on a loop of its own: totals, calls, failures, and paths as strings of bytes. */
export function walkHere(root: Buffer, options: SysletWalkOptions = {}, more: WalkObserver = {}) {
  const failures: WalkFailure[] = [];
  const paths: string[] = [];
  const loop = Loop.start();
  const observer: WalkObserver = {
    failure: (failure) => failures.push(failure),
    entry: (prefix, memory, start, end) => {
      const name = Buffer.from(memory.subarray(start, end)).toString('latin1');
      paths.push(Buffer.from(prefix).toString('latin1') + name);
    },
    ...more,
  };
  try {
    return { ...new SysletWalk(loop, observer, options).run(root), failures, paths };
  } finally {
    loop.close();
  }
}
