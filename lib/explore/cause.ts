import { Kind } from './access.ts';
import { type Execution, execute, follow, type Operation } from './execution.ts';
import { overlaps, writes } from './explain.ts';
import type { End, Program } from './program.ts';

/** What kind of mistake it is, proved by an execution in which that one thing is repaired. */
export interface Cause {
  readonly kind: string;
  readonly sentence: string;
}

interface Candidate extends Cause {
  readonly steps: readonly number[];
}

/**
 * Tries the kinds of mistakes that this execution may have. A kind is named only if the execution
 * ends well once that one thing is another: the notify comes later, the store earlier, and so on.
 */
export function causeOf(
  program: Program,
  execution: Execution,
  isBad: (end: End) => boolean,
): Cause | undefined {
  for (const candidate of candidates(program, execution)) {
    const repaired = execute(
      program,
      execution.machines,
      follow(candidate.steps, (_, possible) => possible[0]),
    );
    if (repaired.end && !isBad(repaired.end)) {
      return { kind: candidate.kind, sentence: candidate.sentence };
    }
  }
  return undefined;
}

function candidates(program: Program, execution: Execution): Candidate[] {
  return [
    ...storeBuffers(program, execution),
    ...lostWakeUps(program, execution),
    ...missingRechecks(program, execution),
    ...lostUpdates(program, execution),
    ...tornReads(program, execution),
    ...partedWrites(program, execution),
  ];
}

/** All stores leave their buffers at once. */
function storeBuffers({ actors }: Program, { machines, operations }: Execution): Candidate[] {
  if (machines !== 'tso') return [];
  const accesses = operations.flatMap((one, at) =>
    one.kind === 'flush' ? [] : [one.step, ...flushOf(operations, one, at)],
  );
  const delayed = operations.findIndex((one, at) => {
    const [flush] = flushOf(operations, one, at);
    return flush !== undefined && operations[at + 1]?.step !== flush;
  });
  if (delayed < 0) return [];
  const who = actors[(operations[delayed] as Operation).actor];
  return [
    {
      kind: 'store buffer',
      sentence: `store buffer: the store of step ${delayed + 1} is still in the buffer of ${who} when others read; if each store can be seen at once, the same order of steps ends well`,
      steps: accesses,
    },
  ];
}

function flushOf(operations: readonly Operation[], store: Operation, at: number): number[] {
  if (store.kind !== 'access' || store.access.kind !== Kind.store) return [];
  const flush = operations.findIndex(
    (one, index) =>
      index > at && one.kind === 'flush' && one.actor === store.actor && one.node === store.node,
  );
  return flush < 0 ? [] : [(operations[flush] as Operation).step];
}

/** A notify found nobody, and its waiter fell asleep after it: let it come after the wait. */
function lostWakeUps({ actors }: Program, { operations }: Execution): Candidate[] {
  return pairs(
    operations,
    (notify, wait) =>
      isNotify(notify) && notify.lo === 0 && wait.isAsleep && overlaps(notify, wait),
  ).map(([notify, wait]) => ({
    kind: 'lost wake-up',
    sentence: `lost wake-up: ${actors[operations[notify]?.actor ?? 0]} notifies in step ${notify + 1}, before ${actors[operations[wait]?.actor ?? 0]} sleeps in step ${wait + 1}; if the wait comes first, it ends well`,
    steps: moved(operations, notify, wait),
  }));
}

/** A waiter went on because of a notify that was not about its reason: without it all is well. */
function missingRechecks({ actors }: Program, { operations }: Execution): Candidate[] {
  return operations.flatMap((notify, at) => {
    if (!isNotify(notify) || notify.woken.length === 0) return [];
    const who = actors[notify.woken[0] ?? 0];
    return [
      {
        kind: 'missing re-check',
        sentence: `missing re-check: ${who} goes on since ${actors[notify.actor]} notified in step ${at + 1}, and does not look again at what it waits for; if that notify comes before the wait, it ends well`,
        steps: [
          notify.step,
          ...operations.filter((_, index) => index !== at).map(({ step }) => step),
        ],
      },
    ];
  });
}

