import { placeInUnit } from './bit-units.ts';
import { AbiError } from './error.ts';
import { alignUp } from './limits.ts';
import type { Cursor } from './record.ts';
import { valueLayout } from './scalar-layout.ts';
import type { BitsMember, Type } from './types.ts';

/** The declared type of a bit-field. */
export interface Unit {
  readonly type: Type;
  readonly size: number;
  readonly align: number;
}

/**
 * Places a bit-field and returns its first bit. A field may not cross a boundary of its declared
 * type's alignment that would make it span more units than the type has, unless it is packed.
 * (System V ABI, "Bit-Fields"; GCC's PCC_BITFIELD_TYPE_MATTERS.)
 */
export function placeBits(cursor: Cursor, field: BitsMember, unit: Unit): number {
  const width = checkedWidth(cursor, field, unit);
  if (cursor.target.bitFields === 'units') return placeInUnit(cursor, field, unit, width);
  if (cursor.target.bitFields === 'dense') return placeDense(cursor, field, width);
  const alignBits = alignmentBits(cursor, field, unit, width);
  const start = firstBit(cursor, field, unit, width, alignBits);
  advance(cursor, start, width);
  if (!field.unnamed || cursor.target.unnamedBitsAlign) {
    cursor.align = Math.max(cursor.align, Math.ceil(alignBits / 8));
  }
  return start;
}

/** After packed (one bit), the member's own aligned(n), and the cap of #pragma pack. */
function alignmentBits(cursor: Cursor, field: BitsMember, unit: Unit, width: number): number {
  const packed = cursor.packed || field.packed === true;
  const own = (field.align ?? 0) * 8;
  const natural = Math.max(unit.align * 8, own);
  const wanted = packed && width !== 0 ? Math.max(1, own) : natural;
  if (cursor.pack === 0 || width === 0) return wanted;
  return Math.min(packed ? natural : wanted, cursor.pack * 8);
}

function firstBit(cursor: Cursor, field: BitsMember, unit: Unit, width: number, alignBits: number) {
  const next = nextBit(cursor);
  const crosses = cursor.pack === 0 && (next % alignBits) + width > unit.size * 8;
  if (width === 0 || crosses) return alignUp(next, alignBits);
  const own = field.align ?? 0;
  const honoured = own > 0 && (cursor.pack === 0 || own <= cursor.pack);
  return honoured ? alignUp(next, own * 8) : next;
}

function nextBit(cursor: Cursor): number {
  return cursor.isUnion ? 0 : cursor.bytes * 8 - cursor.unfilledBits;
}

function advance(cursor: Cursor, start: number, width: number): void {
  if (cursor.isUnion) {
    cursor.bytes = Math.max(cursor.bytes, Math.ceil(width / 8));
    return;
  }
  const end = start + width;
  cursor.bytes = Math.ceil(end / 8);
  cursor.unfilledBits = cursor.bytes * 8 - end;
}

function checkedWidth(cursor: Cursor, field: BitsMember, unit: Unit): number {
  const base = unit.type.kind === 'aligned' ? unit.type.type : unit.type;
  const value = valueLayout(base, cursor.target);
  if (!value || value.class === 'float' || base.kind === 'pointer') {
    throw new AbiError('a bit-field needs an integer, bool or enumeration type');
  }
  const most = value.class === 'bool' ? 1 : unit.size * 8;
  const least = field.unnamed ? 0 : 1;
  if (Number.isInteger(field.width) && field.width >= least && field.width <= most) {
    return field.width;
  }
  throw new AbiError(`bit-field of ${field.width} bits: its type allows ${least} to ${most}`);
}

/** Widths of the machine's integers: such a bit-field in such a place is an ordinary integer. */
const integerWidths: readonly number[] = [8, 16, 32, 64];

/**
 * Without PCC_BITFIELD_TYPE_MATTERS (m68k) the declared type says nothing: fields follow each
 * other bit for bit. One that is as wide as an integer and would be aligned like it anyway counts
 * as that integer; one of width 0 aligns to 16 bits (EMPTY_FIELD_BOUNDARY).
 */
function placeDense(cursor: Cursor, field: BitsMember, width: number): number {
  const packed = cursor.packed || field.packed === true;
  const natural = width === 0 ? 16 : denseAlign(cursor, packed, width);
  const own = (field.align ?? 0) * 8;
  const cap = cursor.pack > 0 && width !== 0 ? cursor.pack * 8 : Number.POSITIVE_INFINITY;
  const alignBits = Math.min(Math.max(natural, own), cap);
  const start = alignUp(nextBit(cursor), alignBits);
  advance(cursor, start, width);
  cursor.align = Math.max(cursor.align, Math.ceil(alignBits / 8));
  return start;
}

function denseAlign(cursor: Cursor, packed: boolean, width: number): number {
  if (!integerWidths.includes(width)) return 1;
  const align = Math.min(width, cursor.target.maxScalarAlign * 8);
  const fitsHere = nextBit(cursor) % align === 0;
  return fitsHere && !(packed && align > 8) ? align : 1;
}
