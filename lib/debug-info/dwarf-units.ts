import { ByteCursor } from './bytes.ts';
import { type Abbrevs, readAbbrevs } from './dwarf-abbrev.ts';
import { nextAbbrev } from './dwarf-die.ts';
import { readNumber, skipForm } from './dwarf-form.ts';
import { attribute } from './dwarf-names.ts';
import { scanUnit } from './dwarf-scan.ts';
import type { DwarfSections } from './dwarf-sections.ts';
import { headBytes, readUnitHead, type Strings, type Unit, type UnitHead } from './dwarf-unit.ts';
import type { Section } from './section-bytes.ts';

/**
 * The units of a file, of which the last that were read are in memory. An entry's number is its place in all
 * sections behind one another; a signature's is below zero.
 */

/** Bytes of the units that are kept: one that is larger is kept alone. */
const keptBytes = 2 ** 26;
const keptTables = 64;

/** A section of units, and where its numbers begin. */
interface Piece {
  readonly section: Section;
  readonly isTypes: boolean;
  readonly from: number;
  readonly file: DwarfSections;
  /** Where the numbers of the alternate file begin. */
  readonly alternate: number;
}

interface Loaded {
  readonly unit: Unit;
  readonly shapes: Map<number, string>;
  /** Scopes of entries, by number; undefined until they are asked for. */
  scopes: Map<number, string> | undefined;
}

interface Place {
  readonly start: number;
  readonly head: UnitHead;
  readonly piece: Piece;
}

export class DwarfUnits {
  /** Of all units. */
  readonly bytes: number;
  readonly #isLittle: boolean;
  readonly #alternate: DwarfSections | undefined;
  readonly #places: readonly Place[];
  readonly #loaded = new Map<Place, Loaded>();
  #loadedBytes = 0;
  readonly #tables = new Map<string, Abbrevs>();
  readonly #signatures = new Map<bigint, number>();
  /** By -1 - number. */
  readonly #asked: bigint[] = [];
  readonly #askedBefore = new Map<bigint, number>();

  constructor(sections: DwarfSections, alternate?: DwarfSections) {
    this.#isLittle = sections.isLittle;
    this.#alternate = alternate;
    const pieces = piecesOf(sections, alternate);
    const last = pieces.at(-1);
    this.bytes = last ? last.from + last.section.size : 0;
    this.#places = pieces.flatMap((piece) => [...this.#unitsIn(piece)]);
  }

  *#unitsIn(piece: Piece): Generator<Place> {
    const { section, isTypes, from } = piece;
    for (let at = 0; at < section.size; ) {
      const head = readUnitHead(section.bytesAt(at, headBytes), this.#isLittle, isTypes);
      if (at + head.size > section.size) throw new Error(`the unit at ${at} goes on past the end`);
      const start = from + at;
      if (head.type) this.#signatures.set(head.type.signature, start + head.type.at);
      yield { start, head, piece };
      at += head.size;
    }
  }

  /** The file's own, one after the other, and then those of the alternate file that were asked for. */
  *each(imported: ReadonlySet<number>): Generator<Unit> {
    for (const place of this.#places) {
      const isOwn = place.piece.file !== this.#alternate;
      if (isOwn || imported.has(place.start + place.head.first)) yield this.#load(place).unit;
    }
  }

  at(id: number): Unit {
    return this.#loadedAt(id).unit;
  }

  shapesAt(id: number): Map<number, string> {
    return id < 0 ? new Map() : this.#loadedAt(id).shapes;
  }

