import type { CandidateExecution } from './candidate-execution.ts';
import { Order, overlappingRanges } from './event.ts';
import { Relation } from './relation.ts';

/**
 * 29.6.6 happens-before: agent-order and synchronizes-with, init events before all that overlap
 * them, and what follows. An init event has no order with itself or with another init event,
 * though the text by its letter orders any two that overlap.
 */
export function happensBefore(
  { events }: Pick<CandidateExecution, 'events'>,
  agentOrder: Relation,
  synchronizesWith: Relation,
): Relation {
  const relation = new Relation(events.length);
  for (const [earlier, event] of events.entries()) {
    for (const [later, other] of events.entries()) {
      const isInit =
        event.order === Order.init && other.order !== Order.init && overlappingRanges(event, other);
      if (isInit || agentOrder.has(earlier, later) || synchronizesWith.has(earlier, later)) {
        relation.addTransitive(earlier, later);
      }
    }
  }
  return relation;
}
