import { EINVAL, ENOSYS, ENOTSOCK, ENOTSUP, ESPIPE } from '../errors.ts';
import { constants, NR } from '../kernel/index.ts';
import type { Descriptor, Line } from './descriptor.ts';
import type { StreamHint } from './hint.ts';
import type { Slot } from './slot.ts';

const { MSG_DONTWAIT, MSG_NOSIGNAL, MSG_FASTOPEN, MSG_ZEROCOPY, RWF_NOWAIT } = constants;
/** They do more than send: connect first, or tell later of each call that its memory is free. */
const NOT_IN_PARTS = MSG_FASTOPEN | MSG_ZEROCOPY;
const IOVEC_BYTES = 16;
/** MAX_RW_COUNT, linux/fs.h: the host takes no more in one call. */
const MOST_BYTES = 0x7fff_f000;
/** The descriptor has no such call: other files than sockets, named FIFOs, older kernels. */
const NO_SUCH_CALL: readonly number[] = [EINVAL, ESPIPE, ENOSYS, ENOTSOCK, ENOTSUP];
/** So often epoll may say that there is room, and the call that there is none: a thread has it then. */
const VAIN = 3;

/** What is left of a write or a send that has begun, or was tried: its block has the rest. */
export class Rest {
  /** Bytes that were taken. */
  done = 0;
  /** What is in flight is a call that does not wait, and was handed over all the same. */
  isTried = false;
  #vain = 0;

  /** The call has taken so many more bytes. */
  took(bytes: number): void {
    this.done += bytes;
    this.#vain = 0;
  }

  /** It is made though nobody said that there is room: if there is none that was not in vain. */
  triedUntold(): void {
    this.#vain--;
  }

  /** It has taken none: does a further wait bring anything? */
  isVain(): boolean {
    return ++this.#vain > VAIN;
  }

  /** Of the whole call, whose last part ended with this result. What was taken is taken. */
  total(result: number): number {
    if (this.done === 0) return result;
    return this.done + Math.max(result, 0);
  }
}

/** Of a slot's call, whose last part ended with this result. */
export function totalOf(slot: Slot, result: number): number {
  const { rest } = slot;
  slot.rest = undefined;
  return rest === undefined ? result : rest.total(result);
}

/** The first `bytes` of the slot's memory are taken, of `done` by now: how many are left. */
export function advance(slot: Slot, bytes: number, done: number): number {
  const left = Math.min(slot.argument(2) - bytes, MOST_BYTES - done);
  slot.setNumber(1, slot.argument(1) + bytes);
  slot.setNumber(2, left);
  return left;
}

/**
 * Makes the slot's call so that it takes what there is room for and does not wait; undefined if that
 * cannot be had. The block is then what it was.
 */
export function callNow(
  slot: Slot,
  { parts }: StreamHint,
  { descriptor }: Line,
  call: (slot: number) => number,
): number | undefined {
  if (parts === 'send') return sendNow(slot, call);
  if (descriptor.noParts) return undefined;
  const result = descriptor.isSocket ? sendWritten(slot, call) : writeNow(slot, descriptor, call);
  if (result === undefined || slot.handedOver || !NO_SUCH_CALL.includes(result)) return result;
  descriptor.refusedParts();
  return undefined;
}

/** The first part raises SIGPIPE as ever; after it a count is what the call gives. */
const flagsOf = (slot: Slot): number =>
  slot.rest === undefined || slot.rest.done === 0 ? MSG_DONTWAIT : MSG_DONTWAIT | MSG_NOSIGNAL;

function sendNow(slot: Slot, call: (slot: number) => number): number | undefined {
  const flags = slot.argument(3) | 0;
  if (flags & NOT_IN_PARTS) return undefined;
  slot.setInt(3, flags | flagsOf(slot));
  const result = call(slot.id);
  slot.setInt(3, flags);
  return result;
}

/** write(2) on a socket is a send without flags. */
function sendWritten(slot: Slot, call: (slot: number) => number): number {
  slot.setInt(3, flagsOf(slot));
  slot.setInt(4, 0);
  slot.setInt(5, 0);
  return callAs(slot, NR.sendto, call);
}

/** write(2) on a pipe is a pwritev2 at no position. */
function writeNow(
  slot: Slot,
  { isPipe }: Descriptor,
  call: (slot: number) => number,
): number | undefined {
  if (!isPipe) return undefined;
  slot.used = 0; // a write has nothing else there
  const at = slot.room(IOVEC_BYTES) as number;
  const { words } = slot.memory;
  slot.copyArgument(1, words, at >> 2);
  slot.copyArgument(2, words, (at >> 2) + 2);
  slot.setNumber(1, slot.addressAt(at));
  slot.setInt(2, 1);
  slot.setInt(3, -1);
  slot.setInt(4, 0);
  slot.setInt(5, RWF_NOWAIT);
  const result = callAs(slot, NR.pwritev2, call);
  slot.setParts(1, words[at >> 2] as number, words[(at >> 2) + 1] as number);
  slot.setParts(2, words[(at >> 2) + 2] as number, words[(at >> 2) + 3] as number);
  return result;
}

function callAs(slot: Slot, nr: number, call: (slot: number) => number): number {
  const own = slot.nr;
  slot.nr = nr;
  const result = call(slot.id);
  slot.nr = own;
  return result;
}
