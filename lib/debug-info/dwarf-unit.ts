import { ByteCursor } from './bytes.ts';
import type { Abbrevs, Sizes } from './dwarf-abbrev.ts';

/** The header of a unit of .debug_info or .debug_types. */
export interface UnitHead extends Sizes {
  /** Bytes with the header. */
  readonly size: number;
  readonly abbrevs: number;
  /** Bytes of the header: where the first entry begins. */
  readonly first: number;
  /** Its other half, which holds the types, is in a file of its own. */
  readonly isSkeleton: boolean;
  /** Of a type unit: what others name its type by, and where in the unit that begins. */
  readonly type?: { readonly signature: bigint; readonly at: number };
}

/** A unit's bytes, and what is needed to read them. */
export interface Unit extends UnitHead {
  /** The number of its first byte: entries' numbers go on from there. */
  readonly start: number;
  readonly cursor: ByteCursor;
  readonly table: Abbrevs;
  readonly strings: Strings;
}

/** Where a unit's texts are, and what its references of other kinds mean. */
export interface Strings {
  text(at: number): string;
  lineText(at: number): string;
  /** By its index in .debug_str_offsets. */
  indexed(index: number): string;
  alternate(at: number): string;
  /** The number of an entry of .debug_info at an offset. */
  entry(at: number): number;
  alternateEntry(at: number): number;
  /** A number for the type of a signature. */
  signed(signature: bigint): number;
}

/** More than any header of a unit. */
export const headBytes = 48;

const unitType = { type: 2, skeleton: 4, splitCompile: 5, splitType: 6 } as const;

/** `isTypes`: of .debug_types, which DWARF 4 has. */
export function readUnitHead(bytes: Buffer, isLittle: boolean, isTypes: boolean): UnitHead {
  const cursor = new ByteCursor(bytes, isLittle);
  const short = cursor.u32();
  const offsetSize = short === 0xffffffff ? 8 : 4;
  const length = offsetSize === 8 ? cursor.u64() : short;
  const size = length + cursor.at;
  const version = cursor.u16();
  if (version < 2 || version > 5) throw new Error(`a unit of DWARF ${version}, expected 2 to 5`);
  const offset = () => (offsetSize === 8 ? cursor.u64() : cursor.u32());
  const kind = version === 5 ? cursor.u8() : isTypes ? unitType.type : 1;
  const early = version === 5 ? cursor.u8() : 0;
  const abbrevs = offset();
  const addressSize = version === 5 ? early : cursor.u8();
  if (kind === unitType.skeleton || kind === unitType.splitCompile) cursor.big64();
  const isType = kind === unitType.type || kind === unitType.splitType;
  const type = isType ? { signature: cursor.big64(), at: offset() } : undefined;
  return {
    size,
    version,
    offsetSize,
    addressSize,
    abbrevs,
    first: cursor.at,
    isSkeleton: kind === unitType.skeleton,
    ...(type ? { type } : {}),
  };
}
