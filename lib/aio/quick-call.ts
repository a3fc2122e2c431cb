import type { Loop } from '../loop/index.ts';

/** Of a loop, the part that waits for answers. */
export type Asked = Pick<Loop, 'waited'>;

/**
 * Makes a call that answers a question and does not sleep (fcntl, statx of what is cached, sending
 * a signal), and gives its result or -errno. Should it block all the same, it is waited for.
 * Memory behind an address among the arguments is the caller's to keep.
 */
export function quickCall(loop: Asked, nr: number, ...args: readonly number[]): number {
  const slot = loop.waited.take().begin(nr);
  args.forEach((value, index) => {
    slot.setNumber(index, value);
  });
  const result = loop.waited.run(slot);
  loop.waited.give(slot);
  return result;
}
