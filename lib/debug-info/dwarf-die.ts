import type { Abbrev } from './dwarf-abbrev.ts';
import { readBig, readNumber, readReference, readText, skipForm } from './dwarf-form.ts';
import { attribute } from './dwarf-names.ts';
import type { Unit } from './dwarf-unit.ts';

/** A debugging information entry: its tag, and those of its attributes that say something of types. */
export class Die {
  tag = 0;
  hasChildren = false;
  name = '';
  /** Numbers of entries; 0 where there is none, which for a type is void. */
  type = 0;
  sibling = 0;
  signature = 0;
  specification = 0;
  byteSize: number | undefined = undefined;
  bitSize: number | undefined = undefined;
  bitOffset: number | undefined = undefined;
  dataBitOffset: number | undefined = undefined;
  /** 'unknown' where only the running program knows. */
  location: number | 'unknown' | undefined = undefined;
  upperBound: number | 'unknown' | undefined = undefined;
  count: number | 'unknown' | undefined = undefined;
  lowerBound: number | undefined = undefined;
  hasStride = false;
  constValue: bigint | undefined = undefined;
  encoding = 0;
  endianity = 0;
  alignment = 0;
  isDeclaration = false;
  isExternal = false;
  isVirtual = false;
  isVector = false;
  hasDiscriminant = false;
  language = 0;
  producer = '';
  dwoName = '';

  /** An entry is read into one that was used: there are millions. */
  reset(tag: number, hasChildren: boolean): void {
    this.tag = tag;
    this.hasChildren = hasChildren;
    this.name = '';
    this.type = 0;
    this.sibling = 0;
    this.signature = 0;
    this.specification = 0;
    this.byteSize = undefined;
    this.bitSize = undefined;
    this.bitOffset = undefined;
    this.dataBitOffset = undefined;
    this.location = undefined;
    this.upperBound = undefined;
    this.count = undefined;
    this.lowerBound = undefined;
    this.hasStride = false;
    this.constValue = undefined;
    this.encoding = 0;
    this.endianity = 0;
    this.alignment = 0;
    this.isDeclaration = false;
    this.isExternal = false;
    this.isVirtual = false;
    this.isVector = false;
    this.hasDiscriminant = false;
    this.language = 0;
    this.producer = '';
    this.dwoName = '';
  }
}

/** Reads the attributes of an entry whose code was read. */
export function readDie(unit: Unit, abbrev: Abbrev, die = new Die()): Die {
  die.reset(abbrev.tag, abbrev.hasChildren);
  for (const one of abbrev.attributes) {
    switch (one.name) {
      case attribute.name:
        die.name = readText(unit, one.form);
        break;
      case attribute.type:
      case attribute.import:
        die.type = readReference(unit, one.form);
        break;
      case attribute.sibling:
        die.sibling = readReference(unit, one.form);
        break;
      case attribute.signature:
        die.signature = readReference(unit, one.form);
        break;
      case attribute.specification:
        die.specification = readReference(unit, one.form);
        break;
      case attribute.byteSize:
        die.byteSize = readNumber(unit, one);
        break;
      case attribute.bitSize:
        die.bitSize = readNumber(unit, one);
        break;
      case attribute.bitOffset:
        die.bitOffset = readNumber(unit, one);
        break;
      case attribute.dataBitOffset:
        die.dataBitOffset = readNumber(unit, one);
        break;
      case attribute.dataMemberLocation:
        die.location = readNumber(unit, one) ?? 'unknown';
        break;
      case attribute.upperBound:
        die.upperBound = readNumber(unit, one) ?? 'unknown';
        break;
      case attribute.count:
        die.count = readNumber(unit, one) ?? 'unknown';
        break;
      case attribute.lowerBound:
        die.lowerBound = readNumber(unit, one);
        break;
      case attribute.byteStride:
      case attribute.bitStride:
        die.hasStride = true;
        skipForm(unit, one.form);
        break;
      case attribute.constValue:
        die.constValue = readBig(unit, one);
        break;
      case attribute.encoding:
        die.encoding = readNumber(unit, one) ?? 0;
        break;
      case attribute.endianity:
        die.endianity = readNumber(unit, one) ?? 0;
        break;
      case attribute.alignment:
        die.alignment = readNumber(unit, one) ?? 0;
        break;
      case attribute.declaration:
        die.isDeclaration = readNumber(unit, one) === 1;
        break;
      case attribute.external:
        die.isExternal = readNumber(unit, one) === 1;
        break;
      case attribute.virtuality:
        die.isVirtual = readNumber(unit, one) !== 0;
        break;
      case attribute.gnuVector:
        die.isVector = readNumber(unit, one) === 1;
        break;
      case attribute.discriminant:
        die.hasDiscriminant = true;
        skipForm(unit, one.form);
        break;
      case attribute.language:
        die.language = readNumber(unit, one) ?? 0;
        break;
      case attribute.producer:
        die.producer = readText(unit, one.form);
        break;
      case attribute.dwoName:
      case attribute.gnuDwoName:
        die.dwoName = readText(unit, one.form);
        break;
      default:
        skipForm(unit, one.form);
    }
  }
  return die;
}

/** Passes over the attributes of an entry whose code was read. */
export function skipDie(unit: Unit, { skips }: Abbrev): void {
  for (const step of skips) {
    if (step >= 0) unit.cursor.at += step;
    else skipForm(unit, -step);
  }
}

/** The abbreviation of the entry at the cursor; undefined at the end of a list of children. */
export function nextAbbrev(unit: Unit): Abbrev | undefined {
  const code = unit.cursor.uleb();
  if (code === 0) return undefined;
  const found = unit.table.get(code);
  if (found) return found;
  throw new Error(`an entry of code ${code}, which its abbreviations do not have`);
}

/** The entry of that number. */
export function dieAt(unit: Unit, id: number): Die {
  unit.cursor.at = id - unit.start;
  const abbrev = nextAbbrev(unit);
  if (!abbrev) throw new Error('a reference to no entry');
  return readDie(unit, abbrev);
}

/** Reads past the entry's children, after its attributes. */
function skipChildren(unit: Unit, die: Die): void {
  if (!die.hasChildren) return;
  if (die.sibling > unit.start + unit.cursor.at) {
    unit.cursor.at = die.sibling - unit.start;
    return;
  }
  for (let depth = 1; depth > 0; ) {
    const abbrev = nextAbbrev(unit);
    if (!abbrev) depth -= 1;
    else {
      skipDie(unit, abbrev);
      if (abbrev.hasChildren) depth += 1;
    }
  }
}

/** Calls `use` with each of the entry's children, after its attributes. It is one object again and again. */
export function eachChild(unit: Unit, die: Die, use: (child: Die) => void): void {
  if (!die.hasChildren) return;
  const child = new Die();
  for (let abbrev = nextAbbrev(unit); abbrev; abbrev = nextAbbrev(unit)) {
    readDie(unit, abbrev, child);
    const after = unit.cursor.at;
    use(child);
    unit.cursor.at = after;
    skipChildren(unit, child);
  }
}
