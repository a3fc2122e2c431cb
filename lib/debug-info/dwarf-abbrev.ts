import { ByteCursor } from './bytes.ts';
import { attribute, form, tag } from './dwarf-names.ts';
import type { Section } from './section-bytes.ts';

/** What the entries of one abbreviation code have: a tag, and attributes in their order. */
export interface Abbrev {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly Attribute[];
  /** It has a name, and is neither only declared nor somewhere else; or an enumeration that says its size. */
  readonly isDefinition: boolean;
  readonly hasName: boolean;
  /** How to pass over the attributes: numbers of bytes, and forms (as -form) of other lengths. */
  readonly skips: readonly number[];
}

export interface Attribute {
  readonly name: number;
  readonly form: number;
  /** The value itself, of DW_FORM_implicit_const. */
  readonly implicit: number;
}

export type Abbrevs = ReadonlyMap<number, Abbrev>;

/** Lengths that the form of a unit decides. */
export interface Sizes {
  readonly version: number;
  readonly offsetSize: 4 | 8;
  readonly addressSize: number;
}

/** More than compilers write; a damaged table could ask for any number. */
const mostAttributes = 1024;
const firstBytes = 2 ** 14;

/** The table at `at` of .debug_abbrev. */
export function readAbbrevs(
  section: Section,
  at: number,
  isLittle: boolean,
  sizes: Sizes,
): Abbrevs {
  for (let size = firstBytes; ; size *= 4) {
    const bytes = section.bytesAt(at, Math.min(size, Math.max(section.size - at, 0)));
    try {
      return tableIn(new ByteCursor(bytes, isLittle), sizes);
    } catch (error) {
      if (!(error instanceof RangeError) || bytes.length < size) throw error;
    }
  }
}

function tableIn(cursor: ByteCursor, sizes: Sizes): Abbrevs {
  const table = new Map<number, Abbrev>();
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    const of = cursor.uleb();
    const hasChildren = cursor.u8() !== 0;
    const attributes = attributesIn(cursor);
    const isDefinition = defines(of, attributes);
    table.set(code, {
      tag: of,
      hasChildren,
      attributes,
      isDefinition,
      hasName: attributes.some(({ name }) => name === attribute.name),
      skips: skipsOf(attributes, sizes),
    });
  }
  return table;
}

function attributesIn(cursor: ByteCursor): Attribute[] {
  const list: Attribute[] = [];
  for (;;) {
    const [name, of] = [cursor.uleb(), cursor.uleb()];
    const implicit = of === form.implicitConst ? Number(cursor.bigLeb(true)) : 0;
    if (name === 0 && of === 0) return list;
    if (list.length === mostAttributes) throw new Error('an abbreviation of too many attributes');
    list.push({ name, form: of, implicit });
  }
}

function defines(of: number, attributes: readonly Attribute[]): boolean {
  const has = (name: number) => attributes.some((one) => one.name === name);
  const isOpaque = of === tag.enumeration && has(attribute.byteSize);
  const isWhole = isOpaque || !has(attribute.declaration);
  return has(attribute.name) && isWhole && !has(attribute.signature);
}

/** Neighbours of a fixed length are one step. */
function skipsOf(attributes: readonly Attribute[], sizes: Sizes): number[] {
  const skips: number[] = [];
  let run = 0;
  for (const one of attributes) {
    const size = fixedSize(one.form, sizes);
    if (size !== undefined) run += size;
    else {
      if (run > 0) skips.push(run);
      run = 0;
      skips.push(-one.form);
    }
  }
  if (run > 0) skips.push(run);
  return skips;
}

const fixed: ReadonlyMap<number, number> = new Map([
  [form.data2, 2],
  [form.data4, 4],
  [form.data8, 8],
  [form.data1, 1],
  [form.flag, 1],
  [form.ref1, 1],
  [form.ref2, 2],
  [form.ref4, 4],
  [form.ref8, 8],
  [form.flagPresent, 0],
  [form.refSup4, 4],
  [form.data16, 16],
  [form.refSig8, 8],
  [form.implicitConst, 0],
  [form.refSup8, 8],
  [form.strx1, 1],
  [form.strx2, 2],
  [form.strx3, 3],
  [form.strx4, 4],
  [form.addrx1, 1],
  [form.addrx2, 2],
  [form.addrx3, 3],
  [form.addrx4, 4],
]);

const offsets: ReadonlySet<number> = new Set([
  form.strp,
  form.secOffset,
  form.strpSup,
  form.lineStrp,
  form.gnuRefAlt,
  form.gnuStrpAlt,
]);

/** Bytes of a value of that form; undefined where the value tells. */
export function fixedSize(of: number, { version, offsetSize, addressSize }: Sizes) {
  if (offsets.has(of)) return offsetSize;
  if (of === form.addr) return addressSize;
  // DWARF 2 counted them among the addresses.
  if (of === form.refAddr) return version <= 2 ? addressSize : offsetSize;
  return fixed.get(of);
}
