import { EINVAL, ENOSYS, ENOTSUP, ESPIPE } from '../errors.ts';
import type { Slot } from './slot.ts';

/**
 * How a call uses a descriptor that it may wait for, by the numbers of native/addon/poll.h. The
 * call itself is made once poll says that it can go on.
 */
export const HOW = Object.freeze({ read: 1, receive: 2, accept: 3, write: 4, send: 5, rest: 6 });
export type How = (typeof HOW)[keyof typeof HOW];

/** How to find out by poll whether a call on a stream would block, and how to wait for it. */
export interface StreamHint {
  /** The column of docs/posix.md. */
  readonly name: 'poll';
  /** POLLIN or POLLOUT, which are EPOLLIN and EPOLLOUT. */
  readonly events: 1 | 4;
  readonly how: How;
  /** It can be made in parts: as write(2) or as sendto(2). */
  readonly parts: 'write' | 'send' | undefined;
  /** It waits for all that it was asked for, and poll tells of some. */
  wantsAll(slot: Slot): boolean;
  /** Its arguments say that it does not block, or not for what poll tells. */
  endsAtOnce(slot: Slot): boolean;
  /** Bytes that it takes or gives: too few are refused at once, or end it before poll tells. */
  lengthOf(slot: Slot): number;
}

/** How a hint's call asks. */
export type Question = 'variant' | 'ends at once';

/**
 * How to find out, without blocking, whether a call that is expected to block would: `prepare` fills
 * a spare slot with a call that does what the call does, or says EAGAIN. `ends at once`: there is
 * nothing to ask, since these arguments never block.
 *
 * Asking must not change what the program gets. So a variant is for calls whose every successful
 * result that is as long as was asked for is the same in both; all others are made again by the
 * call itself. MSG_DONTWAIT is no variant of a receive: with it MSG_WAITALL and SO_RCVLOWAT give a
 * part, which is gone from the socket then.
 */
export interface VariantHint {
  readonly name: string;
  readonly events: 0;
  prepare(slot: Slot, spare: Slot): Question;
}

export type Hint = StreamHint | VariantHint;

/** What is known of a call beforehand, beside its number. */
export interface Traits {
  readonly hint: Hint | undefined;
  /** It waits for others to do something, so that it need not be tried when many do. */
  readonly waits: boolean;
  /** EINTR leaves nothing of the slot's call behind, so that it can be made again later. */
  readonly repeats: ((slot: Slot) => boolean) | undefined;
}

export const traitsOf = (waits: boolean, hint?: Hint): Traits =>
  Object.freeze({ hint, waits, repeats: undefined });

/** What a variant says where the descriptor or the kernel does not know it. */
export const NO_VARIANT: readonly number[] = [EINVAL, ESPIPE, ENOSYS, ENOTSUP];
