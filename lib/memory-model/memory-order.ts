import type { CandidateExecution } from './candidate-execution.ts';
import { equalRanges, type MemoryEvent, Order } from './event.ts';
import { readsFrom } from './reads-from.ts';
import type { Relation } from './relation.ts';

export interface Orders {
  readonly happensBefore: Relation;
  readonly synchronizesWith: Relation;
}

/** In memory-order `between` must not come after `write` and before `read`. */
interface Apart {
  readonly write: number;
  readonly between: number;
  readonly read: number;
}

/**
 * 29.7.4 Sequentially Consistent Atomics: whether a memory-order exists. It is a total order of all
 * events that has happens-before in it, and keeps seq-cst writes of equal range from coming between
 * a read and what it reads from. What must be is followed up first; only then one of two is tried.
 */
export function hasMemoryOrder(execution: CandidateExecution, relations: Orders): boolean {
  return canOrder(relations.happensBefore.copy(), apartIn(execution, relations));
}

function apartIn(execution: CandidateExecution, relations: Orders): Apart[] {
  const { events } = execution;
  const apart: Apart[] = [];
  for (let read = 0; read < events.length; read++) {
    for (const write of readsFrom(execution, read)) {
      for (const between of keptApart(events, relations, write, read)) {
        apart.push({ write, between, read });
      }
    }
  }
  return apart;
}

/** Writes that must not come between a read and a write that it reads from. */
export function keptApart(
  events: readonly MemoryEvent[],
  relations: Orders,
  write: number,
  read: number,
): readonly number[] {
  const found: number[] = [];
  for (let between = 0; between < events.length; between++) {
    const { writes, order } = events[between] as MemoryEvent;
    if (!writes || order !== Order.seqCst || between === write || between === read) continue;
    if (mustBeApart(events, relations, { write, between, read })) found.push(between);
  }
  return found;
}

/** The three conditions of 29.7.4. */
function mustBeApart(
  events: readonly MemoryEvent[],
  { happensBefore, synchronizesWith }: Orders,
  { write, between, read }: Apart,
): boolean {
  const [w, v, r] = [events[write], events[between], events[read]] as [
    MemoryEvent,
    MemoryEvent,
    MemoryEvent,
  ];
  if (synchronizesWith.has(write, read) && equalRanges(v, r)) return true;
  if (!happensBefore.has(write, read)) return false;
  const isLast = happensBefore.has(between, read) && w.order === Order.seqCst && equalRanges(w, v);
  return (
    isLast || (happensBefore.has(write, between) && r.order === Order.seqCst && equalRanges(v, r))
  );
}

/** Whether a transitive order can be completed so that all of `apart` are. */
function canOrder(order: Relation, apart: readonly Apart[]): boolean {
  if (!followUp(order, apart)) return false;
  const open = apart.find(
    ({ write, between, read }) => !order.has(between, write) && !order.has(read, between),
  );
  if (open === undefined) return true;
  const before = order.copy();
  before.addTransitive(open.between, open.write);
  if (canOrder(before, apart)) return true;
  order.addTransitive(open.read, open.between);
  return canOrder(order, apart);
}

/** Adds what has no other way; false where that makes a circle. */
function followUp(order: Relation, apart: readonly Apart[]): boolean {
  for (let isNew = true; isNew; ) {
    isNew = false;
    for (const { write, between, read } of apart) {
      if (order.has(write, between) && !order.has(read, between)) {
        order.addTransitive(read, between);
        isNew = true;
      }
      if (order.has(between, read) && !order.has(between, write)) {
        order.addTransitive(between, write);
        isNew = true;
      }
    }
  }
  return order.isIrreflexive();
}
