/** What became of the calls of one thread. */
export interface LoopCounters {
  /** Calls that ran on the calling thread and did not block. */
  readonly inlineHits: number;
  /** Calls that ran on the calling thread, blocked, and were handed over. */
  readonly handOffs: number;
  /** Calls that were sent to a waiting task, since they were expected to block. */
  readonly dispatches: number;
  /** Calls expected to block that a non-blocking variant answered at once. */
  readonly nowaitHits: number;
  /** Mispredictions: expected not to block, and did. */
  readonly inlineBlocked: number;
  /** Of the dispatches and probes that were observed: expected to block, and did not. */
  readonly dispatchReturned: number;
  /** Dispatches of which it was observed whether they slept. */
  readonly dispatchesObserved: number;
  /** Calls that were expected to block and were run inline to see whether they still do. */
  readonly probes: number;
  /** Calls that waited for others to end, since as many as there may be were in flight. */
  readonly queued: number;
  /** Times that the event loop was woken by completions. */
  readonly wakeUps: number;
  /** Calls in flight and in the queue now. */
  readonly inFlight: number;
  readonly waiting: number;
}

/** The counters that only grow. */
export type Tally = {
  -readonly [K in Exclude<keyof LoopCounters, 'inFlight' | 'waiting'>]: number;
};

export function newTally(): Tally {
  return {
    inlineHits: 0,
    handOffs: 0,
    dispatches: 0,
    nowaitHits: 0,
    inlineBlocked: 0,
    dispatchReturned: 0,
    dispatchesObserved: 0,
    probes: 0,
    queued: 0,
    wakeUps: 0,
  };
}
