import { NR } from '../kernel/index.ts';

/** What a call does to descriptors: nothing, or one of these. */
export const CLOSES = 1;
export const CLOSES_RANGE = 2;
/** Its second argument names what the first one does, from then on. */
export const REPLACES = 3;
/** Its result is a descriptor that is new. */
export const GIVES = 4;

const effects = new Uint8Array(1024);
const numbers: Readonly<Record<string, number | undefined>> = NR;
const set = (effect: number, names: readonly string[]): void => {
  for (const name of names) {
    const nr = numbers[name];
    if (nr !== undefined) effects[nr] = effect;
  }
};
set(CLOSES, ['close']);
set(CLOSES_RANGE, ['close_range']);
set(REPLACES, ['dup2', 'dup3']);
set(GIVES, ['open', 'openat', 'openat2', 'creat', 'accept', 'accept4', 'socket', 'dup']);
set(GIVES, ['eventfd', 'eventfd2', 'timerfd_create', 'signalfd', 'signalfd4', 'inotify_init1']);
set(GIVES, ['epoll_create', 'epoll_create1', 'memfd_create', 'pidfd_open', 'userfaultfd']);

export function effectOf(nr: number): number {
  return effects[nr] as number;
}