  #loadedAt(id: number): Loaded {
    const list = this.#places;
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((list[middle] as Place).start <= id) low = middle + 1;
      else high = middle;
    }
    const place = list[low - 1];
    if (!place || id < place.start + place.head.first || id >= place.start + place.head.size) {
      throw new RangeError(`a reference to ${id}, where no entry is`);
    }
    return this.#load(place);
  }

  #load(place: Place): Loaded {
    const known = this.#loaded.get(place);
    if (known) return known;
    const { start, head, piece } = place;
    for (const [other] of this.#loaded) {
      if (this.#loadedBytes + head.size <= keptBytes) break;
      this.#loaded.delete(other);
      this.#loadedBytes -= other.head.size;
    }
    const bytes = piece.section.bytesAt(start - piece.from, head.size);
    const cursor = new ByteCursor(bytes, this.#isLittle);
    const table = this.#table(head, piece.file);
    const bare = { ...head, start, cursor, table, strings: this.#strings(piece, head, 0) };
    const base = offsetsBase(bare);
    const unit = { ...bare, strings: this.#strings(piece, head, base) };
    const loaded: Loaded = { unit, shapes: new Map(), scopes: undefined };
    this.#loaded.set(place, loaded);
    this.#loadedBytes += head.size;
    return loaded;
  }

  #table(head: UnitHead, file: DwarfSections): Abbrevs {
    const { abbrevs, version, offsetSize, addressSize } = head;
    const which = file === this.#alternate ? 'alternate' : '';
    const key = `${which}${abbrevs},${version},${offsetSize},${addressSize}`;
    const known = this.#tables.get(key);
    if (known) return known;
    if (this.#tables.size >= keptTables) this.#tables.clear();
    const table = readAbbrevs(file.abbrev, abbrevs, this.#isLittle, head);
    this.#tables.set(key, table);
    return table;
  }

  #strings({ file, from, alternate }: Piece, { offsetSize }: UnitHead, base: number) {
    const { str, lineStr, strOffsets } = file;
    const strings: Strings = {
      text: (at) => str.textAt(at),
      lineText: (at) => lineStr.textAt(at),
      indexed: (index) => {
        const bytes = strOffsets.bytesAt(base + index * offsetSize, offsetSize);
        const cursor = new ByteCursor(bytes, this.#isLittle);
        return str.textAt(offsetSize === 8 ? cursor.u64() : cursor.u32());
      },
      alternate: (at) => this.#requireAlternate().str.textAt(at),
      entry: (at) => from + at,
      alternateEntry: (at) => {
        this.#requireAlternate();
        return alternate + at;
      },
      signed: (signature) => this.#numberOf(signature),
    };
    return strings;
  }

  #requireAlternate(): DwarfSections {
    if (this.#alternate) return this.#alternate;
    throw new Error("it goes on in dwz's alternate file, which is not there");
  }

  #numberOf(signature: bigint): number {
    const known = this.#askedBefore.get(signature);
    if (known !== undefined) return known;
    this.#asked.push(signature);
    this.#askedBefore.set(signature, -this.#asked.length);
    return -this.#asked.length;
  }

  /** The type that a signature's number stands for; undefined for one that is not in the file. */
  signedType(id: number): number | undefined {
    const signature = id < 0 ? this.#asked[-1 - id] : undefined;
    return signature === undefined ? undefined : this.#signatures.get(signature);
  }

  scopeOf(unit: Unit, id: number): string {
    const loaded = this.#loadedAt(unit.start + unit.first);
    loaded.scopes ??= scopesOf(unit);
    return loaded.scopes.get(id) ?? '';
  }
}

/** In this order: the file's own sections, then those of the alternate file. */
function piecesOf(own: DwarfSections, alternate: DwarfSections | undefined): Piece[] {
  const ends = own.info.reduce((sum, { section }) => sum + section.size, 0);
  const list = (file: DwarfSections, origin: number): Piece[] => {
    let from = origin;
    return file.info.map(({ section, isTypes }) => {
      const piece = { section, isTypes, from, file, alternate: ends };
      from += section.size;
      return piece;
    });
  };
  return [...list(own, 0), ...(alternate ? list(alternate, ends) : [])];
}

/** DW_AT_str_offsets_base of the unit's own entry, which may stand behind names that need it. */
function offsetsBase(unit: Unit): number {
  unit.cursor.at = unit.first;
  const abbrev = nextAbbrev(unit);
  for (const one of abbrev?.attributes ?? []) {
    if (one.name === attribute.strOffsetsBase) return readNumber(unit, one) ?? 0;
    skipForm(unit, one.form);
  }
  // The table of an object with one unit begins behind its header.
  return unit.offsetSize === 8 ? 16 : 8;
}

function scopesOf(unit: Unit): Map<number, string> {
  const scopes = new Map<number, string>();
  const { at } = unit.cursor;
  scanUnit(unit, {
    onUnit: () => undefined,
    onImport: () => undefined,
    onType: (id, scope) => {
      if (scope !== '') scopes.set(id, scope);
    },
  });
  unit.cursor.at = at;
  return scopes;
}
