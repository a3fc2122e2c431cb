import { bareType } from './access.ts';
import { byteCount } from './byte-count.ts';
import type { Type } from './types.ts';
import { valueMask } from './value-mask.ts';
import { memoryOf, stateOf } from './view-bytes.ts';
import { shapeKey, type ViewState } from './view-state.ts';

/**
 * Copies the bytes of one view to another of the same type and target, as an assignment in C:
 * padding too, a struct's flexible tail not. The two may overlap. Throws RangeError where a flexible
 * array is longer than the one it is copied to.
 */
export function copy<V extends object>(from: V, to: V): void {
  const [source, target] = both(from, to, 'copy()');
  const [bytes, room] = [memoryOf(source), memoryOf(target)];
  if (bytes.length > room.length) {
    throw new RangeError(
      `${target[shapeKey].label}: has ${byteCount(room.length)}, the view to copy has ${bytes.length}`,
    );
  }
  room.set(bytes);
}

/**
 * Whether two views of one type and target hold the same values: all bits are compared that belong
 * to a member, none of the padding between. Of a union each member counts. As in copy(), a struct's
 * flexible tail is not compared: compare `a.tail` and `b.tail`.
 */
export function equal<V extends object>(a: V, b: V): boolean {
  const [left, right] = both(a, b, 'equal()');
  const [ours, theirs] = [memoryOf(left), memoryOf(right)];
  if (ours.length !== theirs.length) return false;
  const { type, target } = left[shapeKey];
  const bare = bareType(type, target);
  const isArray = bare.kind === 'array' || bare.kind === 'flexible';
  const mask = valueMask(isArray ? bare.of : bare, target);
  return ours.every((byte, at) => {
    return ((byte ^ (theirs[at] as number)) & (mask[at % mask.length] as number)) === 0;
  });
}

function both(a: unknown, b: unknown, where: string): readonly [ViewState, ViewState] {
  const [left, right] = [stateOf(a, where), stateOf(b, where)];
  const [{ type, target, label }, other] = [left[shapeKey], right[shapeKey]];
  const isOne = target === other.target;
  if (isOne && isSame(bareType(type, target), bareType(other.type, target))) return [left, right];
  const [ours, theirs] = [`${label} (${target.name})`, `${other.label} (${other.target.name})`];
  throw new TypeError(
    `${where}: expected two views of one type and target, got ${ours} and ${theirs}; assign() copies values`,
  );
}

/** One definition; arrays are made anew for each member, and may be of any length. */
function isSame(a: Type, b: Type): boolean {
  if (a === b) return true;
  const isArray = (type: Type) => type.kind === 'array' || type.kind === 'flexible';
  if (isArray(a) && isArray(b)) return isSame((a as { of: Type }).of, (b as { of: Type }).of);
  if (a.kind === 'scalar' && b.kind === 'scalar') return a.scalar === b.scalar;
  if (a.kind === 'aligned' && b.kind === 'aligned') {
    return a.align === b.align && isSame(a.type, b.type);
  }
  return a.kind === 'pointer' && b.kind === 'pointer';
}
