import { type ViewOf, view, type x86_64 } from '../abi/index.ts';
import { expected } from '../check.ts';
import { hostTarget } from '../host-target.ts';
import { addressOf, type Bytes } from '../loop/index.ts';
import type { SocketAddress } from './address.ts';
import { storeVector } from './buffer-list.ts';
import type { Param } from './call-types.ts';
import { bytesOf } from './params.ts';
import { msghdr } from './structs.ts';

/** What sendmsg sends and recvmsg receives: struct msghdr. */
export interface Message {
  readonly buffers: readonly Bytes[];
  /** To whom; or filled in with from whom. */
  readonly address?: SocketAddress;
  /** Control data such as SCM_RIGHTS. */
  readonly control?: Bytes;
  /** recvmsg stores struct msghdr here as the kernel left it: flags, lengths. */
  readonly header?: { readonly bytes: Bytes };
}

const BYTES = 56;

export const message: Param<[message: Message]> = {
  name: 'message',
  registers: 1,
  encoder: (at) => (slot, value: Message) => {
    if (!Array.isArray(value?.buffers)) {
      throw new TypeError(expected('message', value, 'an object with an array of buffers'));
    }
    const { address, control, header } = value;
    const start = slot.room(BYTES) as number;
    const own = header === undefined ? undefined : bytesOf('message.header', header);
    const to = headerView(slot.memory.bytes.buffer, start, own);
    to.msg_iov = BigInt(storeVector(slot, value.buffers));
    to.msg_iovlen = BigInt(value.buffers.length);
    to.msg_name = address === undefined ? 0n : BigInt(addressOf(address.storage, 'address'));
    to.msg_namelen = address?.length ?? 0;
    to.msg_control = control === undefined ? 0n : BigInt(addressOf(control, 'control'));
    to.msg_controllen = BigInt(control?.byteLength ?? 0);
    to.msg_flags = 0;
    for (const used of [address?.storage, control]) if (used !== undefined) slot.keep(used);
    if (own === undefined) slot.setNumber(at, slot.addressAt(start));
    else slot.setView(at, own, 'message.header');
  },
};

type Header = ViewOf<typeof msghdr, typeof x86_64>;

function headerView(buffer: ArrayBufferLike, start: number, own: Bytes | undefined): Header {
  if (own !== undefined) return view(msghdr, hostTarget, own.buffer, own.byteOffset) as Header;
  return view(msghdr, hostTarget, buffer, start) as Header;
}
