import { fstatSync } from 'node:fs';
import { NR } from '../kernel/index.ts';
import type { Slot } from './slot.ts';

/** Calls on the descriptor that is their first argument, of those that can come back when they have begun. */
const ON_DESCRIPTOR: ReadonlySet<number> = new Set([
  NR.read,
  NR.readv,
  NR.preadv2,
  NR.recvfrom,
  NR.recvmsg,
  NR.recvmmsg,
  NR.write,
  NR.writev,
  NR.pwritev2,
  NR.sendto,
  NR.sendmsg,
  NR.sendmmsg,
  NR.sendfile,
  NR.splice,
  NR.accept,
  NR.accept4,
  NR.flock,
]);

/**
 * Which file the slot's descriptor names now: a call in the kernel holds its file, one that came back has
 * but the number, which another file can have by the time that it goes on. undefined: none, or no such call.
 */
export function fileOf(slot: Slot): string | undefined {
  if (!ON_DESCRIPTOR.has(slot.nr)) return undefined;
  try {
    const { dev, ino } = fstatSync(slot.firstArgument, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined; // closed
  }
}
