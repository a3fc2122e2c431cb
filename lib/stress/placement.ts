import { availableParallelism } from 'node:os';
import type { Placement } from '../report/result.ts';

/** Where one thread of a round runs. */
export interface Place {
  /** Processors that it may use; none: they cannot be told. */
  readonly cpus: readonly number[];
  /** More threads than processors on which they run at the same time. */
  readonly isCrowded: boolean;
}

/** `allowed` are the processors of this process, undefined where that cannot be known. */
export function placeOf(
  placement: Placement,
  { thread, threads }: { readonly thread: number; readonly threads: number },
  seed: number,
  allowed: readonly number[] | undefined,
): Place {
  const available = allowed?.length ?? availableParallelism();
  // without pinning nothing keeps threads together
  const together = placement === 'one' && allowed ? 1 : available;
  return { cpus: cpusOf(placement, thread, seed, allowed), isCrowded: threads > together };
}

function cpusOf(
  placement: Placement,
  thread: number,
  seed: number,
  allowed: readonly number[] | undefined,
): readonly number[] {
  if (!allowed || placement === 'free') return allowed ?? [];
  const turn = placement === 'one' ? seed : seed + thread;
  return [allowed[turn % allowed.length] as number];
}
