import type { DebugEnum, DebugRecord, DebugType } from './debug-type.ts';

/**
 * What tells two types of one name apart: everything that says where their bytes are, and of what
 * pointers point to the name. It is short, since a file has it once for each unit that includes
 * the same header.
 */

/** Types as they stand in the file; declarations are left as they are. */
export interface ShapeSource {
  typeOf(id: number): DebugType;
  /** Shapes that were made before, of the unit that the type is in. */
  shapesAt(id: number): Map<number, string>;
}

/** Deeper than types are; damaged files may go round. */
const maxDepth = 200;

export function shapeOf(source: ShapeSource, id: number, depth = 0): string {
  if (id === 0) return 'void';
  if (depth > maxDepth) return '…';
  const known = source.shapesAt(id).get(id);
  if (known !== undefined) return known;
  const made = make(source, id, depth);
  // Looked up again: others may have been made, and dropped, meanwhile.
  source.shapesAt(id).set(id, made);
  return made;
}

function make(source: ShapeSource, id: number, depth: number): string {
  const found = source.typeOf(id);
  const inner = (one: number) => shapeOf(source, one, depth + 1);
  switch (found.kind) {
    case 'scalar':
      return `${found.name}:${found.size}${found.form}${found.isQuad ? 'quad' : ''}`;
    case 'pointer':
      return `*${targetText(source, found.to)}`;
    case 'array':
      return `[${found.lengths.join()}]${inner(found.of)}`;
    case 'qualifier':
      return `${found.mayGrow ? '_Atomic ' : ''}${inner(found.to)}`;
    case 'typedef':
      return `${found.name}=${found.align ?? ''}${inner(found.to)}`;
    case 'enum': {
      const hash = new Hash(`${found.size}${found.isSigned}`);
      for (const [name, value] of found.values) hash.add(name).add(`=${value}`);
      return `enum ${found.name}#${hash}`;
    }
    case 'struct':
    case 'union':
      return `${found.kind} ${found.name}#${hashOf(found, inner)}`;
    case 'other':
      return found.opaque ? opaqueShape(found.what, found.opaque) : found.what;
    case 'refused':
      return found.reason;
  }
}

/** Units announce an enumeration again and again. */
function opaqueShape(what: string, opaque: DebugEnum | DebugRecord): string {
  return `${what}:${opaque.size}${opaque.kind === 'enum' && opaque.isSigned}`;
}

function hashOf(found: DebugRecord, inner: (id: number) => string): Hash {
  const hash = new Hash(`${found.size},${found.align},${found.refused}`);
  for (const one of found.members) {
    hash.add(one.name).add(`,${one.bitOffset},${one.bitWidth},${one.align},`).add(inner(one.type));
  }
  return hash;
}

function targetText(source: ShapeSource, id: number, depth = 0): string {
  if (id === 0 || depth > maxDepth) return 'void';
  const found = source.typeOf(id);
  switch (found.kind) {
    case 'pointer':
      return `*${targetText(source, found.to, depth + 1)}`;
    case 'qualifier':
      return targetText(source, found.to, depth + 1);
    case 'struct':
    case 'union':
    case 'enum':
      return `${found.kind} ${found.name}`;
    case 'scalar':
    case 'typedef':
      return found.name;
    case 'other':
      return found.what;
    default:
      return found.kind;
  }
}

/** 64 bits of two multiplications: types of one name are few, so that no two have the same. */
class Hash {
  #a = 0xdeadbeef;
  #b = 0x41c6ce57;

  constructor(text: string) {
    this.add(text);
  }

  /** Texts behind one another, with an end each. */
  add(text: string): this {
    let [a, b] = [this.#a, this.#b];
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      a = Math.imul(a ^ code, 0x9e3779b1);
      b = Math.imul(b ^ code, 0x5f356495);
    }
    this.#a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
    this.#b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
    return this;
  }

  toString(): string {
    return `${(this.#a >>> 0).toString(36)}.${(this.#b >>> 0).toString(36)}`;
  }
}
