import { agentOrder } from './agent-order.ts';
import type { CandidateExecution } from './candidate-execution.ts';
import { hasCoherentReads } from './coherent-reads.ts';
import { happensBefore } from './happens-before.ts';
import { hasMemoryOrder } from './memory-order.ts';
import { isReadsBytesFrom } from './reads-bytes-from.ts';
import type { Relation } from './relation.ts';
import { synchronizesWith } from './synchronizes-with.ts';
import { hasTearFreeReads } from './tear-free-reads.ts';
import { hasValidChosenReads } from './valid-chosen-reads.ts';

/** 29.7.5 Valid Executions: all axioms together. */
export function isValidExecution(execution: CandidateExecution): boolean {
  return (
    isReadsBytesFrom(execution) &&
    hasValidChosenReads(execution) &&
    isOrdered(execution, agentOrder(execution))
  );
}

/**
 * The axioms about order, where reads-bytes-from fits by the way it was chosen. `agentOrder` does not
 * depend on what is read, so a search makes it once.
 */
export function isOrdered(execution: CandidateExecution, inAgents: Relation): boolean {
  const withOthers = synchronizesWith(execution);
  const before = happensBefore(execution, inAgents, withOthers);
  return (
    before.isIrreflexive() &&
    hasTearFreeReads(execution) &&
    hasCoherentReads(execution, before) &&
    hasMemoryOrder(execution, { happensBefore: before, synchronizesWith: withOthers })
  );
}
