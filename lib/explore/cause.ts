import { Kind } from './access.ts';
import { type Candidate, type Cause, isSame } from './cause-candidate.ts';
import { type Execution, execute, follow, type Operation } from './execution.ts';
import { lockOrders } from './lock-order.ts';
import { stepActor } from './machine.ts';
import { lostUpdates, partedWrites, tornReads } from './parted.ts';
import type { End, Program } from './program.ts';
import type { ScenarioProgram } from './scenario-program.ts';
import { lostWakeUps, missingRechecks, wakeUpsOfOthers } from './wake-ups.ts';

export type { Cause };

/**
 * Tries the kinds of mistakes that this execution may have. A kind is named only if the execution
 * ends well once that one thing is another: the notify comes later, the store earlier, and so on.
 */
export function causeOf(
  program: ScenarioProgram,
  execution: Execution,
  isBad: (end: End) => boolean,
): Cause | undefined {
  if (!execution.end || !isBad(execution.end)) return undefined;
  const found = candidates(program, withoutStamps(program, execution)).find((candidate) => {
    const repaired = repairedBy(program, execution, candidate);
    if (!repaired.end || isBad(repaired.end)) return false;
    const again = candidate.order.slice(0, candidate.exactly);
    if (!again.every((one, at) => isSame(one, repaired.operations[at]))) return false;
    return candidate.isRepaired?.(repaired) ?? true;
  });
  return found && { kind: found.kind, sentence: found.sentence };
}

/** The begin and the end of a call are no accesses of the user's: no mistake is in their word. */
function withoutStamps({ calls }: ScenarioProgram, execution: Execution): Execution {
  if (!calls) return execution;
  const operations = execution.operations.map((one) =>
    calls.stampText(one) === undefined
      ? one
      : { ...one, kind: 'limit' as const, hasWritten: false },
  );
  return { ...execution, operations };
}

/** Without an end where a step that has to be possible is not. */
function repairedBy(
  program: Program,
  { machines }: Execution,
  { order, exactly, last }: Candidate,
): Execution {
  const steps = order.map(({ step }) => step);
  const onMiss = (index: number, possible: readonly number[]) => {
    if (index < exactly) return undefined;
    return possible.find((step) => stepActor(step) !== last) ?? possible[0];
  };
  return execute(program, machines, follow(steps, onMiss));
}

function candidates(program: Program, execution: Execution): Candidate[] {
  return [
    ...storeBuffers(program, execution),
    ...lostWakeUps(program, execution),
    ...wakeUpsOfOthers(program, execution),
    ...missingRechecks(program, execution),
    ...lockOrders(program, execution),
    ...lostUpdates(program, execution),
    ...tornReads(program, execution),
    ...partedWrites(program, execution),
  ];
}

/** All stores leave their buffers at once. */
function storeBuffers({ actors }: Program, { machines, operations }: Execution): Candidate[] {
  if (machines !== 'tso') return [];
  const atOnce = (all: readonly Operation[]) =>
    all.flatMap((one, at) => (one.kind === 'flush' ? [] : [one, ...flushOf(operations, one, at)]));
  const delayed = operations.findIndex((one, at) => {
    const [flush] = flushOf(operations, one, at);
    return flush !== undefined && operations[at + 1] !== flush;
  });
  if (delayed < 0) return [];
  const who = actors[(operations[delayed] as Operation).actor];
  return [
    {
      kind: 'store buffer',
      sentence: `store buffer: the store of step ${delayed + 1} is still in the buffer of ${who} when others read; if each store can be seen at once, the same order of steps ends well`,
      order: atOnce(operations),
      exactly: atOnce(operations.slice(0, delayed + 1)).length,
    },
  ];
}

function flushOf(operations: readonly Operation[], store: Operation, at: number): Operation[] {
  if (store.kind !== 'access' || store.access.kind !== Kind.store) return [];
  const flush = operations.find(
    (one, index) =>
      index > at && one.kind === 'flush' && one.actor === store.actor && one.node === store.node,
  );
  return flush ? [flush] : [];
}
