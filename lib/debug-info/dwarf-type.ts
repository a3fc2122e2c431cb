import {
  type DebugArray,
  type DebugEnum,
  type DebugMember,
  type DebugOther,
  type DebugRecord,
  type DebugScalar,
  type DebugType,
  noMembers,
} from './debug-type.ts';
import { type Die, dieAt, eachChild } from './dwarf-die.ts';
import { encodings, endianity, tag } from './dwarf-names.ts';
import { layMembers, type RecordParts } from './dwarf-record.ts';
import { countsFromOne, hasColumnsFirst, isC } from './dwarf-scan.ts';
import type { Unit } from './dwarf-unit.ts';
import { typeBehind } from './type-behind.ts';

/** What the types of a file are read with. */
export interface TypeSource {
  readonly isLittle: boolean;
  unitAt(id: number): Unit;
  /** The name with those of the namespaces and classes that it stands in. */
  fullName(unit: Unit, id: number, die: Die): string;
  /** The type of that number, or the one that defines it. */
  typeOf(id: number): DebugType;
}

/** The type of an entry; what it refers to stays numbers. */
export function readType(source: TypeSource, id: number): DebugType {
  const unit = source.unitAt(id);
  const die = dieAt(unit, id);
  if (die.endianity === (source.isLittle ? endianity.big : endianity.little)) {
    return { kind: 'refused', reason: "its byte order is not the target's (scalar_storage_order)" };
  }
  switch (die.tag) {
    case tag.base:
      return isUnit(die) ? { kind: 'struct', name: '', size: 0, members: [] } : scalar(unit, die);
    case tag.pointer:
    case tag.reference:
    case tag.rvalueReference:
      return { kind: 'pointer', to: die.type };
    case tag.array:
      return array(unit, die);
    case tag.structure:
    case tag.class:
    case tag.interface:
      return record(source, unit, id, die, 'struct');
    case tag.union:
      return record(source, unit, id, die, 'union');
    case tag.enumeration:
      return enumeration(source, unit, id, die);
    case tag.typedef:
    case tag.templateAlias: {
      const name = source.fullName(unit, id, die);
      const align = die.alignment > 0 ? { align: die.alignment } : {};
      return { kind: 'typedef', name, to: die.type, ...align };
    }
    case tag.const:
    case tag.volatile:
    case tag.restrict:
    case tag.shared:
    case tag.immutable:
    case tag.packed:
      return { kind: 'qualifier', to: die.type };
    case tag.atomic:
      return { kind: 'qualifier', to: die.type, ...(isOfGcc(unit) ? {} : { mayGrow: true }) };
    case tag.subroutine:
    case tag.subprogram:
      return { kind: 'other', what: 'a function' };
    case tag.pointerToMember:
      return { kind: 'refused', reason: 'a pointer to a member has no counterpart here' };
    case tag.unspecified:
      return { kind: 'refused', reason: `'${die.name}' has no counterpart here` };
    default:
      return {
        kind: 'refused',
        reason: `an entry of tag 0x${die.tag.toString(16)} is no type that is known here`,
      };
  }
}

/** Rust's `()`, which takes no bytes. */
function isUnit({ name, byteSize }: Die): boolean {
  return name === '()' && byteSize === 0;
}

const unitDies = new WeakMap<Unit, Die>();

/** The unit's own entry: its compiler, its language. */
function unitDie(unit: Unit): Die {
  const known = unitDies.get(unit);
  if (known) return known;
  const { at } = unit.cursor;
  const die = dieAt(unit, unit.start + unit.first);
  unit.cursor.at = at;
  unitDies.set(unit, die);
  return die;
}

/** GCC's producer has its switches, of which the last counts. */
function isQuad(unit: Unit): boolean {
  const { producer } = unitDie(unit);
  return [...producer.matchAll(/ -mlong-double-(\d+)/g)].at(-1)?.[1] === '128';
}

/** GCC only aligns what is `_Atomic`; clang rounds its size up, too. */
function isOfGcc(unit: Unit): boolean {
  return unitDie(unit).producer.startsWith('GNU ');
}

/** DWARF has it from version 5 on, and clang does not write it before. */
function tellsAtomic(unit: Unit): boolean {
  if (unit.version >= 5) return true;
  const { producer, language } = unitDie(unit);
  return producer.startsWith('GNU ') || !isC(language);
}

/** DWARF has them from version 5 on. GCC from 7 on writes all of them before, clang those of no typedef. */
function tellsAligns(unit: Unit): boolean {
  if (unit.version >= 5) return true;
  const { producer } = unitDie(unit);
  const major = /^GNU \S+ (\d+)\./.exec(producer)?.[1];
  return Number(major ?? 0) >= 7 && !producer.includes(' -gstrict-dwarf');
}

function scalar(unit: Unit, { name, byteSize = 0, encoding }: Die): DebugScalar {
  const known = (encodings as Readonly<Record<number, DebugScalar['form']>>)[encoding];
  // Bits of a _BitInt above its width are anything.
  const form = /\b_BitInt\b/.test(name) ? 'other' : (known ?? 'other');
  const quad = form === 'float' && byteSize === 16 && isQuad(unit) ? { isQuad: true as const } : {};
  return { kind: 'scalar', name, size: byteSize, form, ...quad };
}

/** Where a file does not tell at which number an array begins, its language does. */
function firstIndex(unit: Unit): number {
  return countsFromOne(unitDie(unit).language) ? 1 : 0;
}

