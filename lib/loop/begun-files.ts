import { fstatSync } from 'node:fs';
import { bufferOf, byteLengthOf, byteOffsetOf } from '../abi/buffer.ts';
import { NR } from '../kernel/index.ts';
import { addressOf, isDetached } from './addresses.ts';
import type { Readiness } from './readiness.ts';
import type { Slot } from './slot.ts';

/** Which arguments of a call are descriptors, of calls that can come back when they have begun. */
const descriptors = new Map<number, readonly number[]>();
const numbers: Readonly<Record<string, number | undefined>> = NR;
const set = (at: readonly number[], names: readonly string[]): void => {
  for (const name of names) {
    const nr = numbers[name];
    if (nr !== undefined) descriptors.set(nr, at);
  }
};
set([0], ['read', 'readv', 'preadv2', 'recvfrom', 'recvmsg', 'recvmmsg', 'mq_timedreceive']);
set([0], ['write', 'writev', 'pwritev2', 'sendto', 'sendmsg', 'sendmmsg', 'mq_timedsend']);
set([0], ['accept', 'accept4', 'connect', 'vmsplice', 'ioctl', 'fcntl', 'flock']);
set([0], ['epoll_wait', 'epoll_pwait', 'epoll_pwait2']);
set([0, 1], ['sendfile', 'tee']);
set([0, 2], ['splice']);

const POLLFD_BYTES = 8;
const sets = new Set([NR.select, NR.pselect6]);
const lists = new Set([NR.poll, NR.ppoll, ...sets]);

/** The memory of the program's that this argument is the address of: of several views there, the longest. */
function viewAt(slot: Slot, index: number): DataView | undefined {
  const at = slot.argument(index);
  const [longest] = [slot.pin, ...(slot.pins ?? [])]
    .filter((view) => view !== undefined)
    .filter((view) => !isDetached(view) && addressOf(view, 'list') === at)
    .sort((a, b) => byteLengthOf(b) - byteLengthOf(a));
  return longest && new DataView(bufferOf(longest), byteOffsetOf(longest), byteLengthOf(longest));
}

/** Descriptors in the list of poll's or in the sets of select's; none if it was given by a number. */
function listed(slot: Slot): number[] {
  if (sets.has(slot.nr)) return [1, 2, 3].flatMap((index) => inSet(viewAt(slot, index), slot));
  const list = viewAt(slot, 0);
  const count = Math.min(slot.argument(1), Math.floor((list?.byteLength ?? 0) / POLLFD_BYTES));
  const fds = Array.from({ length: count }, (_, i) => list?.getInt32(POLLFD_BYTES * i, true) ?? -1);
  return fds.filter((fd) => fd >= 0);
}

function inSet(set: DataView | undefined, slot: Slot): number[] {
  const count = Math.min(slot.argument(0), 8 * (set?.byteLength ?? 0));
  const fds = Array.from({ length: count }, (_, fd) => fd);
  return fds.filter((fd) => ((set?.getUint8(fd >> 3) ?? 0) >> (fd & 7)) & 1);
}

/**
 * Which files the slot's descriptors name now: a call in the kernel holds its files, one that came back
 * has but the numbers, which other files can have by the time that it goes on. undefined: it has none.
 */
export function filesOf(slot: Slot, readiness: Readiness): string | undefined {
  const fds = lists.has(slot.nr)
    ? listed(slot)
    : descriptors.get(slot.nr)?.map((at) => slot.argument(at) | 0);
  return fds?.map((fd) => fileOf(fd, readiness)).join();
}

/** The slot's call has begun, and its descriptors name other files by now. */
export function isOfOtherFiles(slot: Slot, readiness: Readiness): boolean {
  const { goesOn, files } = slot;
  return goesOn && files !== undefined && files !== filesOf(slot, readiness);
}

/** All files without a name have one inode, so the epoll set tells them apart. */
function fileOf(fd: number, readiness: Readiness): string {
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return `${dev}:${ino}:${readiness.generationOf(fd)}`;
  } catch {
    return 'closed';
  }
}
