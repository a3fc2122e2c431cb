import { availableParallelism } from 'node:os';
import type { Placement } from '../report/result.ts';
import { LOOKS } from './barrier.ts';
import { allowedCpus } from './pin.ts';

/** On one processor every look keeps the others from arriving. */
const FEW_LOOKS = 20;

export interface Placing {
  /** For each thread, the processors that it may use; none: any. */
  readonly cpus: readonly (readonly number[])[];
  readonly looks: number;
  /** The processors on which the threads run at the same time. */
  readonly available: number;
  /** Why threads run unpinned that should not; undefined where they are pinned, or need not be. */
  readonly whyUnpinned: string | undefined;
}

/** Where the threads of a trial run. */
export function placeThreads(placement: Placement, threads: number, seed: number): Placing {
  const allowed = allowedCpus();
  const available = allowed?.length ?? availableParallelism();
  const together = placement === 'one' ? 1 : available;
  const looks = threads > together ? FEW_LOOKS : LOOKS;
  const cpus = Array.from({ length: threads }, (_, thread) => {
    if (!allowed || placement === 'free') return [];
    const turn = placement === 'one' ? seed : seed + thread;
    return [allowed[turn % allowed.length] as number];
  });
  const whyUnpinned =
    allowed || placement === 'free' ? undefined : 'the addon is not available, or cannot tell them';
  return { cpus, looks, available, whyUnpinned };
}
