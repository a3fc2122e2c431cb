import type { Unit } from './bitfield.ts';
import { alignUp } from './limits.ts';
import { microsoftAlign } from './microsoft.ts';
import type { Cursor } from './record.ts';
import { resolveType } from './resolve.ts';
import { scalarLayout, valueLayout } from './scalar-layout.ts';
import type { Target } from './target.ts';
import type { BitsMember, Type } from './types.ts';

/**
 * Bit-fields on Windows: one takes a whole unit of its declared type, and those behind it are in the same
 * unit as long as their types are as large and they have room there. One of width 0 ends a unit, and is
 * nothing behind anything else. In a union each has a unit of its own, which aligns nothing.
 * (Microsoft's "C Bit Fields"; ms_struct of GCC and clang.)
 */
export function placeInUnit(cursor: Cursor, field: BitsMember, unit: Unit, width: number): number {
  const isMicrosoft = cursor.target.rules === 'microsoft';
  return isMicrosoft
    ? placeMicrosoft(cursor, field, unit, width)
    : placeGnu(cursor, field, unit, width);
}

function placeMicrosoft(cursor: Cursor, field: BitsMember, unit: Unit, width: number): number {
  const { size } = unit;
  const isBehindBits = cursor.unit > 0;
  if (width === 0 && !isBehindBits) return endOf(cursor);
  if (cursor.isUnion) return inUnion(cursor, width, size);
  if (width > 0 && cursor.unit === size && width <= cursor.unfilledBits) return next(cursor, width);
  const align = microsoftUnit(cursor, field, unit);
  const start = alignUp(cursor.bytes, align);
  cursor.align = Math.max(cursor.align, align);
  cursor.bytes = start + (width === 0 ? 0 : size);
  cursor.unit = width === 0 ? 0 : size;
  cursor.unfilledBits = width === 0 ? 0 : size * 8 - width;
  return start * 8;
}

function endOf({ isUnion, bytes }: Cursor): number {
  return isUnion ? 0 : bytes * 8;
}

function inUnion(cursor: Cursor, width: number, size: number): number {
  cursor.bytes = Math.max(cursor.bytes, size);
  cursor.unit = width === 0 ? 0 : size;
  return 0;
}

/** In the unit that the bit-field before is in. */
function next(cursor: Cursor, width: number): number {
  const start = cursor.bytes * 8 - cursor.unfilledBits;
  cursor.unfilledBits -= width;
  return start;
}

function microsoftUnit(cursor: Cursor, field: BitsMember, { type }: Unit): number {
  const required = type.kind === 'aligned' ? type.align : 0;
  const base = type.kind === 'aligned' ? resolveType(type.type, cursor.target) : type;
  return microsoftAlign(cursor, field, valueLayout(base, cursor.target)?.align ?? 1, required);
}

/** GCC and clang: each unit is aligned to its size, whatever its type or `packed` says. */
function placeGnu(cursor: Cursor, field: BitsMember, { size }: Unit, width: number): number {
  const isNew = cursor.unit !== size || cursor.unfilledBits < width;
  const isNothing = isNew && cursor.unit === 0 && width === 0;
  if (isNew) Object.assign(cursor, { unit: 0, unfilledBits: 0 });
  const align = gnuUnit(cursor, field, isNothing ? 0 : size, width);
  cursor.align = Math.max(cursor.align, align);
  if (cursor.isUnion) {
    cursor.bytes = Math.max(cursor.bytes, width === 0 ? 1 : size);
    return 0;
  }
  if (width > 0 && width <= cursor.unfilledBits) return next(cursor, width);
  const start = alignUp(cursor.bytes * 8 - cursor.unfilledBits, Math.max(align, 1) * 8);
  cursor.reached = Math.max(cursor.reached, cursor.bytes);
  cursor.bytes = start / 8 + (width === 0 ? 0 : size);
  cursor.unit = width === 0 ? 0 : size;
  cursor.unfilledBits = width === 0 ? 0 : size * 8 - width;
  return start;
}

function gnuUnit(cursor: Cursor, field: BitsMember, size: number, width: number): number {
  if (cursor.isUnion) return 1;
  const wanted = Math.max(size, field.align ?? 0);
  return cursor.pack > 0 && width > 0 ? Math.min(wanted, cursor.pack) : wanted;
}

/** The bytes of the scalar that a type is made of: GCC and clang align members that are no bit-fields to it, too. */
export function ownSize(type: Type, target: Target): number {
  const settled = resolveType(type, target);
  switch (settled.kind) {
    case 'aligned':
      return ownSize(settled.type, target);
    case 'array':
    case 'flexible':
      return ownSize(settled.of, target);
    case 'scalar':
      return scalarLayout(settled.scalar, target).size;
    default:
      return 1;
  }
}
