import type { CandidateExecution } from './candidate-execution.ts';
import { equalRanges, type MemoryEvent, Order } from './event.ts';
import { hostSynchronizesWith } from './host-synchronizes-with.ts';
import { readsFrom } from './reads-from.ts';
import { Relation } from './relation.ts';

/**
 * 29.6.5 synchronizes-with: a seq-cst write with the seq-cst reads of equal range that read from it;
 * what critical sections order (AgentSynchronizesWith), and what the host orders.
 */
export function synchronizesWith(execution: CandidateExecution): Relation {
  const { events } = execution;
  const relation = new Relation(events.length);
  for (const [read, event] of events.entries()) {
    if (event.order !== Order.seqCst || !event.reads) continue;
    for (const write of readsFrom(execution, read)) {
      const { order } = events[write] as MemoryEvent;
      if (order === Order.seqCst && equalRanges(events[write] as MemoryEvent, event)) {
        relation.add(write, read);
      }
    }
  }
  for (const [earlier, later] of execution.agentSynchronizesWith) relation.add(earlier, later);
  for (const [earlier, later] of hostSynchronizesWith(execution)) relation.add(earlier, later);
  return relation;
}
