import { Kind, Op } from './access.ts';
import { type Candidate, isLoad, together } from './cause-candidate.ts';
import type { Execution, Operation } from './execution.ts';
import { overlaps } from './explain.ts';
import type { Program } from './program.ts';

/** A read and a write of one actor round the write of another: let that come before the read. */
export function lostUpdates({ actors }: Program, { operations }: Execution): Candidate[] {
  return operations.flatMap((first, read) => {
    if (!isLoad(first)) return [];
    const write = operations.findIndex(
      (one, at) =>
        at > read &&
        one.actor === first.actor &&
        one.kind === 'access' &&
        one.hasWritten &&
        overlaps(one, first),
    );
    const between = operations.findIndex(
      (one, at) =>
        at > read &&
        at < write &&
        one.actor !== first.actor &&
        one.hasWritten &&
        overlaps(one, first),
    );
    if (write < 0 || between < 0) return [];
    const [who, other] = [actors[first.actor], actors[(operations[between] as Operation).actor]];
    const isBack = isCompareExchange(operations[write] as Operation);
    if (isBack && !isChangedAndBack(operations, read, write)) return [];
    const sentence = isBack
      ? `ABA: ${who} reads in step ${read + 1}, and its compareExchange in step ${write + 1} finds what it expects, though ${other} has written in between, in step ${between + 1}`
      : `lost update: ${who} reads in step ${read + 1} and writes in step ${write + 1}, and ${other} writes in between, in step ${between + 1}`;
    return [
      {
        kind: isBack ? 'ABA' : 'lost update',
        sentence: `${sentence}; if the read and the write are not parted, it ends well`,
        ...together(operations, read, write),
      },
    ];
  });
}

function isCompareExchange({ access }: Operation): boolean {
  return access.kind === Kind.modify && access.op === Op.compareExchange;
}

/** A compareExchange finds what was read, and another actor's write between has found it otherwise. */
function isChangedAndBack(operations: readonly Operation[], read: number, write: number): boolean {
  const [first, last] = [operations[read] as Operation, operations[write] as Operation];
  const isOther = ({ lo, hi }: { lo: number; hi: number }) => lo !== first.lo || hi !== first.hi;
  if (isOther(last)) return false;
  return operations.slice(read, write).some((one) => {
    if (one.actor === first.actor || !one.hasWritten || !overlaps(one, first)) return false;
    return isOther(one.access.kind === Kind.store ? one.access : one);
  });
}

/** Two reads of one actor round the write of another: let them not be parted. */
export function tornReads({ actors }: Program, { operations }: Execution): Candidate[] {
  return spans(operations, isLoad, ({ hasWritten }) => hasWritten).map((span) => {
    const { from, between, to } = span;
    const [first, write] = [operations[from] as Operation, operations[between] as Operation];
    const kind = overlaps(write, first) ? 'read of the round before' : 'torn read';
    return {
      kind,
      sentence: `${kind}: ${actors[first.actor]} reads in steps ${from + 1} to ${to + 1}, and ${actors[write.actor]} writes in between, in step ${between + 1}; if the reads are not parted, it ends well`,
      ...together(operations, from, to),
    };
  });
}

/** Two writes of one actor round the read of another: let them not be parted. */
export function partedWrites({ actors }: Program, { operations }: Execution): Candidate[] {
  const isWrite = ({ kind, hasWritten }: Operation) => kind === 'access' && hasWritten;
  return spans(operations, isWrite, isLoad).map(({ from, between, to }) => {
    const [first, read] = [operations[from] as Operation, operations[between] as Operation];
    return {
      kind: 'torn read',
      sentence: `torn read: ${actors[first.actor]} writes in steps ${from + 1} to ${to + 1}, and ${actors[read.actor]} reads in between, in step ${between + 1}; if the writes are not parted, it ends well`,
      ...together(operations, from, to),
    };
  });
}

interface Span {
  readonly from: number;
  readonly between: number;
  readonly to: number;
}

/**
 * Two operations of one actor round one of another that touches what they do: from each to the next
 * behind that, and to the actor's last. Short ones come first, since they repair the least.
 */
function spans(
  operations: readonly Operation[],
  isOwn: (one: Operation) => boolean,
  isOther: (one: Operation) => boolean,
): readonly Span[] {
  const found = operations.flatMap((first, from) => {
    if (!isOwn(first)) return [];
    const own = operations.flatMap((one, at) =>
      at > from && one.actor === first.actor && isOwn(one) ? [at] : [],
    );
    const other = operations.findIndex(
      (one, at) => at > from && one.actor !== first.actor && isOther(one),
    );
    const ends = [own.find((at) => at > other), own.at(-1)];
    return [...new Set(ends)].flatMap((to) => spanTo(operations, from, to ?? -1, isOther));
  });
  return found.sort((a, b) => a.to - a.from - (b.to - b.from));
}

function spanTo(
  operations: readonly Operation[],
  from: number,
  to: number,
  isOther: (one: Operation) => boolean,
): Span[] {
  const { actor } = operations[from] as Operation;
  const inside = operations.slice(from, to + 1);
  const own = inside.filter((one) => one.actor === actor);
  const between = inside.findIndex(
    (one) => one.actor !== actor && isOther(one) && own.some((mine) => overlaps(mine, one)),
  );
  return between < 0 ? [] : [{ from, between: from + between, to }];
}
