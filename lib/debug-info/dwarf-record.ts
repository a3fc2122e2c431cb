import type { DebugMember } from './debug-type.ts';
import { type Die, eachChild } from './dwarf-die.ts';
import { tag } from './dwarf-names.ts';
import type { TypeSource } from './dwarf-type.ts';
import type { Unit } from './dwarf-unit.ts';
import { typeBehind } from './type-behind.ts';

/** The members of a record as they are found. */
export interface RecordParts {
  readonly members: DebugMember[];
  /** The most that an attribute asked for, of the record or of a base class; 0 without any. */
  align: number;
  refused: string | undefined;
}

/** Adds what an entry inside a record says of its bytes. */
export function layMembers(source: TypeSource, unit: Unit, die: Die, parts: RecordParts): void {
  switch (die.tag) {
    case tag.member:
      addMember(source, die, parts);
      return;
    case tag.inheritance:
      addBase(source, die, parts);
      return;
    case tag.variantPart:
      layVariants(source, unit, die, parts);
      return;
    default:
    // Functions, constants, types: no bytes.
  }
}

/** One that nothing tells from others has its bytes for itself: Rust's enumeration of one variant. */
function layVariants(source: TypeSource, unit: Unit, part: Die, parts: RecordParts): void {
  let count = 0;
  eachChild(unit, part, (variant) => {
    if (variant.tag !== tag.variant) return;
    count += 1;
    eachChild(unit, variant, (child) => layMembers(source, unit, child, parts));
  });
  if (count <= 1 && !part.hasDiscriminant) return;
  parts.refused ??= 'its variants share their bytes (a Rust enumeration with data)';
}

function addMember(source: TypeSource, die: Die, parts: RecordParts): void {
  // A static member of C++, which is a variable.
  if (die.isDeclaration || die.isExternal) return;
  if (/^_vptr[.$]/.test(die.name)) {
    parts.refused ??= 'it has virtual functions: a pointer to their table stands in it';
    return;
  }
  if (die.location === 'unknown') {
    parts.refused ??= `member '${die.name}': only the running program knows where it is`;
    return;
  }
  const { name, type, bitSize, alignment } = die;
  const align = alignment > 0 ? { align: alignment } : {};
  const bitOffset = placeOf(die, source);
  const width = bitSize === undefined ? {} : { bitWidth: bitSize };
  parts.members.push({ name, type, bitOffset, ...width, ...align });
}

/** Bits from the record's start, counted as the target orders them. */
function placeOf(die: Die, source: TypeSource): number {
  const { location, dataBitOffset, bitOffset, bitSize = 0 } = die;
  const bytes = typeof location === 'number' ? location : 0;
  if (dataBitOffset !== undefined) return bytes * 8 + dataBitOffset;
  if (bitOffset === undefined) return bytes * 8;
  // DWARF 2 and 3, and GCC's 4: from the most significant bit of a unit of so many bytes.
  const unit = die.byteSize ?? sizeBehind(source, die.type);
  return bytes * 8 + (source.isLittle ? unit * 8 - bitOffset - bitSize : bitOffset);
}

function sizeBehind(source: TypeSource, id: number): number {
  const found = typeBehind(source, id);
  return found && 'size' in found ? found.size : 0;
}

/** A base class's members are the class's own: its last bytes may be another's. */
function addBase(source: TypeSource, die: Die, parts: RecordParts): void {
  if (die.isVirtual || die.location === 'unknown') {
    parts.refused ??= 'it has a virtual base class: only the running program knows where that is';
    return;
  }
  const base = typeBehind(source, die.type);
  if (base?.kind !== 'struct') {
    parts.refused ??= 'one of its base classes is not described';
    return;
  }
  parts.refused ??= base.refused;
  parts.align = Math.max(parts.align, base.align ?? 0);
  const from = (die.location ?? 0) * 8;
  for (const one of base.members) {
    parts.members.push({ ...one, bitOffset: one.bitOffset + from });
  }
}
