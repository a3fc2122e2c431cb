import {
  byteOf,
  equalRanges,
  hasByte,
  isCoherent,
  keptApart,
  type MemoryEvent,
  Order,
  writtenByte,
} from '../../memory-model/index.ts';
import type { Synchronization } from './synchronization.ts';

/**
 * The ways in which a read may read its bytes, where happens-before is decided. A writer that asks
 * nothing of memory-order makes all others superfluous: whatever is valid with another one is valid
 * with it.
 */
export function readingsOf(
  events: readonly MemoryEvent[],
  read: number,
  found: Synchronization,
): readonly (readonly number[])[] {
  const event = events[read] as MemoryEvent;
  const lists = Array.from({ length: event.size }, (_, index) =>
    writersOf(events, read, index, found),
  );
  const synchronizer = found.writers[read] as number;
  const isWhole = (writer: number) => isWholeOf(event, events[writer] as MemoryEvent);
  const wholes = [...new Set(lists.flat().filter(isWhole))];
  // a synchronizer must be read from, or it is none
  const choices =
    synchronizer >= 0 ? wholes.filter((one) => one === synchronizer) : [-1, ...wholes];
  return choices.flatMap((whole) => {
    if (whole >= 0 && whole !== synchronizer && isSynchronizing(event, events, whole)) return [];
    const fitting = lists.map((list) => list.filter((one) => one === whole || !isWhole(one)));
    return combined(fitting.map((list) => best(list, whole, events, read, found)));
  });
}

function isWholeOf(event: MemoryEvent, other: MemoryEvent): boolean {
  return event.noTear && other.noTear && equalRanges(other, event);
}

function isSynchronizing(
  event: MemoryEvent,
  events: readonly MemoryEvent[],
  writer: number,
): boolean {
  return event.order === Order.seqCst && events[writer]?.order === Order.seqCst;
}

/** Writes that have put this byte there, where the order of events lets the read see them. */
function writersOf(
  events: readonly MemoryEvent[],
  read: number,
  index: number,
  { happensBefore }: Synchronization,
): readonly number[] {
  const event = events[read] as MemoryEvent;
  const byte = event.address + index;
  const chosen = byteOf(event.readLo, event.readHi, index);
  const list: number[] = [];
  for (const [write, other] of events.entries()) {
    if (!other.writes || !hasByte(other, byte) || write === read) continue;
    if (other.agent < 0 && !equalRanges(other, event)) continue;
    if (writtenByte(other, byte) !== chosen) continue;
    if (isCoherent(events, happensBefore, { write, read, byte })) list.push(write);
  }
  return list;
}

/** One that costs nothing if there is such a one, else all. */
function best(
  list: readonly number[],
  whole: number,
  events: readonly MemoryEvent[],
  read: number,
  found: Synchronization,
): readonly number[] {
  if (list.includes(whole) && whole === found.writers[read]) return [whole];
  const free = list.find((write) => {
    const apart = keptApart(events, found, write, read);
    return apart.every(
      (between) =>
        found.happensBefore.has(between, write) || found.happensBefore.has(read, between),
    );
  });
  return free === undefined ? list : [free];
}

function combined(lists: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return lists.reduce<readonly (readonly number[])[]>(
    (all, list) => all.flatMap((one) => list.map((writer) => [...one, writer])),
    [[]],
  );
}
