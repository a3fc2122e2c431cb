import type { Abbrev } from './dwarf-abbrev.ts';
import { readBig, readNumber, readReference, readText, skipForm } from './dwarf-form.ts';
import { attribute } from './dwarf-names.ts';
import type { Unit } from './dwarf-unit.ts';

/** A debugging information entry: its tag, and those of its attributes that say something of types. */
export class Die {
  readonly tag: number;
  readonly hasChildren: boolean;
  name = '';
  linkageName = '';
  /** Numbers of entries; 0 where there is none, which for a type is void. */
  type = 0;
  sibling = 0;
  signature = 0;
  specification = 0;
  byteSize: number | undefined;
  bitSize: number | undefined;
  bitOffset: number | undefined;
  dataBitOffset: number | undefined;
  /** 'unknown' where only the running program knows. */
  location: number | 'unknown' | undefined;
  upperBound: number | 'unknown' | undefined;
  count: number | 'unknown' | undefined;
  lowerBound: number | undefined;
  stride = false;
  constValue: bigint | undefined;
  encoding = 0;
  alignment = 0;
  isDeclaration = false;
  isExternal = false;
  isVirtual = false;
  isVector = false;
  language = 0;
  dwoName = '';

  constructor(tag: number, hasChildren: boolean) {
    this.tag = tag;
    this.hasChildren = hasChildren;
  }
}

/** Reads the attributes of an entry whose code was read. */
export function readDie(unit: Unit, { tag, hasChildren, attributes }: Abbrev): Die {
  const die = new Die(tag, hasChildren);
  for (const one of attributes) {
    const number = () => readNumber(unit, one);
    switch (one.name) {
      case attribute.name:
        die.name = readText(unit, one.form);
        break;
      case attribute.linkageName:
      case attribute.mipsLinkageName:
        die.linkageName = readText(unit, one.form);
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
        die.byteSize = number();
        break;
      case attribute.bitSize:
        die.bitSize = number();
        break;
      case attribute.bitOffset:
        die.bitOffset = number();
        break;
      case attribute.dataBitOffset:
        die.dataBitOffset = number();
        break;
      case attribute.dataMemberLocation:
        die.location = number() ?? 'unknown';
        break;
      case attribute.upperBound:
        die.upperBound = number() ?? 'unknown';
        break;
      case attribute.count:
        die.count = number() ?? 'unknown';
        break;
      case attribute.lowerBound:
        die.lowerBound = number();
        break;
      case attribute.byteStride:
      case attribute.bitStride:
        die.stride = true;
        skipForm(unit, one.form);
        break;
      case attribute.constValue:
        die.constValue = readBig(unit, one);
        break;
      case attribute.encoding:
        die.encoding = number() ?? 0;
        break;
      case attribute.alignment:
        die.alignment = number() ?? 0;
        break;
      case attribute.declaration:
        die.isDeclaration = number() === 1;
        break;
      case attribute.external:
        die.isExternal = number() === 1;
        break;
      case attribute.virtuality:
        die.isVirtual = number() !== 0;
        break;
      case attribute.gnuVector:
        die.isVector = number() === 1;
        break;
      case attribute.language:
        die.language = number() ?? 0;
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
export function skipChildren(unit: Unit, die: Die): void {
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

/** The entry's children, after its attributes; each must be left where its children begin. */
export function* childrenOf(unit: Unit, die: Die): Generator<Die> {
  if (!die.hasChildren) return;
  for (let abbrev = nextAbbrev(unit); abbrev; abbrev = nextAbbrev(unit)) {
    const child = readDie(unit, abbrev);
    const after = unit.cursor.at;
    yield child;
    unit.cursor.at = after;
    skipChildren(unit, child);
  }
}
