import { byteCount } from '../abi/byte-count.ts';
import { layout, type Target } from '../abi/index.ts';
import type { DebugRecord } from '../debug-info/debug-type.ts';
import { coreOf } from './diff-fact.ts';
import type { Placed } from './fit-record.ts';

/** What clang makes of a type that is `_Atomic`; a machine can have powers of two up to a size. */
export function atomicSize(size: number, target: Target): number {
  const most = target.int128Align > 0 ? 16 : 8;
  return size > most ? size : 2 ** Math.ceil(Math.log2(Math.max(size, 1)));
}

/**
 * Why a member's elements may be longer than their type: what is behind it leaves room for that, and
 * behind a struct's tail nothing is.
 */
export function growing(
  { key, type, bitOffset }: Placed,
  { members, size }: DebugRecord,
  target: Target,
  isTail: boolean,
): string | undefined {
  const { type: element, lengths } = coreOf(type, target);
  const own = layout(element, target).size;
  const grown = atomicSize(own, target);
  const from = bitOffset / 8;
  if (own === grown) return undefined;
  const count = lengths.reduce((product, length) => product * length, 1);
  const later = members.map((one) => one.bitOffset).filter((at) => at > bitOffset);
  const end = Math.min(size * 8, ...later) / 8;
  const hasRoom = count >= 2 && from + count * grown <= end;
  // A packed struct may begin them anywhere; of a tail there that would be all that tells.
  if (!hasRoom && !(isTail && from % grown === 0)) return undefined;
  return `member '${key}': its elements of ${byteCount(own)} may be _Atomic, and so longer: clang tells that from DWARF 5 on`;
}