function array(unit: Unit, die: Die): DebugArray | Extract<DebugType, { kind: 'refused' }> {
  if (die.isVector) return { kind: 'refused', reason: 'a vector has no counterpart here' };
  const lengths: (number | undefined)[] = [];
  let isKnown = !die.hasStride;
  eachChild(unit, die, (child) => {
    if (child.tag !== tag.subrange && child.tag !== tag.enumeration) return;
    const length = child.tag === tag.subrange ? lengthOf(child, unit) : 'unknown';
    if (length === 'unknown' || child.hasStride) isKnown = false;
    else lengths.push(length);
  });
  if (!isKnown) {
    return { kind: 'refused', reason: 'an array whose length only the running program knows' };
  }
  if (lengths.length > 1 && hasColumnsFirst(unitDie(unit).language)) {
    return {
      kind: 'refused',
      reason: 'an array whose first index moves the fastest has no counterpart here',
    };
  }
  const grown = tellsAtomic(unit) ? {} : { mayGrow: true as const };
  return { kind: 'array', of: die.type, lengths: lengths.length ? lengths : [undefined], ...grown };
}

function lengthOf(
  { count, upperBound, lowerBound }: Die,
  unit: Unit,
): number | 'unknown' | undefined {
  const given = count ?? upperBound;
  if (given === undefined || given === 'unknown') return given;
  if (given === count) return given;
  // A bound of -1 is that of no element, in 32 bits without a sign too.
  const isNone = given === -1 || given === 0xffffffff;
  return isNone ? 0 : Math.max(given - (lowerBound ?? firstIndex(unit)) + 1, 0);
}

function record(
  source: TypeSource,
  unit: Unit,
  id: number,
  die: Die,
  kind: 'struct' | 'union',
): DebugRecord | DebugOther {
  const name = source.fullName(unit, id, die);
  if (isElsewhere(die)) return { kind: 'other', what: `${kind} ${name}` };
  if (isHollow(unit, die)) return hollow(name, die.byteSize ?? 0);
  const { byteSize: size } = die;
  const unknown = size === undefined ? 'only the running program knows its size' : undefined;
  const parts: RecordParts = { members: [], align: die.alignment, refused: unknown };
  const isTaken = die.alignment > 0 && isOfGcc(unit);
  eachChild(unit, die, (child) => layMembers(source, unit, child, parts));
  const align = isTaken
    ? { align: die.alignment, isTaken }
    : parts.align > 0
      ? { align: parts.align }
      : {};
  const told = tellsAligns(unit) ? { tellsAligns: true as const } : {};
  const refused = parts.refused === undefined ? {} : { refused: parts.refused };
  const members = kind === 'struct' ? inOrder(parts.members) : parts.members;
  return { kind, name, size: size ?? 0, members, ...align, ...told, ...refused };
}

/**
 * GCC writes a union once more for a typedef with `transparent_union`, without its members. Where the program
 * uses the union by its tag, too, another entry has them.
 */
function isHollow(unit: Unit, die: Die): boolean {
  const isEmpty = die.tag === tag.union && !die.hasChildren && (die.byteSize ?? 0) > 0;
  return isEmpty && isOfGcc(unit) && isC(unitDie(unit).language);
}

function hollow(name: string, size: number): DebugRecord | DebugOther {
  const refused = noMembers;
  const union: DebugRecord = { kind: 'union', name, size, members: [], refused };
  return name === '' ? union : { kind: 'other', what: `union ${name}`, opaque: union };
}

/** Only declared here, or in a type unit that the signature names. */
function isElsewhere({ isDeclaration, signature }: Die): boolean {
  return isDeclaration || signature !== 0;
}

/** Rust moves members; its debug information has them as they were written. */
function inOrder(members: readonly DebugMember[]): readonly DebugMember[] {
  const isInOrder = members.every(
    (one, index) => index === 0 || (members[index - 1]?.bitOffset ?? 0) <= one.bitOffset,
  );
  return isInOrder ? members : [...members].sort((a, b) => a.bitOffset - b.bitOffset);
}

/** `enum e : short;` is announced with its size, and by GCC with its integer. */
function enumeration(source: TypeSource, unit: Unit, id: number, die: Die): DebugEnum | DebugOther {
  const name = source.fullName(unit, id, die);
  if (!isElsewhere(die)) return enumerationOf(source, unit, die, name);
  const what = `enum ${name}`;
  const hasSize = die.isDeclaration && die.signature === 0 && (die.byteSize ?? 0) > 0;
  if (!hasSize) return { kind: 'other', what };
  return { kind: 'other', what, opaque: enumerationOf(source, unit, die, name) };
}

function enumerationOf(source: TypeSource, unit: Unit, die: Die, name: string): DebugEnum {
  const given: [name: string, value: bigint][] = [];
  eachChild(unit, die, (child) => {
    if (child.tag === tag.enumerator) given.push([child.name, child.constValue ?? 0n]);
  });
  const behind = typeBehind(source, die.type);
  const base = behind?.kind === 'scalar' ? behind : undefined;
  const size = die.byteSize ?? base?.size ?? 0;
  const own = die.encoding === 0 ? undefined : scalar(unit, die).form;
  const form = own ?? base?.form;
  const isSigned = form === undefined ? given.some(([, value]) => value < 0n) : form === 'signed';
  const bits = size * 8;
  const values = given.map(([key, value]) => {
    return [key, isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)] as const;
  });
  const refused = whyNot(name, base?.name ?? 'bool', form, die.isDeclaration);
  return { kind: 'enum', name, size, isSigned, values, ...(refused ? { refused } : {}) };
}

function whyNot(
  name: string,
  base: string,
  form: DebugScalar['form'] | undefined,
  isOpaque: boolean,
): string | undefined {
  if (form === 'bool')
    return `enum '${name}' has the base '${base}', which has no counterpart here`;
  return isOpaque && form === undefined
    ? 'it is only announced, with a size: clang does not tell the sign of its integer'
    : undefined;
}
