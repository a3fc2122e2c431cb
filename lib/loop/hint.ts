import type { Slot } from './slot.ts';

/**
 * How to find out, without blocking, whether a call that is expected to block would.
 *
 * `variant`: `prepare` fills a spare slot with a call that does the same or says EAGAIN; `whole`: a
 * short result is not taken. `ready`: the spare slot's call says 1 if the call itself would not
 * block, and 0 if it would.
 */
export interface Hint {
  readonly kind: 'variant' | 'ready';
  readonly whole?: boolean;
  prepare(slot: Slot, spare: Slot): void;
}

/** What a variant says where the descriptor or the kernel does not know it. */
const EINVAL = -22;
const ESPIPE = -29;
const ENOSYS = -38;
const EOPNOTSUPP = -95;
export const NO_VARIANT: readonly number[] = [EINVAL, ESPIPE, ENOSYS, EOPNOTSUPP];
