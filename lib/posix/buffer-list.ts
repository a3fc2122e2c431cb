import { expected } from '../check.ts';
import { addressOf, type Bytes, lengthOf, type Slot } from '../loop/index.ts';
import type { Param } from './call-types.ts';
import { freshBytes } from './memory.ts';

const IOVEC_BYTES = 16;
/** UIO_MAXIOV, linux/uio.h: the kernel takes no more. */
const MOST = 1024;
const TWO_32 = 0x1_0000_0000;

/** A list of buffers as an array of struct iovec: its address and its length. */
export const buffers: Param<[buffers: readonly Bytes[]]> = {
  name: 'buffers',
  registers: 2,
  encoder: (at) => (slot, list: readonly Bytes[]) => {
    if (!Array.isArray(list)) throw new TypeError(expected('buffers', list, 'an array of Buffers'));
    const [address, count] = storeVector(slot, list);
    slot.setNumber(at, address);
    slot.setInt(at + 1, count);
  },
};

/** Stores struct iovec for each: the address of the first, and how many. */
export function storeVector(slot: Slot, list: readonly Bytes[]): readonly [number, number] {
  // the kernel says EINVAL or EMSGSIZE to more; we do not build the list first
  const count = Math.min(list.length, MOST + 1);
  const [words, word, address] = place(slot, count);
  slot.listBytes = 0;
  for (let i = 0; i < count; i++) {
    const name = `buffers[${i}]`;
    const one = list[i] as Bytes;
    storeWide(words, word + 4 * i, addressOf(one, name));
    const bytes = lengthOf(one, name);
    storeWide(words, word + 4 * i + 2, bytes);
    slot.listBytes += bytes;
    slot.keep(one);
  }
  return [address, count];
}

function place(slot: Slot, count: number): [Int32Array, number, number] {
  const start = slot.room(count * IOVEC_BYTES);
  if (start !== undefined) return [slot.memory.words, start >> 2, slot.addressAt(start)];
  const own = freshBytes(count * IOVEC_BYTES);
  slot.keep(own);
  return [new Int32Array(own.buffer), own.byteOffset >> 2, addressOf(own, 'buffers')];
}

/** A non-negative safe integer as two words, little-endian as all machines with syslets are. */
function storeWide(words: Int32Array, at: number, value: number): void {
  words[at] = value;
  words[at + 1] = Math.floor(value / TWO_32);
}
