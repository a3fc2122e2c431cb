import { type Die, nextAbbrev, readDie, skipDie } from './dwarf-die.ts';
import { tag } from './dwarf-names.ts';
import type { Unit } from './dwarf-unit.ts';

/** Walks over all entries of a unit once. */

export interface Visitor {
  /** A type with a name; an opaque enumeration counts as defined. `scope`: `a::b::`, where it has one. */
  onType(id: number, scope: string, isDefinition: boolean): void;
  /** An enumeration without a name, outside of functions. */
  onLooseEnum?(id: number, scope: string): void;
  /** Another unit, whose entries are this one's too. */
  onImport(id: number): void;
  /** The unit's own entry, the first. */
  onUnit(die: Die): void;
}

const named: ReadonlySet<number> = new Set([
  tag.structure,
  tag.class,
  tag.interface,
  tag.union,
  tag.enumeration,
  tag.typedef,
  tag.templateAlias,
]);

const scoped: ReadonlySet<number> = new Set([
  tag.namespace,
  tag.structure,
  tag.class,
  tag.interface,
  tag.union,
]);

export function scanUnit(unit: Unit, visitor: Visitor): void {
  const { cursor, start } = unit;
  cursor.at = unit.first;
  const root = nextAbbrev(unit);
  if (!root) return;
  const own = readDie(unit, root);
  visitor.onUnit(own);
  if (!own.hasChildren) return;
  const hasScopes = !isC(own.language);
  const scopes = [''];
  /** How many scopes there are around what is no scope: a function. */
  let outside = Number.POSITIVE_INFINITY;
  while (scopes.length > 0 && cursor.at < unit.size) {
    const id = start + cursor.at;
    const abbrev = nextAbbrev(unit);
    if (!abbrev) {
      scopes.pop();
      if (scopes.length <= outside) outside = Number.POSITIVE_INFINITY;
      continue;
    }
    const scope = scopes.at(-1) as string;
    if (named.has(abbrev.tag)) visitor.onType(id, scope, abbrev.isDefinition);
    if (abbrev.tag === tag.enumeration && !abbrev.hasName && scopes.length <= outside)
      visitor.onLooseEnum?.(id, scope);
    const isImport = abbrev.tag === tag.importedUnit;
    const isScope = hasScopes && abbrev.hasChildren && scoped.has(abbrev.tag);
    if (!isImport && !isScope) {
      skipDie(unit, abbrev);
      if (!abbrev.hasChildren) continue;
      outside = Math.min(outside, scopes.length);
      scopes.push(scope);
      continue;
    }
    const { name, type } = readDie(unit, abbrev);
    if (isImport) visitor.onImport(type);
    if (abbrev.hasChildren) scopes.push(name === '' ? scope : `${scope}${name}::`);
  }
}

/** DW_LANG_…: C89, C, C99, C11, C17, and assembly, where a name is all. */
const languagesOfC: ReadonlySet<number> = new Set([0x01, 0x02, 0x0c, 0x1d, 0x2c, 0x31, 0x8001]);

export function isC(language: number): boolean {
  return languagesOfC.has(language);
}

const languagesOfFortran = [0x07, 0x08, 0x0e, 0x22, 0x23, 0x2d];
const julia = 0x1f;
const ada = [0x03, 0x0d, 0x2e, 0x2f];
const cobol = [0x05, 0x06];
const pascalAndModula = [0x09, 0x0a, 0x17];
const pli = 0x0f;

const columnsFirst: ReadonlySet<number> = new Set([...languagesOfFortran, julia]);
const fromOne: ReadonlySet<number> = new Set([
  ...columnsFirst,
  ...ada,
  ...cobol,
  ...pascalAndModula,
  pli,
]);

/** Whether arrays begin at 1 in a language: table 7.17 of DWARF 5, and the codes given out since. */
export function countsFromOne(language: number): boolean {
  return fromOne.has(language);
}

/** Whether elements that are beside each other differ in the first index. */
export function hasColumnsFirst(language: number): boolean {
  return columnsFirst.has(language);
}
