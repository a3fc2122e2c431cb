import type { Type } from '../abi/index.ts';
import type { DebugTypes } from '../debug-info/debug-type.ts';
import { typeBehind } from '../debug-info/type-behind.ts';
import { ConvertError } from './convert.ts';
import { type DebugConverter, definitionText } from './debug-convert.ts';
import type { Partly } from './import-header.ts';
import { namesValue } from './names-value.ts';

/**
 * Structs, unions and enumerations of a binary that have no name, where pointers or arrays lead to them, and
 * typedefs of scalars, pointers and arrays, as of headers.
 */
export function behindInDebug(types: DebugTypes, converter: DebugConverter): Partly {
  return new BehindInDebug(types, converter).found;
}

/** Deeper than types are; damaged files may go round. */
const maxDepth = 64;

class BehindInDebug {
  readonly #types: DebugTypes;
  readonly #converter: DebugConverter;
  readonly #seen = new Set<number>();
  readonly found = { types: new Map<string, Type>(), failures: new Map<string, string>() };

  constructor(types: DebugTypes, converter: DebugConverter) {
    this.#types = types;
    this.#converter = converter;
    for (const id of types.named()) {
      const one = types.typeOf(id);
      // An array's typedef names no type that is compared.
      if (one.kind === 'typedef') {
        this.#follow(one.to, one.name, typeBehind(types, one.to)?.kind === 'array', 0);
        if (namesValue(types, id)) this.#typedef(id, `typedef ${one.name}`);
      } else if ('members' in one) this.#members(id, `${one.kind} ${one.name}`, 0);
    }
  }

  #members(id: number, path: string, depth: number): void {
    const one = this.#types.typeOf(id);
    if (!('members' in one)) return;
    for (const { name, type } of one.members) {
      this.#follow(type, name === '' ? path : `${path}.${name}`, false, depth + 1);
    }
  }

  /** `isBehind`: a pointer, or a typedef of an array, was on the way. */
  #follow(id: number, path: string, isBehind: boolean, depth: number): void {
    if (id === 0 || depth > maxDepth) return;
    const one = this.#types.typeOf(id);
    if (one.kind === 'pointer') this.#follow(one.to, path, true, depth + 1);
    else if (one.kind === 'array') this.#follow(one.of, path, isBehind, depth + 1);
    else if (one.kind === 'qualifier') this.#follow(one.to, path, isBehind, depth + 1);
    else if (('members' in one || one.kind === 'enum') && one.name === '') {
      const name = isBehind ? `behind ${path.replace(/^behind /, '')}` : path;
      if (isBehind) this.#add(id, name);
      this.#members(id, name, depth);
    }
  }

  /** Units need not know of each other. */
  #typedef(id: number, name: string): void {
    const { types, failures } = this.found;
    const known = types.get(name);
    if (failures.has(name)) return;
    this.#convert(id, name);
    const now = types.get(name);
    if (!known || !now || definitionText(known) === definitionText(now)) return;
    types.delete(name);
    failures.set(name, 'units there give that name to several types');
  }

  #add(id: number, name: string): void {
    if (this.#seen.has(id) || this.found.types.has(name)) return;
    this.#seen.add(id);
    this.#convert(id, name);
  }

  #convert(id: number, name: string): void {
    try {
      this.found.types.set(name, this.#converter.type(id));
    } catch (error) {
      if (!(error instanceof ConvertError)) throw error;
      this.found.failures.set(name, error.message);
    }
  }
}
