import { Kind } from './access.ts';
import { type Candidate, moved, pairs } from './cause-candidate.ts';
import type { Execution, Operation } from './execution.ts';
import { overlaps } from './explain.ts';
import type { Program } from './program.ts';

/** A notify found nobody, and its waiter fell asleep after it: let it come after the wait. */
export function lostWakeUps({ actors }: Program, { operations }: Execution): Candidate[] {
  return pairs(
    operations,
    (notify, wait) =>
      isNotify(notify) && notify.lo === 0 && wait.isAsleep && overlaps(notify, wait),
  ).map(([notify, wait]) => {
    const [first, sleeper] = [operations[notify] as Operation, operations[wait] as Operation];
    const order = moved(operations, notify, wait);
    const again = order.indexOf(first);
    return {
      kind: 'lost wake-up',
      sentence: `lost wake-up: ${actors[first.actor]} notifies in step ${notify + 1}, before ${actors[sleeper.actor]} sleeps in step ${wait + 1}; if the wait comes first, it ends well`,
      order,
      exactly: again + 1,
      isRepaired: (repaired) => hasWoken(repaired, again, sleeper),
    };
  });
}

/** A notify woke one that sleeps again, and another sleeps on: let the first not be asleep yet. */
export function wakeUpsOfOthers({ actors }: Program, { operations }: Execution): Candidate[] {
  return wakes(operations).flatMap(({ notify, wait }) => {
    const sleeper = operations[wait] as Operation;
    const asleep = operations.findIndex(
      (one, at) =>
        at > notify && one.actor === sleeper.actor && one.isAsleep && overlaps(one, sleeper),
    );
    const other = operations.find(
      (one, at) =>
        at < notify &&
        one.isAsleep &&
        one.actor !== sleeper.actor &&
        overlaps(one, sleeper) &&
        !operations.some((later, index) => index > at && later.actor === one.actor),
    );
    if (asleep < 0 || !other) return [];
    const [first, second] = [actors[sleeper.actor], actors[other.actor]];
    const order = moved(operations, wait, notify);
    const again = order.indexOf(operations[notify] as Operation);
    return [
      {
        kind: 'lost wake-up',
        sentence: `lost wake-up: the notify of step ${notify + 1} wakes ${first}, which sleeps again in step ${asleep + 1}, and not ${second}, which sleeps on; if ${first} is not asleep when the notify comes, it ends well`,
        order,
        exactly: again + 1,
        isRepaired: (repaired) => hasWoken(repaired, again, other),
      },
    ];
  });
}

/** A waiter went on because of a notify that was not about its reason: without it all is well. */
export function missingRechecks(
  { trees, actors }: Program,
  { operations }: Execution,
): Candidate[] {
  const siteOf = ({ node }: Operation) => trees.site(node);
  return wakes(operations).flatMap(({ notify, wait }) => {
    const { actor } = operations[wait] as Operation;
    const next = operations.find((one, at) => at > notify && one.actor === actor);
    const before = operations.slice(0, wait + 1).filter((one) => one.actor === actor);
    // a loop looks again where it has looked before
    if (next && before.some((one) => siteOf(one) === siteOf(next))) return [];
    // one that looks may still not ask whether it may go on
    const isBlind = !next || !overlaps(next, operations[wait] as Operation);
    const blind = isBlind ? ', and does not look again at what it waits for' : '';
    const by = (operations[notify] as Operation).actor;
    return [
      {
        kind: 'missing re-check',
        sentence: `missing re-check: ${actors[actor]} goes on since ${actors[by]} notified in step ${notify + 1}${blind}; if that notify comes before the wait, it ends well`,
        order: moved(operations, wait, notify),
        exactly: notify + 1,
      },
    ];
  });
}

/** Each notify that woke an actor, and the wait in which that slept. */
function wakes(operations: readonly Operation[]): { notify: number; wait: number }[] {
  return operations.flatMap((one, notify) => {
    if (!isNotify(one)) return [];
    return one.woken.flatMap((actor) => {
      const wait = operations.findLastIndex((other, at) => at < notify && other.actor === actor);
      return operations[wait]?.isAsleep ? [{ notify, wait }] : [];
    });
  });
}

function hasWoken({ operations }: Execution, notify: number, { actor }: Operation): boolean {
  return operations[notify]?.woken.includes(actor) ?? false;
}

function isNotify({ kind, access }: Operation): boolean {
  return kind === 'access' && access.kind === Kind.notify;
}
