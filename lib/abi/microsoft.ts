import { alignUp } from './limits.ts';
import type { Cursor, LayoutOf } from './record.ts';
import { resolveField, resolveMaybe, resolveType } from './resolve.ts';
import type { Target } from './target.ts';
import type { Field, Member, RecordType, Type } from './types.ts';

/**
 * Records by the rules of Microsoft's compiler, as clang has them. An alignment that is asked for, by
 * `aligned` in any place, is required: no packing lowers it, and what has such a member requires it, too.
 * It never lowers what a type has by itself.
 */

/** `#pragma pack` in bytes; 0 without. One that is larger than a pointer is ignored. */
export function packOf({ packed, pack = 0 }: RecordType, target: Target): number {
  if (target.rules !== 'microsoft') return pack;
  if (packed) return 1;
  return pack > target.pointerSize ? 0 : pack;
}

/** What a member, or the unit of a bit-field, is aligned to. */
export function microsoftAlign(
  { pack }: Cursor,
  { align = 1, packed }: { readonly align?: number; readonly packed?: true },
  natural: number,
  required: number,
): number {
  const capped = pack > 0 ? Math.min(natural, pack) : natural;
  return Math.max(packed ? 1 : capped, align, required);
}

/** The same of a member that is no bit-field. */
export function microsoftMember(cursor: Cursor, field: Member, layoutOf: LayoutOf): number {
  const { target } = cursor;
  const natural = layoutOf(withoutAligned(field.type, target), target).align;
  return microsoftAlign(cursor, field, natural, requiredOf(field.type, target, layoutOf));
}

function withoutAligned(type: Type, target: Target): Type {
  const settled = resolveType(type, target);
  return settled.kind === 'aligned' ? withoutAligned(settled.type, target) : settled;
}

/** The alignment that a type requires, by an attribute of its own or by what is inside; 0: none. */
function requiredOf(type: Type, target: Target, layoutOf: LayoutOf): number {
  const record = recordIn(type, target);
  const inside = record ? requiredInside(record, target, layoutOf) : 0;
  return Math.max(attributed(type, target, layoutOf), inside);
}

/** What a typedef with `aligned` says, else all of a record's alignment where that has an attribute. */
function attributed(type: Type, target: Target, layoutOf: LayoutOf): number {
  const settled = resolveType(type, target);
  switch (settled.kind) {
    case 'aligned':
      return settled.align;
    case 'array':
    case 'flexible':
      return attributed(settled.of, target, layoutOf);
    case 'struct':
    case 'union':
      return settled.align === undefined ? 0 : layoutOf(settled, target).align;
    default:
      return 0;
  }
}

/** The struct or union that a type, or an array's elements, are in the end. */
function recordIn(type: Type, target: Target): RecordType | undefined {
  const settled = resolveType(type, target);
  switch (settled.kind) {
    case 'aligned':
      return recordIn(settled.type, target);
    case 'array':
    case 'flexible':
      return recordIn(settled.of, target);
    case 'struct':
    case 'union':
      return settled;
    default:
      return undefined;
  }
}

/** What a record's own `aligned` and its members require; on 64-bit machines at least a byte. */
function requiredInside(type: RecordType, target: Target, layoutOf: LayoutOf): number {
  const members = Object.values(type.fields).map((field) => ofField(field, target, layoutOf));
  return Math.max(target.pointerSize === 8 ? 1 : 0, type.align ?? 0, ...members);
}

function ofField(given: Field, target: Target, layoutOf: LayoutOf): number {
  const field = resolveField(given, target);
  if (field.kind === 'absent' || field.kind === 'bits') return 0;
  const member: Member = field.kind === 'member' ? field : { kind: 'member', type: field };
  const type = resolveMaybe(member.type, target);
  return type ? Math.max(member.align ?? 0, requiredOf(type, target, layoutOf)) : 0;
}

/** Size and alignment of a record whose members are in their places. */
export function microsoftWhole(cursor: Cursor, type: RecordType, layoutOf: LayoutOf) {
  const { target, pack, bytes } = cursor;
  const required = requiredInside(type, target, layoutOf);
  const align = Math.max(cursor.align, required);
  const isCpp = target.language === 'c++';
  // In C++ the alignment of a bit-field holds for where it begins, not for the size.
  const own = isCpp && pack > 0 ? Math.min(cursor.align, pack) : cursor.align;
  const size = alignUp(bytes, Math.max(own, required));
  const least = isCpp ? 1 : 4;
  if (size > 0) return { size, align };
  return { size: required >= least ? align : least, align };
}
