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

/** Why a member's elements may be longer than their type: what is behind it leaves room for that. */
export function growing(
  { key, type, bitOffset }: Placed,
  { members, size }: DebugRecord,
  target: Target,
): string | undefined {
  const { type: element, lengths } = coreOf(type, target);
  const own = layout(element, target).size;
  const grown = atomicSize(own, target);
  const count = lengths.reduce((product, length) => product * length, 1);
  if (own === grown || count < 2) return undefined;
  const later = members.map((one) => one.bitOffset).filter((at) => at > bitOffset);
  const [from, end] = [bitOffset / 8, Math.min(size * 8, ...later) / 8];
  if (from % grown !== 0 || from + count * grown > end) return undefined;
  return `member «${key}»: its elements of ${byteCount(own)} may be _Atomic, and so longer: clang tells that from DWARF 5 on`;
}
