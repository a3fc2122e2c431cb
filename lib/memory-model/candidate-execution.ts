import type { MemoryEvent } from './event.ts';

/** Two events, the earlier one first. */
export type Pair = readonly [number, number];

/**
 * A candidate execution (ECMA-262, 29.5). Events are known by their places in `events`: init events
 * first, then those of each agent in its order. A search that has not chosen yet what a read reads
 * from leaves that undefined, and the axioms pass over it: each of them only gets stricter with more.
 */
export interface CandidateExecution {
  readonly events: readonly MemoryEvent[];
  /** Synchronize events are not kept: what they order stands here as pairs of their neighbours. */
  readonly agentSynchronizesWith: readonly Pair[];
  readonly hostSynchronizesWith: readonly Pair[];
  /** For each event that reads, the event that wrote each of its bytes. */
  readonly readsBytesFrom: readonly (ArrayLike<number> | undefined)[];
}
