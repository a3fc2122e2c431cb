import { AbiError } from './error.ts';
import { alignUp } from './limits.ts';
import type { Cursor } from './record.ts';
import { valueLayout } from './scalar-layout.ts';
import type { BitsMember, Type } from './types.ts';

interface Unit {
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
  const align = alignments(cursor, field, unit, width);
  const start = firstBit(cursor, field, unit, width, align.field);
  advance(cursor, start, width);
  if (!field.unnamed || cursor.target.unnamedBitsAlign) {
    cursor.align = Math.max(cursor.align, align.field);
  }
  return start;
}

/** Alignment in bytes for the position and for the record, after packed, aligned and pack. */
function alignments(cursor: Cursor, field: BitsMember, unit: Unit, width: number) {
  const packed = cursor.packed || field.packed === true;
  const own = field.align ?? 1;
  const unpacked = Math.max(unit.align, own);
  let wanted = Math.max(packed && width !== 0 ? 1 : unit.align, own);
  if (cursor.pack > 0 && width !== 0) wanted = Math.min(packed ? unpacked : wanted, cursor.pack);
  return { field: wanted };
}

function firstBit(cursor: Cursor, field: BitsMember, unit: Unit, width: number, align: number) {
  const next = cursor.isUnion ? 0 : cursor.bytes * 8 - cursor.unfilledBits;
  const alignBits = align * 8;
  const crosses = cursor.pack === 0 && (next % alignBits) + width > unit.size * 8;
  if (width === 0 || crosses) return alignUp(next, alignBits);
  const own = field.align ?? 0;
  const honoured = own > 0 && (cursor.pack === 0 || own <= cursor.pack);
  return honoured ? alignUp(next, own * 8) : next;
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
