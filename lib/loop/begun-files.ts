import { fstatSync } from 'node:fs';
import { NR } from '../kernel/index.ts';
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

/**
 * Which files the slot's descriptors name now: a call in the kernel holds its files, one that came back
 * has but the numbers, which other files can have by the time that it goes on. undefined: it has none.
 */
export function filesOf(slot: Slot, readiness: Readiness): string | undefined {
  return descriptors
    .get(slot.nr)
    ?.map((at) => fileOf(slot.argument(at) | 0, readiness))
    .join();
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
