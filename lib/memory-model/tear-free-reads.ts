import type { CandidateExecution } from './candidate-execution.ts';
import { equalRanges, type MemoryEvent } from './event.ts';
import { readsFrom } from './reads-from.ts';

/**
 * 29.7.3 Tear Free Reads: a read that does not tear reads from at most one of the writes of its own
 * range that do not tear. It may still mix that one with writes of other ranges.
 */
export function hasTearFreeReads(execution: CandidateExecution): boolean {
  const { events } = execution;
  return events.every((event, read) => {
    if (!event.noTear || !event.reads) return true;
    const whole = readsFrom(execution, read).filter((write) => {
      const other = events[write] as MemoryEvent;
      return other.noTear && equalRanges(other, event);
    });
    return whole.length <= 1;
  });
}
