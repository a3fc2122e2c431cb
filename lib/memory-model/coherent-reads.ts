import type { CandidateExecution } from './candidate-execution.ts';
import { hasByte } from './event.ts';
import type { Relation } from './relation.ts';

/**
 * 29.7.2 Coherent Reads: no byte is read from a write that the read happens before, nor from one
 * that is hidden by another write between the two.
 */
export function hasCoherentReads(
  { events, readsBytesFrom }: CandidateExecution,
  happensBefore: Relation,
): boolean {
  for (let read = 0; read < events.length; read++) {
    const writers = readsBytesFrom[read];
    if (writers === undefined) continue;
    const { address } = events[read] as { address: number };
    for (let index = 0; index < writers.length; index++) {
      const byteRead = { write: writers[index] as number, read, byte: address + index };
      if (!isCoherent(events, happensBefore, byteRead)) return false;
    }
  }
  return true;
}

/** Whether a read may have this byte of this write. */
export function isCoherent(
  events: CandidateExecution['events'],
  happensBefore: Relation,
  { write, read, byte }: { write: number; read: number; byte: number },
): boolean {
  if (happensBefore.has(read, write)) return false;
  for (let other = 0; other < events.length; other++) {
    if (!happensBefore.has(other, read) || !happensBefore.has(write, other)) continue;
    const event = events[other];
    if (event?.writes && hasByte(event, byte)) return false;
  }
  return true;
}
