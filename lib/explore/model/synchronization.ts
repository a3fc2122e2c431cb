import {
  agentOrder,
  byteOf,
  type CandidateExecution,
  equalRanges,
  happensBefore,
  type MemoryEvent,
  Order,
  type Orders,
  synchronizesWith,
  writtenByte,
} from '../../memory-model/index.ts';

/** Happens-before, and for each seq-cst read the write that it synchronizes with; -1: none. */
export interface Synchronization extends Orders {
  readonly writers: readonly number[];
}

/**
 * Each way for seq-cst reads that have not been decided to synchronize with a write, or with none.
 * Nothing else that is read has a say in happens-before, so this decides it.
 */
export function eachSynchronization(
  execution: CandidateExecution,
  visit: (found: Synchronization) => boolean,
): boolean {
  const { events, readsBytesFrom } = execution;
  const known = synchronizesWith(execution);
  const start = {
    synchronizesWith: known,
    happensBefore: happensBefore(execution, agentOrder(execution), known),
    writers: events.map(() => -1),
  };
  const reads = events.flatMap(({ reads: isRead, order }, index) =>
    isRead && order === Order.seqCst && !readsBytesFrom[index] ? [index] : [],
  );
  const choose = (at: number, found: Synchronization): boolean => {
    const read = reads[at];
    if (read === undefined) return visit(found);
    if (choose(at + 1, found)) return true;
    return synchronizers(events, read).some((writer) => {
      // the other way round this write would happen before itself
      if (found.happensBefore.has(read, writer)) return false;
      return choose(at + 1, joined(found, writer, read));
    });
  };
  return choose(0, start);
}

function joined(found: Synchronization, writer: number, read: number): Synchronization {
  const next = {
    synchronizesWith: found.synchronizesWith.copy(),
    happensBefore: found.happensBefore.copy(),
    writers: found.writers.with(read, writer),
  };
  next.synchronizesWith.add(writer, read);
  next.happensBefore.addTransitive(writer, read);
  return next;
}

/** Seq-cst writes of a read's range, with at least one byte that it has read. */
function synchronizers(events: readonly MemoryEvent[], read: number): readonly number[] {
  const event = events[read] as MemoryEvent;
  return events.flatMap((other, writer) => {
    if (writer === read || !other.writes || other.order !== Order.seqCst) return [];
    if (!equalRanges(other, event)) return [];
    return hasSameByte(event, other) ? [writer] : [];
  });
}

function hasSameByte({ readLo, readHi, address, size }: MemoryEvent, other: MemoryEvent): boolean {
  for (let index = 0; index < size; index++) {
    if (writtenByte(other, address + index) === byteOf(readLo, readHi, index)) return true;
  }
  return false;
}
