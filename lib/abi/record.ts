import { ownSize } from './bit-units.ts';
import { placeBits } from './bitfield.ts';
import { AbiError, quoted } from './error.ts';
import { findHoles, tailBytes } from './holes.ts';
import type { Layout } from './layout.ts';
import { alignUp, isPowerOfTwo, maxBytes } from './limits.ts';
import { microsoftMember, microsoftWhole, packOf } from './microsoft.ts';
import { checkRecord } from './record-check.ts';
import { resolveField, resolveMaybe } from './resolve.ts';
import type { Target } from './target.ts';
import type { BitsMember, Member, RecordType, Type } from './types.ts';
import { shown } from './value-check.ts';

/** A member's place. `offset` is the byte that holds its first bit. */
export interface FieldLayout {
  /** Name in C; '' for an anonymous struct or union and for unnamed bit-fields. */
  readonly name: string;
  /** The key in the definition: the name, bar unnamed members. */
  readonly key: string;
  /** The type that holds on this target (no variant). */
  readonly type: Type;
  readonly offset: number;
  /** Size of the type; for a bit-field of its declared type. */
  readonly size: number;
  /** From the start of the record, in the target's own order: big-endian counts from the top bit. */
  readonly bitOffset: number;
  /** Bit-fields only. */
  readonly bitWidth?: number;
}

/** Bits between members that belong to none. */
export interface Hole {
  readonly bitOffset: number;
  readonly bits: number;
}

/** How far a record has been filled; the state of the System V and Itanium algorithm. */
export interface Cursor {
  readonly target: Target;
  readonly isUnion: boolean;
  readonly packed: boolean;
  /** `#pragma pack`, in bytes; 0 without. */
  readonly pack: number;
  /** End of the data in whole bytes. */
  bytes: number;
  /** Bits of the last byte (of the last unit, where bit-fields take units) that a bit-field left free. */
  unfilledBits: number;
  /** Bytes of the unit that the bit-field before is in; 0 behind anything else. */
  unit: number;
  /** The most that `bytes` has been: where bit-fields take units one of width 0 can set it back. */
  reached: number;
  align: number;
}

export type LayoutOf = (type: Type, target: Target) => Layout;

/** Lays a struct or union out; `layoutOf` gives the layouts of its members' types. */
export function layRecord(type: RecordType, target: Target, layoutOf: LayoutOf) {
  checkRecord(type, target);
  const cursor = begin(type, target);
  const fields: FieldLayout[] = [];
  for (const key of Object.keys(type.fields)) {
    const placed = within(type, key, () => place(cursor, type, key, layoutOf));
    if (placed) fields.push(Object.freeze(placed));
  }
  return finish(cursor, type, fields, layoutOf);
}

function begin(type: RecordType, target: Target): Cursor {
  if (type.align !== undefined && !isPowerOfTwo(type.align)) {
    throw new AbiError(`${title(type)}: aligned(${type.align}) is not a power of two`);
  }
  return {
    target,
    isUnion: type.kind === 'union',
    packed: type.packed === true,
    pack: packOf(type, target),
    bytes: 0,
    unfilledBits: 0,
    unit: 0,
    reached: 0,
    align: target.rules === 'microsoft' ? 1 : (type.align ?? 1),
  };
}

function place(cursor: Cursor, type: RecordType, key: string, layoutOf: LayoutOf) {
  const field = resolveField(type.fields[key] as Type, cursor.target);
  if (field.kind === 'absent') return undefined;
  if (field.kind === 'bits' || field.kind === 'member') checkAlign(field.align);
  if (field.kind === 'bits') return bitsField(cursor, key, field, layoutOf);
  if (field.kind === 'member') return memberField(cursor, key, field, layoutOf);
  return memberField(cursor, key, { kind: 'member', type: field }, layoutOf);
}

function checkAlign(align: number | undefined): void {
  if (align === undefined || isPowerOfTwo(align)) return;
  throw new AbiError(`alignment ${shown(align)}: expected a power of two, up to 2 ** 28`);
}

function bitsField(cursor: Cursor, key: string, field: BitsMember, layoutOf: LayoutOf) {
  const type = resolveMaybe(field.type, cursor.target);
  if (!type) return undefined;
  const { size, align } = layoutOf(type, cursor.target);
  const bitOffset = placeBits(cursor, field, { type, size, align });
  const name = field.unnamed ? '' : key;
  const offset = Math.floor(bitOffset / 8);
  return { name, key, type, offset, size, bitOffset, bitWidth: field.width };
}

function memberField(cursor: Cursor, key: string, field: Member, layoutOf: LayoutOf) {
  const type = resolveMaybe(field.type, cursor.target);
  if (!type) return undefined;
  const { size, align } = layoutOf(type, cursor.target);
  const own = memberAlign(cursor, field, type, align, layoutOf);
  cursor.unfilledBits = 0;
  cursor.unit = 0;
  const offset = cursor.isUnion ? 0 : alignUp(cursor.bytes, own);
  cursor.bytes = Math.max(cursor.bytes, offset + size);
  cursor.align = Math.max(cursor.align, own);
  if (cursor.bytes > maxBytes) throw new AbiError('too large');
  return { name: field.anonymous ? '' : key, key, type, offset, size, bitOffset: offset * 8 };
}

/** packed lowers to 1, the member's own aligned() raises, #pragma pack caps both. */
function memberAlign(
  cursor: Cursor,
  field: Member,
  type: Type,
  align: number,
  layoutOf: LayoutOf,
): number {
  const { target } = cursor;
  if (target.rules === 'microsoft') return microsoftMember(cursor, { ...field, type }, layoutOf);
  const natural = target.bitFields === 'units' ? Math.max(align, ownSize(type, target)) : align;
  const packed = cursor.packed || field.packed === true;
  const wanted = Math.max(packed ? 1 : natural, field.align ?? 1);
  return cursor.pack > 0 ? Math.min(wanted, cursor.pack) : wanted;
}

function finish(
  cursor: Cursor,
  type: RecordType,
  fields: readonly FieldLayout[],
  layoutOf: LayoutOf,
) {
  const empty = fields.every((field) => field.bitWidth === 0);
  const { size, align } =
    cursor.target.rules === 'microsoft'
      ? microsoftWhole(cursor, type, layoutOf)
      : gnuWhole(cursor, empty);
  const holes = cursor.isUnion ? [] : findHoles(fields);
  return {
    size,
    align,
    fields: Object.freeze(fields),
    holes: Object.freeze(holes),
    tailPadding: empty ? 0 : tailBytes(fields, size),
  };
}

function gnuWhole({ target, bytes, reached, align }: Cursor, empty: boolean) {
  const used = Math.max(bytes, reached);
  // C++ gives a class without members a byte, so that two objects have two addresses.
  const least = target.language === 'c++' && empty ? 1 : 0;
  return { size: alignUp(Math.max(used, least), align), align };
}

export function title(type: RecordType): string {
  return `${type.kind} ${type.name || '(without a tag)'}`;
}

function within<T>(type: RecordType, key: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof AbiError)) throw error;
    throw new AbiError(`${title(type)}, member ${quoted(key)}: ${error.message}`);
  }
}
