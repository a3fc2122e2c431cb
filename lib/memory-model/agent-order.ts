import type { CandidateExecution } from './candidate-execution.ts';
import { Relation } from './relation.ts';

/** 29.6.1 agent-order: the order in which each agent made its events. */
export function agentOrder({ events }: Pick<CandidateExecution, 'events'>): Relation {
  const order = new Relation(events.length);
  for (const [first, { agent }] of events.entries()) {
    if (agent < 0) continue;
    for (let then = first + 1; then < events.length; then++) {
      if (events[then]?.agent === agent) order.add(first, then);
    }
  }
  return order;
}
