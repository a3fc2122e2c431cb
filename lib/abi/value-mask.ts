import { bareType } from './access.ts';
import { flatFields } from './flat-fields.ts';
import { layout } from './layout.ts';
import type { FieldLayout } from './record.ts';
import type { Target } from './target.ts';
import type { Type } from './types.ts';

const known = new WeakMap<Target, WeakMap<Type, Uint8Array>>();

/** A byte for each of the type's: its ones are the bits that hold values, the rest is padding. */
export function valueMask(type: Type, target: Target): Uint8Array {
  const byType = known.get(target) ?? new WeakMap<Type, Uint8Array>();
  known.set(target, byType);
  const found = byType.get(type) ?? made(type, target);
  byType.set(type, found);
  return found;
}

function made(type: Type, target: Target): Uint8Array {
  const mask = new Uint8Array(layout(type, target).size);
  fill(mask, 0, type, target);
  return mask;
}

function fill(mask: Uint8Array, at: number, given: Type, target: Target): void {
  const type = bareType(given, target);
  if (type.kind === 'array') {
    const { size } = layout(type.of, target);
    for (let index = 0; index < type.length; index++)
      fill(mask, at + index * size, type.of, target);
  } else if (type.kind === 'struct' || type.kind === 'union') {
    for (const field of flatFields(layout(type, target), target)) {
      if (field.bitWidth === undefined) fill(mask, at + field.offset, field.type, target);
      else fillBits(mask, at, field, target);
    }
  } else if (type.kind === 'scalar' && type.scalar === 'longdouble') {
    for (const byte of longDoubleBytes(target)) mask[at + byte] = 0xff;
  } else mask.fill(0xff, at, at + layout(type, target).size);
}

function fillBits(mask: Uint8Array, at: number, field: FieldLayout, target: Target): void {
  const end = field.bitOffset + (field.bitWidth ?? 0);
  for (let bit = field.bitOffset; bit < end; bit++) {
    const one = target.byteOrder === 'little' ? 1 << (bit % 8) : 0x80 >> (bit % 8);
    mask[at + Math.floor(bit / 8)] = (mask[at + Math.floor(bit / 8)] ?? 0) | one;
  }
}

/** The formats of 80 bits leave some of their bytes alone. */
function longDoubleBytes({ longDouble }: Target): readonly number[] {
  const all = Array.from({ length: longDouble.size }, (_, byte) => byte);
  if (longDouble.format === 'x87') return all.slice(0, 10);
  return longDouble.format === 'm68k' ? all.filter((byte) => byte !== 2 && byte !== 3) : all;
}
