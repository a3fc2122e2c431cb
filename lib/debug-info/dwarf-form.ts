import type { ByteCursor } from './bytes.ts';
import { type Attribute, fixedSize } from './dwarf-abbrev.ts';
import { form } from './dwarf-names.ts';
import type { Unit } from './dwarf-unit.ts';

/** Values of attributes, as their forms store them. All read on from the unit's cursor. */

export function skipForm(unit: Unit, of: number): void {
  const { cursor } = unit;
  const size = fixedSize(of, unit);
  if (size !== undefined) {
    cursor.at += size;
    return;
  }
  switch (of) {
    case form.string:
      cursor.skipText();
      return;
    case form.block1:
      cursor.skip(cursor.u8());
      return;
    case form.block2:
      cursor.skip(cursor.u16());
      return;
    case form.block4:
      cursor.skip(cursor.u32());
      return;
    case form.block:
    case form.exprloc:
      cursor.skip(cursor.uleb());
      return;
    case form.indirect:
      skipForm(unit, cursor.uleb());
      return;
    case form.sdata:
    case form.udata:
    case form.refUdata:
    case form.strx:
    case form.addrx:
    case form.loclistx:
    case form.rnglistx:
    case form.gnuAddrIndex:
    case form.gnuStrIndex:
      cursor.skipLeb();
      return;
    default:
      throw new Error(`form 0x${of.toString(16)}, which is newer than this reader`);
  }
}

const plusConstant = 0x23;

/** A constant, or a block that says where a member is; undefined where the program tells. */
export function readNumber(unit: Unit, { form: of, implicit }: Attribute): number | undefined {
  const { cursor } = unit;
  switch (of) {
    case form.data1:
    case form.flag:
      return cursor.u8();
    case form.data2:
      return cursor.u16();
    case form.data4:
      return cursor.u32();
    case form.secOffset:
      return unit.offsetSize === 8 ? cursor.u64() : cursor.u32();
    case form.data8:
      return Number(BigInt.asIntN(64, cursor.big64()));
    case form.udata:
      return cursor.uleb();
    case form.sdata:
      return Number(cursor.bigLeb(true));
    case form.implicitConst:
      return implicit;
    case form.flagPresent:
      return 1;
    case form.exprloc:
    case form.block:
      return locationIn(unit, cursor.uleb());
    case form.block1:
      return locationIn(unit, cursor.u8());
    case form.indirect:
      return readNumber(unit, { name: 0, form: cursor.uleb(), implicit });
    default:
      skipForm(unit, of);
      return undefined;
  }
}

/** DW_OP_plus_uconst, as DWARF 2 and 3 say where a member is. */
function locationIn({ cursor }: Unit, size: number): number | undefined {
  const end = cursor.at + size;
  const value = size > 1 && cursor.u8() === plusConstant ? wrapped(cursor) : undefined;
  const isAll = cursor.at === end;
  cursor.at = end;
  return isAll ? value : undefined;
}

/** Before the record's start (a bit-field in a unit that begins there) it is added modulo 2 ** 64. */
function wrapped(cursor: ByteCursor): number {
  const from = cursor.at;
  const value = cursor.uleb();
  if (Number.isSafeInteger(value)) return value;
  cursor.at = from;
  return Number(BigInt.asIntN(64, cursor.bigLeb(false)));
}

/** A constant with all of its bits. Of unsigned forms nothing is known of the sign. */
export function readBig(unit: Unit, attribute: Attribute): bigint | undefined {
  const { cursor } = unit;
  switch (attribute.form) {
    case form.data8:
      return cursor.big64();
    case form.udata:
      return cursor.bigLeb(false);
    case form.sdata:
      return cursor.bigLeb(true);
    case form.data16:
      return cursor.big(16);
    case form.block1:
      // clang's, of an enumerator of 128 bits.
      return cursor.big(cursor.u8());
    default: {
      const value = readNumber(unit, attribute);
      return value === undefined ? undefined : BigInt(value);
    }
  }
}

export function readText(unit: Unit, of: number): string {
  const { cursor, strings, offsetSize } = unit;
  const offset = () => (offsetSize === 8 ? cursor.u64() : cursor.u32());
  switch (of) {
    case form.string:
      return cursor.text();
    case form.strp:
      return strings.text(offset());
    case form.lineStrp:
      return strings.lineText(offset());
    case form.strx:
    case form.gnuStrIndex:
      return strings.indexed(cursor.uleb());
    case form.strx1:
      return strings.indexed(cursor.u8());
    case form.strx2:
      return strings.indexed(cursor.u16());
    case form.strx3:
      return strings.indexed(cursor.u24());
    case form.strx4:
      return strings.indexed(cursor.u32());
    case form.strpSup:
    case form.gnuStrpAlt:
      return strings.alternate(offset());
    case form.indirect:
      return readText(unit, cursor.uleb());
    default:
      skipForm(unit, of);
      return '';
  }
}

/** The number of the entry that is referred to. */
export function readReference(unit: Unit, of: number): number {
  const { cursor, strings, start } = unit;
  switch (of) {
    case form.ref1:
      return start + cursor.u8();
    case form.ref2:
      return start + cursor.u16();
    case form.ref4:
      return start + cursor.u32();
    case form.ref8:
      return start + cursor.u64();
    case form.refUdata:
      return start + cursor.uleb();
    case form.refAddr: {
      const isLong = (fixedSize(of, unit) ?? 4) === 8;
      return strings.entry(isLong ? cursor.u64() : cursor.u32());
    }
    case form.gnuRefAlt:
      return strings.alternateEntry(unit.offsetSize === 8 ? cursor.u64() : cursor.u32());
    case form.refSup4:
      return strings.alternateEntry(cursor.u32());
    case form.refSup8:
      return strings.alternateEntry(cursor.u64());
    case form.refSig8:
      return strings.signed(cursor.big64());
    case form.indirect:
      return readReference(unit, cursor.uleb());
    default:
      skipForm(unit, of);
      return 0;
  }
}
