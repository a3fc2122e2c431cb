import type { FieldLayout, Hole } from './record.ts';

/** One past the last bit of a member. */
export function endBit(field: FieldLayout): number {
  return field.bitOffset + (field.bitWidth ?? field.size * 8);
}

/** The gaps between a struct's members, in order of position. */
export function findHoles(fields: readonly FieldLayout[]): Hole[] {
  const holes: Hole[] = [];
  let end = 0;
  for (const field of fields) {
    if (field.bitOffset > end) holes.push({ bitOffset: end, bits: field.bitOffset - end });
    end = Math.max(end, endBit(field));
  }
  return holes;
}

/** Whole bytes between the last member and the end. */
export function tailBytes(fields: readonly FieldLayout[], size: number): number {
  const end = fields.reduce((most, field) => Math.max(most, endBit(field)), 0);
  return size - Math.ceil(end / 8);
}
