import { AbiError, quoted } from './error.ts';
import { type Layout, layout } from './layout.ts';
import type { FieldLayout } from './record.ts';
import { resolveType } from './resolve.ts';
import type { Target } from './target.ts';
import type { Type } from './types.ts';
import type { CheckedPath } from './view-types.ts';

/** A member's place in an outer type; see FieldLayout for the units. */
export interface Place {
  readonly type: Type;
  readonly offset: number;
  readonly size: number;
  readonly bitOffset: number;
  readonly bitWidth?: number;
}

/** `frame.ip`, `comp[3].status`, `[2]`: names and indexes of a path. */
function steps(path: string): readonly string[] {
  const found = path.match(/[^.[\]]+|\[\d+\]/g) ?? [];
  if (found.join('') !== path.replaceAll('.', '')) {
    throw new AbiError(`path ${quoted(path)}: expected member names, dots and [index]`);
  }
  return found;
}

/** Byte offset of a member, at any depth. Refuses bit-fields: `placeOf` gives their bits. */
export function offsetOf<const T extends Type, G extends Target, const P extends string>(
  type: T,
  target: G,
  path: P & CheckedPath<T, P, G>,
): number {
  const place = placeOf(type, target, path);
  if (place.bitWidth === undefined) return place.offset;
  throw new AbiError(`${quoted(path)} is a bit-field: use placeOf() for its bits`);
}

/** Where the member at `path` lies, counted from the start of `type`. */
export function placeOf(type: Type, target: Target, path: string): Place {
  let place: Place = whole(type, target);
  for (const step of steps(path)) {
    const next = step.startsWith('[') ? element(place, step, target) : member(place, step, target);
    if (!next) throw missing(place, step, path, target);
    place = next;
  }
  return place;
}

function whole(type: Type, target: Target): Place {
  const { size } = layout(type, target);
  return { type: resolveType(type, target), offset: 0, size, bitOffset: 0 };
}

function bare(type: Type, target: Target): Type {
  const settled = resolveType(type, target);
  return settled.kind === 'aligned' ? bare(settled.type, target) : settled;
}

function element(place: Place, step: string, target: Target): Place | undefined {
  const type = bare(place.type, target);
  if (type.kind !== 'array' && type.kind !== 'flexible') return undefined;
  const index = Number(step.slice(1, -1));
  if (type.kind === 'array' && type.length > 0 && index >= type.length) return undefined;
  const inner = whole(type.of, target);
  return moved(inner, place.offset + index * inner.size);
}

function moved(place: Place, bytes: number): Place {
  return {
    ...place,
    offset: place.offset + bytes,
    bitOffset: place.bitOffset + bytes * 8,
  };
}

function member(place: Place, name: string, target: Target): Place | undefined {
  const found = fieldNamed(layout(place.type, target), name, target);
  return found && moved(found, place.offset);
}

/** The member of that name; anonymous structs and unions are looked through. */
function fieldNamed(inside: Layout, name: string, target: Target): Place | undefined {
  for (const field of inside.fields) {
    if (field.name === name) return placed(field);
    if (field.name !== '' || field.bitWidth !== undefined) continue;
    const inner = fieldNamed(layout(field.type, target), name, target);
    if (inner) return moved(inner, field.offset);
  }
  return undefined;
}

function placed(field: FieldLayout): Place {
  const { type, offset, size, bitOffset, bitWidth } = field;
  const place = { type, offset, size, bitOffset };
  return bitWidth === undefined ? place : { ...place, bitWidth };
}

function missing(place: Place, step: string, path: string, target: Target): AbiError {
  const names = memberNames(layout(place.type, target), target);
  const known = names.length > 0 ? `members here: ${names.join(', ')}` : 'it has no members';
  return new AbiError(`path ${quoted(path)}: there is no ${quoted(step)} (${known})`);
}

/** Names of a record's members, those of anonymous members included. */
export function memberNames(inside: Layout, target: Target): readonly string[] {
  return inside.fields.flatMap((field) => {
    if (field.name !== '') return [field.name];
    return field.bitWidth === undefined ? memberNames(layout(field.type, target), target) : [];
  });
}
