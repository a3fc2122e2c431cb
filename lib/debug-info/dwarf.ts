import { UserError } from '../user-error.ts';
import type { DebugType, DebugTypes, LooseEnum } from './debug-type.ts';
import { type Die, dieAt } from './dwarf-die.ts';
import { tag } from './dwarf-names.ts';
import { scanUnit } from './dwarf-scan.ts';
import type { DwarfSections } from './dwarf-sections.ts';
import { shapeOf } from './dwarf-shape.ts';
import { readType, type TypeSource } from './dwarf-type.ts';
import type { Unit } from './dwarf-unit.ts';
import { DwarfUnits } from './dwarf-units.ts';

export interface DwarfOptions {
  /** dwz's file of what several programs share. */
  readonly alternate?: DwarfSections;
  readonly onProgress?: (fraction: number) => void;
}

/** A reader of DWARF 2 to 5 (dwarfstd.org): a tree of entries for each unit that was compiled. */
export function readDwarf(
  sections: DwarfSections,
  file: string,
  options: DwarfOptions = {},
): DebugTypes {
  return guarded(file, () => new Dwarf(sections, file, options));
}

/** A damaged file shows by numbers past an end: those are RangeErrors. */
function guarded<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { message } = error as Error;
    throw new UserError(`${file}: its DWARF is damaged or not read here: ${message}`);
  }
}

function splitText(files: readonly string[]): string {
  const names = [...new Set(files)].sort();
  const more = names.length > 3 ? `, … (${names.length - 3} more)` : '';
  const units = files.length === 1 ? '1 unit' : `${files.length} units`;
  return `the types of ${units} are in files of split DWARF, which is not read here (${names.slice(0, 3).join(', ')}${more}): build without -gsplit-dwarf`;
}

/** 0 is none of an entry: a unit's header stands there. Signatures' are below. */
const none = 0;

class Dwarf implements DebugTypes, TypeSource {
  readonly format = 'DWARF';
  readonly isLittle: boolean;
  readonly missing: readonly string[];
  readonly #file: string;
  readonly #units: DwarfUnits;
  /** The first type of each shape, in the file's order. */
  readonly #first = new Map<string, number>();
  /** Of each name the one definition, or `none` where there are several. */
  readonly #definitions = new Map<string, number>();
  /** By their names, shapes of enumerations that are announced with their size: a definition goes before them. */
  readonly #opaque = new Map<string, string[]>();
  /** By their scopes: numbers alone, since each unit has all of its headers. */
  readonly #looseEnums = new Map<string, number[]>();

  constructor(sections: DwarfSections, file: string, { alternate, onProgress }: DwarfOptions) {
    this.#file = file;
    this.isLittle = sections.isLittle;
    this.#units = new DwarfUnits(sections, alternate);
    this.missing = this.#scan(onProgress ?? (() => undefined));
  }

  #scan(onProgress: (fraction: number) => void): string[] {
    const split: string[] = [];
    const imported = new Set<number>();
    for (const unit of this.#units.each(imported)) {
      onProgress(unit.start / this.#units.bytes);
      const found: number[] = [];
      let isShared = false;
      scanUnit(unit, {
        onUnit: (die) => {
          isShared = die.tag === tag.partialUnit;
          if (unit.isSkeleton || die.dwoName !== '') split.push(die.dwoName);
        },
        onImport: (id) => imported.add(id),
        onType: (id, _, isDefinition) => {
          if (isDefinition) found.push(id);
        },
        onLooseEnum: (id, scope) => {
          const same = this.#looseEnums.get(scope) ?? [];
          this.#looseEnums.set(scope, same);
          same.push(id);
        },
      });
      for (const id of found) this.#add(id);
      // Many refer to what dwz shares; to other units few do (DW_FORM_ref_addr of LTO): made again.
      if (!isShared) this.#units.shapesAt(unit.start + unit.first).clear();
    }
    for (const [what, opaque] of this.#opaque) {
      if (this.#definitions.get(what)) for (const shape of opaque) this.#first.delete(shape);
    }
    onProgress(1);
    return split.length === 0 ? [] : [splitText(split)];
  }

  #add(id: number): void {
    const shape = shapeOf(this.#raw, id);
    if (this.#first.has(shape)) return;
    this.#first.set(shape, id);
    const found = this.#raw.typeOf(id);
    if (found.kind === 'other')
      this.#opaque.set(found.what, [...(this.#opaque.get(found.what) ?? []), shape]);
    if (!('members' in found) && found.kind !== 'enum') return;
    const name = `${found.kind} ${found.name}`;
    this.#definitions.set(name, this.#definitions.has(name) ? none : id);
  }

  /** Types as they stand there, for shapes: what is only declared stays so. */
  readonly #raw = {
    typeOf: (id: number): DebugType => {
      const signed = this.#units.signedType(id);
      if (signed === undefined && id < 0) return { kind: 'other', what: `type ${id}` };
      const found = readType(this, signed ?? id);
      return found.kind === 'other' ? (this.#throughSignature(id) ?? found) : found;
    },
    shapesAt: (id: number) => this.#units.shapesAt(this.#units.signedType(id) ?? id),
  };

  /** A declaration that names a type unit. */
  #throughSignature(id: number): DebugType | undefined {
    if (id <= none) return undefined;
    const { signature } = dieAt(this.unitAt(id), id);
    const signed = signature === none ? undefined : this.#units.signedType(signature);
    return signed === undefined ? undefined : readType(this, signed);
  }

  named(): Iterable<number> {
    return this.#first.values();
  }

  *looseEnums(): Generator<LooseEnum> {
    for (const [scope, ids] of this.#looseEnums) {
      for (const id of ids) {
        const found = this.typeOf(id);
        if (found.kind === 'enum') yield { scope, values: found.values };
      }
    }
  }

  typeOf(id: number): DebugType {
    return guarded(this.#file, () => {
      if (id === none) return { kind: 'other', what: 'void' };
      const found = this.#raw.typeOf(id);
      if (found.kind !== 'other') return found;
      const defined = this.#definitions.get(found.what);
      if (defined !== undefined && defined !== none) return this.#raw.typeOf(defined);
      return found.opaque ?? found;
    });
  }

  firstOf(id: number): number {
    return guarded(this.#file, () => {
      if (id === none) return id;
      const found = this.#raw.typeOf(id);
      if (found.kind === 'other') {
        const defined = this.#definitions.get(found.what);
        if (defined || !found.opaque) return defined || id;
      }
      const hasName = found.kind === 'other' || ('name' in found && found.name !== '');
      return hasName && found.kind !== 'scalar'
        ? (this.#first.get(shapeOf(this.#raw, id)) ?? id)
        : id;
    });
  }

  unitOf(id: number): string {
    return guarded(this.#file, () => {
      const unit = this.unitAt(this.#units.signedType(id) ?? id);
      return dieAt(unit, unit.start + unit.first).name;
    });
  }

  unitAt(id: number): Unit {
    return this.#units.at(id);
  }

  /** Where another entry declares it, that one has the scope. */
  fullName(unit: Unit, id: number, { name, specification }: Die): string {
    if (name === '') return '';
    return `${this.#units.scopeOf(unit, specification === none ? id : specification)}${name}`;
  }
}
