import { UserError } from '../user-error.ts';
import { sectionBytes } from './binary-file.ts';
import { ByteCursor } from './bytes.ts';
import type { ElfHeader, ElfSection, ReadAt } from './elf-sections.ts';

/** What a library or a program offers to others, by its table of dynamic symbols. */

export type SymbolKind = 'function' | 'variable' | 'thread-local variable' | 'symbol';

export interface DynamicSymbol {
  readonly name: string;
  /** One of the file's own versions. */
  readonly version: string | undefined;
  /** Whether a program that is linked now is bound to it. A name has one such version. */
  readonly isDefault: boolean;
  /** Whether its version is the file's oldest: a program that asks for no version gets that one. */
  readonly isFirst: boolean;
  /** `symbol` where the file does not tell. */
  readonly kind: SymbolKind;
  readonly bytes: number;
}

const table = 11;
const versionOfEach = 0x6fffffff;
const versions = 0x6ffffffd;
const neededVersions = 0x6ffffffe;

/** STT_… of elf.h; an indirect function is one to its callers. */
const kinds: Readonly<Record<number, SymbolKind>> = {
  0: 'symbol',
  1: 'variable',
  2: 'function',
  5: 'variable',
  6: 'thread-local variable',
  10: 'function',
};
/** Global, weak, and one in the whole process. */
const bindings: readonly number[] = [1, 2, 10];
/** Default, and protected. */
const visibilities: readonly number[] = [0, 3];
/** Linkers write them into every file; old ones export them, and no program is bound to another's. */
const ofLinkers: ReadonlySet<string> = new Set(['_edata', '__bss_start', '_end', '_init', '_fini']);
const undefinedSection = 0;
const absolute = 0xfff1;

