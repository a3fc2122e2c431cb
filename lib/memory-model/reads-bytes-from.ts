import type { CandidateExecution } from './candidate-execution.ts';
import { hasByte, type MemoryEvent } from './event.ts';

/**
 * 29.6.2 reads-bytes-from: whether each byte of a read comes from a write that has it in its range,
 * and none from the event itself.
 */
export function isReadsBytesFrom({ events, readsBytesFrom }: CandidateExecution): boolean {
  return events.every((event, read) => {
    const writers = readsBytesFrom[read];
    if (writers === undefined) return true;
    if (!event.reads || writers.length !== event.size) return false;
    return Array.from(writers).every((writer, index) => {
      const write = events[writer] as MemoryEvent;
      return writer !== read && write.writes && hasByte(write, event.address + index);
    });
  });
}
