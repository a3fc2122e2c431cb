import type { ThreadTime, ThreadTimes } from './thread-time.ts';

/** Who has looked so often, or for so long, and changed nothing will not change it at the next look. */
const LOOKS = 100;
const LOOKS_MS = 200;

/**
 * Whether every thread of the process has had its turns since `first` and nothing has come of it: each
 * sleeps until another wakes it, or has run again and again. Not where one is in a call that may yet
 * end by itself, such as a sleep, a read or a wait with a long limit, nor where one got no processor.
 *
 * @param acting the threads that keep the others waiting: these may not be in their event loop.
 */
export function haveAllLooked(
  first: ThreadTimes,
  now: ThreadTimes,
  acting: ReadonlySet<number>,
): boolean {
  return [...now].every(
    ([tid, time]) =>
      time.isParked ||
      hasLooked(first.get(tid), time) ||
      (time.isAtEvents && !time.isTask && !acting.has(tid)),
  );
}

function hasLooked(first: ThreadTime | undefined, { turns, ranMs }: ThreadTime): boolean {
  if (!first) return false;
  return turns - first.turns >= LOOKS || ranMs - first.ranMs >= LOOKS_MS;
}
