import { constants, NR } from '../kernel/index.ts';
import { HOW, type How, type Slot, type StreamHint, type VariantHint } from '../loop/index.ts';
import type { StoredMessage } from './message.ts';

const { MSG_WAITALL, RWF_NOWAIT } = constants;
/** Of types of their own: a line has a queue for each. */
const POLLIN = 1;
const POLLOUT = 4;

/**
 * pread: preadv2 with RWF_NOWAIT, which takes what is in the page cache. An offset of -1 means the
 * descriptor's own position to preadv2, and pread refuses every negative one without a block.
 */
export const preadNow: VariantHint = {
  name: 'RWF_NOWAIT',
  events: 0,
  prepare(slot, spare) {
    if (slot.isNegative(3)) return 'ends at once';
    spare.begin(NR.preadv2).copyArguments(slot);
    const start = spare.room(16) as number;
    slot.copyArgument(1, spare.memory.words, start >> 2);
    slot.copyArgument(2, spare.memory.words, (start >> 2) + 2);
    spare.setNumber(1, spare.addressAt(start));
    spare.setInt(2, 1);
    spare.setInt(4, 0);
    spare.setInt(5, RWF_NOWAIT);
    return 'variant';
  },
};

/** MSG_OOB and MSG_ERRQUEUE are for other queues, MSG_DONTWAIT does not wait; MSG_CMSG_COMPAT is refused. */
const NOT_FOR_POLL = 0x1 | 0x2000 | 0x40 | 0x8000_0000;
/** accept4 refuses all but SOCK_CLOEXEC and SOCK_NONBLOCK. */
const ACCEPT_FLAGS = 0x8_0000 | 0x800;
/** UIO_MAXIOV: the kernel refuses more buffers. */
const MOST_BUFFERS = 1024;

const never = (): boolean => false;
const always = (): boolean => true;
const flagsAt =
  (index: number, flags = NOT_FOR_POLL) =>
  (slot: Slot) =>
    (slot.argument(index) & flags) !== 0;
const badAccept = (slot: Slot) => (slot.argument(3) & ~ACCEPT_FLAGS) !== 0;
const tooMany = (slot: Slot) => slot.argument(2) > MOST_BUFFERS;
const messageFlags = flagsAt(2);
const badMessage = (slot: Slot) =>
  messageFlags(slot) || (slot.given as StoredMessage).count > MOST_BUFFERS;
/** Of a socket's own calls that send or accept: none is too short. */
const anyLength = (): number => Number.MAX_SAFE_INTEGER;
const length = (slot: Slot): number => slot.argument(2);
const lengthOfList = (slot: Slot): number => slot.listBytes;
/** A receive of no bytes waits as one of a byte does. */
const received = (slot: Slot): number => Math.max(slot.argument(2), 1);
const receivedList = (slot: Slot): number => Math.max(slot.listBytes, 1);

function stream(
  events: StreamHint['events'],
  how: How,
  endsAtOnce: StreamHint['endsAtOnce'] = never,
  lengthOf: StreamHint['lengthOf'] = anyLength,
  parts?: StreamHint['parts'],
  wantsAll: StreamHint['wantsAll'] = events === POLLIN ? never : always,
): StreamHint {
  return Object.freeze({ name: 'poll', events, how, endsAtOnce, lengthOf, parts, wantsAll });
}

export const readable = stream(POLLIN, HOW.read, never, length);
export const readableList = stream(POLLIN, HOW.read, tooMany, lengthOfList);
export const acceptable = stream(POLLIN, HOW.accept, badAccept);
export const receivable = stream(
  POLLIN,
  HOW.receive,
  flagsAt(3),
  received,
  undefined,
  flagsAt(3, MSG_WAITALL),
);
export const messageReceivable = stream(
  POLLIN,
  HOW.receive,
  badMessage,
  receivedList,
  undefined,
  flagsAt(2, MSG_WAITALL),
);
export const writable = stream(POLLOUT, HOW.write, never, length, 'write');
export const writableList = stream(POLLOUT, HOW.write, tooMany, lengthOfList);
export const sendable = stream(POLLOUT, HOW.send, flagsAt(3), anyLength, 'send');
export const messageSendable = stream(POLLOUT, HOW.send, badMessage);
