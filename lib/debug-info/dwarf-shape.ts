import type { DebugMember, DebugRecord, DebugType } from './debug-type.ts';

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
      return `${found.name}:${found.size}${found.form}`;
    case 'pointer':
      return `*${targetText(source, found.to)}`;
    case 'array':
      return `[${found.lengths.join()}]${inner(found.of)}`;
    case 'qualifier':
      return inner(found.to);
    case 'typedef':
      return `${found.name}=${found.align ?? ''}${inner(found.to)}`;
    case 'enum': {
      const values = found.values.map(([name, value]) => `${name}=${value}`);
      return `enum ${found.name}#${hashOf(`${found.size}${found.isSigned}${values.join()}`)}`;
    }
    case 'struct':
    case 'union':
      return `${found.kind} ${found.name}#${hashOf(recordText(found, inner))}`;
    case 'other':
      return found.what;
    case 'refused':
      return found.reason;
  }
}

function recordText(found: DebugRecord, inner: (id: number) => string): string {
  const { size, align, refused, members } = found;
  return `${size},${align},${refused};${members.map((one) => memberText(one, inner)).join(';')}`;
}

function memberText(one: DebugMember, inner: (id: number) => string): string {
  return `${one.name},${one.bitOffset},${one.bitWidth},${one.align},${inner(one.type)}`;
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
function hashOf(text: string): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code, 0x5f356495);
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return `${(a >>> 0).toString(36)}.${(b >>> 0).toString(36)}`;
}
