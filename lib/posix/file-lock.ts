import { layout } from '../abi/index.ts';
import { checkInteger, expected } from '../check.ts';
import { hostTarget } from '../host-target.ts';
import { type Bytes, lengthOf } from '../loop/index.ts';
import type { Param } from './call-types.ts';
import { newStruct, type StructMemory } from './memory.ts';
import { bytesOf, tooShort } from './params.ts';
import { flock } from './structs.ts';

/** struct flock, as fcntl's F_SETLK, F_SETLKW, F_GETLK and F_OFD_… take it. */
export type FileLock = StructMemory<typeof flock>;

/** A struct flock: F_RDLCK 0, F_WRLCK 1 or F_UNLCK 2, from `start` on; length 0 is up to the end. */
export function fileLock(type: number, start = 0n, length = 0n, whence = 0): FileLock {
  const made = newStruct(flock);
  made.view.l_type = type;
  made.view.l_whence = whence;
  made.view.l_start = start;
  made.view.l_len = length;
  return made;
}

const LOCK_BYTES = layout(flock, hostTarget).size;

/**
 * Bytes that commands of fcntl read or write where their argument points to (linux/fcntl.h). A later
 * command's, which is not here, is taken for a struct flock.
 */
const BYTES_OF = new Map<number, number>([
  [15, 8], // F_SETOWN_EX, struct f_owner_ex
  [16, 8], // F_GETOWN_EX
  [17, 8], // F_GETOWNER_UIDS, two uid_t
  [1035, 8], // F_GET_RW_HINT, a u64, and the three that follow
  [1036, 8],
  [1037, 8],
  [1038, 8],
]);

/** fcntl's third argument, behind its command: a number, or memory. */
export const lockArgument: Param<[argument?: number | FileLock | Bytes]> = {
  name: 'argument',
  registers: 1,
  encoder: (at) => (slot, value: number | FileLock | Bytes | undefined) => {
    if (value === undefined) return slot.setInt(at, 0);
    if (typeof value === 'number') {
      return slot.setNumber(at, checkInteger('argument', value, -(2 ** 31), 2 ** 32 - 1));
    }
    if (typeof value !== 'object') {
      throw new TypeError(expected('argument', value, 'a number, a fileLock() or a Buffer'));
    }
    const bytes = ArrayBuffer.isView(value) ? value : bytesOf('argument', value);
    slot.setView(at, bytes, 'argument');
    const least = BYTES_OF.get(slot.argument(at - 1)) ?? LOCK_BYTES;
    if (lengthOf(bytes, 'argument') < least) throw tooShort('argument', bytes, least);
  },
};