/** A read and a write of one actor round the write of another: let that come before the read. */
function lostUpdates({ actors }: Program, { operations }: Execution): Candidate[] {
  const found: Candidate[] = [];
  for (const [read, first] of operations.entries()) {
    if (first.kind !== 'access' || first.access.kind !== Kind.load) continue;
    const write = operations.findIndex(
      (one, at) =>
        at > read &&
        one.actor === first.actor &&
        one.kind === 'access' &&
        writes(one) &&
        overlaps(one, first),
    );
    const between = operations.findIndex(
      (one, at) =>
        at > read && at < write && one.actor !== first.actor && writes(one) && overlaps(one, first),
    );
    if (write < 0 || between < 0) continue;
    found.push({
      kind: 'lost update',
      sentence: `lost update: ${actors[first.actor]} reads in step ${read + 1} and writes in step ${write + 1}, and ${actors[(operations[between] as Operation).actor]} writes in between, in step ${between + 1}; if the read and the write are not parted, it ends well`,
      steps: together(operations, read, write, first.actor),
    });
  }
  return found;
}

/** Two reads of one actor round the write of another: let them not be parted. */
function tornReads({ actors }: Program, { operations }: Execution): Candidate[] {
  const found: Candidate[] = [];
  for (const [at, first] of operations.entries()) {
    if (!isLoad(first)) continue;
    const later = operations.findLastIndex(
      (one, index) => index > at && one.actor === first.actor && isLoad(one),
    );
    const between = operations.findIndex(
      (one, index) => index > at && index < later && one.actor !== first.actor && writes(one),
    );
    if (later < 0 || between < 0) continue;
    const write = operations[between] as Operation;
    const isSame = overlaps(write, first);
    const kind = isSame ? 'read of the round before' : 'torn read';
    found.push({
      kind,
      sentence: `${kind}: ${actors[first.actor]} reads in steps ${at + 1} to ${later + 1}, and ${actors[write.actor]} writes in between, in step ${between + 1}; if the reads are not parted, it ends well`,
      steps: together(operations, at, later, first.actor),
    });
  }
  return found;
}

/** Two writes of one actor round the read of another: let them not be parted. */
function partedWrites({ actors }: Program, { operations }: Execution): Candidate[] {
  const found: Candidate[] = [];
  for (const [at, first] of operations.entries()) {
    if (first.kind !== 'access' || !writes(first)) continue;
    const later = operations.findLastIndex(
      (one, index) =>
        index > at && one.actor === first.actor && one.kind === 'access' && writes(one),
    );
    const between = operations.findIndex(
      (one, index) => index > at && index < later && one.actor !== first.actor && isLoad(one),
    );
    if (later < 0 || between < 0) continue;
    const reader = actors[(operations[between] as Operation).actor];
    found.push({
      kind: 'torn read',
      sentence: `torn read: ${actors[first.actor]} writes in steps ${at + 1} to ${later + 1}, and ${reader} reads in between, in step ${between + 1}; if the writes are not parted, it ends well`,
      steps: together(operations, at, later, first.actor),
    });
  }
  return found;
}

/** No read-modify-write: one that takes a lock, for instance, is torn by nobody. */
function isLoad({ kind, access }: Operation): boolean {
  return kind === 'access' && access.kind === Kind.load;
}

function isNotify({ kind, access }: Operation): boolean {
  return kind === 'access' && access.kind === Kind.notify;
}

/** Pairs of an earlier and a later operation of different actors. */
function pairs(
  operations: readonly Operation[],
  fits: (earlier: Operation, later: Operation) => boolean,
): [number, number][] {
  return operations.flatMap((earlier, at) =>
    operations.flatMap((later, index): [number, number][] =>
      index > at && earlier.actor !== later.actor && fits(earlier, later) ? [[at, index]] : [],
    ),
  );
}

/** Step `from`, and all later ones of its actor, behind step `to`. */
function moved(operations: readonly Operation[], from: number, to: number): number[] {
  const { actor } = operations[from] as Operation;
  const isMoved = (one: Operation, at: number) => at >= from && at <= to && one.actor === actor;
  const stay = operations.filter((one, at) => at <= to && !isMoved(one, at));
  const go = operations.filter((one, at) => isMoved(one, at));
  return [...stay, ...go, ...operations.slice(to + 1)].map(({ step }) => step);
}

/** The actor's steps from one to the other side by side, where the first of them was. */
function together(
  operations: readonly Operation[],
  from: number,
  to: number,
  actor: number,
): number[] {
  const inside = operations.slice(from, to + 1);
  const own = inside.filter((one) => one.actor === actor);
  const others = inside.filter((one) => one.actor !== actor);
  return [...operations.slice(0, from), ...own, ...others, ...operations.slice(to + 1)].map(
    ({ step }) => step,
  );
}
