import { equalRanges, type MemoryEvent, Order, overlappingRanges } from './event.ts';

/**
 * 29.9 Data Races, of two events that neither happens before: they overlap, one of them writes, and
 * they are not both seq-cst on one range. The text asks that the pairs of both orders be missing;
 * that is read as "neither", since no two events are ever ordered both ways.
 */
export function conflict(
  a: Pick<MemoryEvent, 'order' | 'address' | 'size' | 'writes'>,
  b: Pick<MemoryEvent, 'order' | 'address' | 'size' | 'writes'>,
): boolean {
  if (!a.writes && !b.writes) return false;
  if (!overlappingRanges(a, b)) return false;
  return a.order !== Order.seqCst || b.order !== Order.seqCst || !equalRanges(a, b);
}
