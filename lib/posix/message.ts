import { bufferOf, byteOffsetOf } from '../abi/buffer.ts';
import { layout, type ViewOf, view, type x86_64 } from '../abi/index.ts';
import { expected } from '../check.ts';
import { hostTarget } from '../host-target.ts';
import { addressOf, type Bytes, lengthOf, type Slot } from '../loop/index.ts';
import { type SocketAddress, storageOf } from './address.ts';
import { storeVector } from './buffer-list.ts';
import type { Param } from './call-types.ts';
import { bytesOf, tooShort } from './params.ts';
import type { Result } from './results.ts';
import { msghdr } from './structs.ts';

/** What sendmsg sends and recvmsg receives: struct msghdr. */
export interface Message {
  readonly buffers: readonly Bytes[];
  /** To whom; or filled in with from whom. */
  readonly address?: SocketAddress | null;
  /** Control data such as SCM_RIGHTS. */
  readonly control?: Bytes | null;
  /** recvmsg stores struct msghdr here as the kernel left it: flags, lengths. 56 bytes at least. */
  readonly header?: { readonly bytes: Bytes } | null;
}

const BYTES = layout(msghdr, hostTarget).size;

const HEADER = 'newStruct(structs.msghdr), another object with memory as its bytes, or null';

/** A message as it was when its call was made. */
export interface StoredMessage {
  readonly count: number;
  readonly address: SocketAddress | null | undefined;
  readonly header: Bytes | undefined;
}

type Header = ViewOf<typeof msghdr, typeof x86_64>;

/**
 * The kernel gets a struct msghdr in the slot's memory, never the program's own: it writes 56 bytes
 * there. It is the first thing in that memory.
 */
function parameter(nameLengthOf: (address: SocketAddress) => number): Param<[message: Message]> {
  return {
    name: 'message',
    registers: 1,
    encoder: (at) => (slot, value: Message) => {
      const list = value?.buffers;
      if (!Array.isArray(list)) {
        throw new TypeError(expected('message', value, 'an object with an array of buffers'));
      }
      const { address, control, header } = value;
      const storage = storageIn(address);
      const headerBytes = header ? bytesOf('message.header', header, HEADER) : undefined;
      checkHeader(headerBytes);
      const start = slot.room(BYTES) as number;
      const to = headerAt(slot);
      const [vector, count] = storeVector(slot, list);
      to.msg_iov = BigInt(vector);
      to.msg_iovlen = BigInt(count);
      to.msg_name = storage ? BigInt(addressOf(storage, 'message.address')) : 0n;
      to.msg_namelen = address ? nameLengthOf(address) : 0;
      to.msg_control = control ? BigInt(addressOf(control, 'message.control')) : 0n;
      to.msg_controllen = BigInt(control ? lengthOf(control, 'message.control') : 0);
      to.msg_flags = 0;
      for (const used of [storage, control]) if (used) slot.keep(used);
      slot.given = { count, address, header: headerBytes } satisfies StoredMessage;
      slot.setNumber(at, slot.addressAt(start));
    },
  };
}

/** sendmsg's. */
export const message = parameter((address) => address.length);
/** recvmsg's: there is room for any address, whatever the last one was. */
export const roomForMessage = parameter((address) => address.reset().length);

/** The number of bytes; what the kernel stored in struct msghdr goes where the message has it. */
export const received: Result<number> = {
  kind: 'number',
  finish: (slot, result) => {
    const { address, header } = slot.given as StoredMessage;
    if (address) address.length = headerAt(slot).msg_namelen;
    if (header) copyHeader(slot, header);
    return result;
  },
};

function headerAt(slot: Slot): Header {
  return view(msghdr, hostTarget, slot.memory.bytes.buffer, slot.start) as Header;
}

function copyHeader(slot: Slot, header: Bytes): void {
  checkHeader(header);
  const stored = slot.memory.bytes.subarray(slot.start, slot.start + BYTES);
  new Uint8Array(bufferOf(header), byteOffsetOf(header), BYTES).set(stored);
}

function checkHeader(bytes: Bytes | undefined): void {
  if (bytes === undefined || lengthOf(bytes, 'message.header') >= BYTES) return;
  throw tooShort('message.header', bytes, BYTES);
}

function storageIn(address: unknown): Bytes | undefined {
  return address === undefined || address === null
    ? undefined
    : storageOf(address, 'message.address');
}
