import type { CandidateExecution } from './candidate-execution.ts';
import { byteOf, type MemoryEvent, writtenByte } from './event.ts';

/** 29.7.1 Valid Chosen Reads: a read has the value that was written where it reads from. */
export function hasValidChosenReads({ events, readsBytesFrom }: CandidateExecution): boolean {
  for (const [read, event] of events.entries()) {
    const writers = readsBytesFrom[read];
    if (writers === undefined) continue;
    for (let index = 0; index < writers.length; index++) {
      const write = events[writers[index] as number] as MemoryEvent;
      const chosen = byteOf(event.readLo, event.readHi, index);
      if (writtenByte(write, event.address + index) !== chosen) return false;
    }
  }
  return true;
}
