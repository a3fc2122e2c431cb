import { Kind } from './access.ts';
import type { Candidate } from './cause-candidate.ts';
import type { Execution, Operation } from './execution.ts';
import { overlaps } from './explain.ts';
import type { Program } from './program.ts';

/** An actor that is stuck, and the operation by which another took what it looks at or waits for. */
interface Want {
  readonly actor: number;
  readonly taken: number;
  readonly holder: number;
}

/**
 * Actors that are stuck in a ring, each at what the next has taken by a read-modify-write: let the one
 * that took last take it only when the one that wants it is done.
 */
export function lockOrders(
  { actors }: Program,
  { operations, stuck, end }: Execution,
): Candidate[] {
  if (end?.kind !== 'deadlock' && end?.kind !== 'livelock') return [];
  const wants = stuck.flatMap((actor) => wantOf(operations, actor) ?? []);
  const ring = ringOf(wants);
  const latest = ring.toSorted((a, b) => b.taken - a.taken)[0];
  if (!latest) return [];
  const { actor, taken, holder } = latest;
  const texts = ring.map(
    (one) =>
      `${actors[one.holder]} has taken in step ${one.taken + 1} what ${actors[one.actor]} waits for`,
  );
  const isDelayed = (one: Operation, at: number) => at >= taken && one.actor === holder;
  return [
    {
      kind: 'lock order',
      sentence: `lock order: ${texts.join(', and ')}; if ${actors[holder]} takes that only when ${actors[actor]} is done, it ends well`,
      order: operations.filter((one, at) => !isDelayed(one, at)),
      exactly: taken,
      last: holder,
      isRepaired: (repaired) => {
        const resumed = repaired.operations.findIndex(isDelayed);
        return repaired.operations.findLastIndex((one) => one.actor === actor) < resumed;
      },
    },
  ];
}

/** What an actor did last, where that is a lock of another's. */
function wantOf(operations: readonly Operation[], actor: number): Want | undefined {
  const last = operations.findLast((one) => one.actor === actor);
  if (!last || last.access.kind === Kind.store || last.access.kind === Kind.notify)
    return undefined;
  const taken = operations.findLastIndex(
    (one) => one.actor !== actor && one.hasWritten && overlaps(one, last),
  );
  const by = operations[taken];
  return by?.access.kind === Kind.modify ? { actor, taken, holder: by.actor } : undefined;
}

/** Wants that lead from one actor to the next and back to the first; empty if there are none. */
function ringOf(wants: readonly Want[]): readonly Want[] {
  for (const start of wants) {
    const ring: Want[] = [];
    for (let next: Want | undefined = start; next && !ring.includes(next); ) {
      ring.push(next);
      const { holder }: Want = next;
      next = wants.find(({ actor }) => actor === holder);
      if (next === start) return ring;
    }
  }
  return [];
}