/** The exported symbols of an ELF file; undefined if it has no table of them, as objects have none. */
export function dynamicSymbols(
  read: ReadAt,
  header: ElfHeader,
  file: string,
): readonly DynamicSymbol[] | undefined {
  const at = header.sections.findIndex(({ type }) => type === table);
  const section = header.sections[at];
  if (!section) return undefined;
  const bytesOf = (one: ElfSection) => sectionBytes(read, header, one, file);
  const linked = header.sections.find(({ type, link }) => type === versionOfEach && link === at);
  const defined = header.sections.find(({ type }) => type === versions);
  const needed = header.sections.find(({ type }) => type === neededVersions);
  try {
    const names = textsOf(header, section, bytesOf);
    const indexes = linked && new ByteCursor(bytesOf(linked), header.isLittle);
    const known = defined ? versionNames(header, defined, bytesOf) : new Map<number, string>();
    const others = needed ? neededIndexes(header, needed, bytesOf) : new Set<number>();
    const entries = new ByteCursor(bytesOf(section), header.isLittle);
    const symbols = [...symbolsIn(entries, header.is64, names)];
    const copies = copiesIn(header, at, bytesOf);
    const copied = new Set(symbols.filter((_, index) => copies.has(index)).map(placeOf));
    return symbols.flatMap((symbol, index) => {
      // The library has several names for some variables: all of them are at the copy.
      if (copies.has(index) || (symbol.bytes > 0 && copied.has(placeOf(symbol)))) return [];
      if (indexes) indexes.at = 2 * index;
      return exported(symbol, indexes?.u16() ?? unversioned, known, others);
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`${file} has damaged tables of dynamic symbols`);
  }
}

function textsOf(
  { sections }: ElfHeader,
  { link }: ElfSection,
  bytesOf: (section: ElfSection) => Buffer,
): Buffer {
  const texts = sections[link];
  if (!texts) throw new RangeError('no names');
  return bytesOf(texts);
}

interface Entry {
  readonly name: string;
  readonly info: number;
  readonly other: number;
  readonly section: number;
  readonly value: bigint;
  readonly bytes: number;
}

function placeOf({ section, value }: Entry): string {
  return `${section} ${value}`;
}

function* symbolsIn(cursor: ByteCursor, is64: boolean, names: Buffer): Generator<Entry> {
  const size = is64 ? 24 : 16;
  for (let at = 0; at + size <= cursor.bytes.length; at += size) {
    cursor.at = at;
    const name = textIn(names, cursor.u32());
    if (is64) {
      const [info, other, section] = [cursor.u8(), cursor.u8(), cursor.u16()];
      yield { name, info, other, section, value: cursor.big64(), bytes: cursor.u64() };
    } else {
      const [value, bytes] = [BigInt(cursor.u32()), cursor.u32()];
      const [info, other] = [cursor.u8(), cursor.u8()];
      yield { name, value, bytes, info, other, section: cursor.u16() };
    }
  }
}

/** No symbol of a compiler has a longer name. */
const longestName = 2 ** 20;

function textIn(texts: Buffer, at: number): string {
  if (at >= texts.length) throw new RangeError('a name beyond the table of names');
  const end = texts.subarray(at, at + longestName).indexOf(0);
  if (end < 0) throw new RangeError('a name without an end');
  return texts.toString('utf8', at, at + end);
}

/** Indexes of versions: 0 is not exported, 1 has none, and the highest bit says that it is not the default. */
const local = 0;
const unversioned = 1;
const first = 2;
const hidden = 0x8000;

function exported(
  { name, info, other, section, bytes }: Entry,
  index: number,
  known: ReadonlyMap<number, string>,
  others: ReadonlySet<number>,
): DynamicSymbol[] {
  const kind = kinds[info & 15];
  const isOffered = bindings.includes(info >> 4) && visibilities.includes(other & 3);
  const place = index & ~hidden;
  if (kind === undefined || !isOffered || section === undefinedSection || place === local)
    return [];
  if (ofLinkers.has(name)) return [];
  const version = place === unversioned ? undefined : known.get(place);
  if (place !== unversioned && version === undefined) {
    if (!others.has(place)) throw new RangeError(`no version ${place}`);
    return []; // defined under another library's version: a copy of what that has
  }
  // Linkers define each version as a symbol of its name.
  if (section === absolute && name === version) return [];
  const isDefault = (index & hidden) === 0;
  return [{ name, version, isDefault, isFirst: place === first, kind, bytes }];
}

/** R_…_COPY by EM_…, both of elf.h. */
const copyTypes: Readonly<Record<number, number>> = {
  3: 5,
  4: 19,
  8: 126,
  21: 19,
  22: 9,
  40: 20,
  43: 19,
  62: 5,
  183: 1024,
  243: 4,
  258: 4,
};
const mips = 8;
const relocationsWithAddend = 4;
const relocations = 9;

/** The symbols that are a program's copies of other libraries' variables. */
function copiesIn(
  { machine, is64, isLittle, sections }: ElfHeader,
  symbols: number,
  bytesOf: (section: ElfSection) => Buffer,
): Set<number> {
  const found = new Set<number>();
  for (const section of sections) {
    const { type, link } = section;
    if (link !== symbols || (type !== relocationsWithAddend && type !== relocations)) continue;
    const cursor = new ByteCursor(bytesOf(section), isLittle);
    const word = is64 ? 8 : 4;
    const size = word * (type === relocationsWithAddend ? 3 : 2);
    for (let at = 0; at + size <= cursor.bytes.length; at += size) {
      cursor.at = at + word;
      const first = cursor.u32();
      const [symbol, kind] = is64
        ? inHalves(first, cursor.u32(), isLittle, machine)
        : [first >>> 8, first & 255];
      if (kind === copyTypes[machine]) found.add(symbol);
    }
  }
  return found;
}

function inHalves(
  first: number,
  second: number,
  isLittle: boolean,
  machine: number,
): [symbol: number, kind: number] {
  // MIPS has four fields there, and not one number: the symbol, then single bytes with the kind as the last.
  if (isLittle && machine === mips) return [first, second >>> 24];
  return isLittle ? [second, first] : [first, second];
}

/** The versions that a file defines, by their indexes. */
function versionNames(
  header: ElfHeader,
  section: ElfSection,
  bytesOf: (section: ElfSection) => Buffer,
): Map<number, string> {
  const names = textsOf(header, section, bytesOf);
  const cursor = new ByteCursor(bytesOf(section), header.isLittle);
  const found = new Map<number, string>();
  for (let count = 0, at = 0; count < section.info; count++) {
    cursor.at = at + 4;
    const index = cursor.u16();
    cursor.at = at + 12;
    const name = cursor.u32();
    const next = cursor.u32();
    cursor.at = at + name;
    found.set(index, textIn(names, cursor.u32()));
    if (next === 0) break;
    at += next;
  }
  return found;
}

/** The indexes of versions that a file has from other libraries. */
function neededIndexes(
  { isLittle }: ElfHeader,
  section: ElfSection,
  bytesOf: (section: ElfSection) => Buffer,
): Set<number> {
  const cursor = new ByteCursor(bytesOf(section), isLittle);
  const found = new Set<number>();
  for (let file = 0, at = 0; file < section.info; file++) {
    cursor.at = at + 2;
    const count = cursor.u16();
    cursor.skip(4);
    let entry = at + cursor.u32();
    const next = cursor.u32();
    for (let number = 0; number < count; number++) {
      cursor.at = entry + 6;
      found.add(cursor.u16() & ~hidden);
      cursor.skip(4);
      entry += cursor.u32();
    }
    if (next === 0) break;
    at += next;
  }
  return found;
}
