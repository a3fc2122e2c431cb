import type { Slot } from './slot.ts';

/** How a hint's call asks. */
export type Question = 'variant' | 'ready' | 'ends at once';

/**
 * How to find out, without blocking, whether a call that is expected to block would.
 *
 * `prepare` fills a spare slot with a call that asks, and says which kind it is. `ready`: it says 1
 * if the call itself would not block, and 0 if it would. `variant`: it does what the call does, or
 * says EAGAIN. `ends at once`: there is nothing to ask, since these arguments never block.
 *
 * Asking must not change what the program gets. So a variant is for calls whose every successful
 * result that is as long as was asked for is the same in both; all others are made again by the
 * call itself. MSG_DONTWAIT is no variant of a receive: with it MSG_WAITALL and SO_RCVLOWAT give a
 * part, which is gone from the socket then.
 */
export interface Hint {
  /** The column of docs/posix.md. */
  readonly name: string;
  prepare(slot: Slot, spare: Slot): Question;
}

/** What a variant says where the descriptor or the kernel does not know it. */
const EINVAL = -22;
const ESPIPE = -29;
const ENOSYS = -38;
const EOPNOTSUPP = -95;
export const NO_VARIANT: readonly number[] = [EINVAL, ESPIPE, ENOSYS, EOPNOTSUPP];
