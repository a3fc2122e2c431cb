import type { CandidateExecution, Pair } from './candidate-execution.ts';

/**
 * 29.6.4 host-synchronizes-with: what the host orders. Here that is: all agents are started after
 * setup, and the arbiter runs when all of them have ended.
 */
export function hostSynchronizesWith(
  execution: Pick<CandidateExecution, 'hostSynchronizesWith'>,
): readonly Pair[] {
  return execution.hostSynchronizesWith;
}
