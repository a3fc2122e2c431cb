/** What became of the calls of one thread. */
export interface LoopCounters {
  /** Calls that ran on the calling thread and did not block. */
  readonly inlineHits: number;
  /** Calls that ran on the calling thread, blocked, and were handed over. */
  readonly handOffs: number;
  /** Calls that were sent to a waiting task, since they were expected to block. */
  readonly dispatches: number;
  /** Calls that waited until their descriptor was ready, for which no thread was needed. */
  readonly readinessWaits: number;
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
  /**
   * Times that nothing had left the queue, and the tasks that are kept were given to others, or, where
   * there is no thread, those in it were looked at, and one had a moment of JavaScript's.
   */
  readonly stalls: number;
  /** Times that the event loop was woken by completions, or by descriptors that were ready. */
  readonly wakeUps: number;
  /** Now: calls in flight, calls that wait until their descriptor is ready, calls in the queue. */
  readonly inFlight: number;
  readonly awaitingReadiness: number;
  readonly waiting: number;
}

/** The counters that only grow. */
export type Tally = {
  -readonly [K in Exclude<
    keyof LoopCounters,
    'inFlight' | 'awaitingReadiness' | 'waiting'
  >]: number;
};

export function newTally(): Tally {
  return {
    inlineHits: 0,
    handOffs: 0,
    dispatches: 0,
    readinessWaits: 0,
    nowaitHits: 0,
    inlineBlocked: 0,
    dispatchReturned: 0,
    dispatchesObserved: 0,
    probes: 0,
    queued: 0,
    stalls: 0,
    wakeUps: 0,
  };
}
