import { bareType } from '../abi/access.ts';
import { type FieldLayout, layout, type Target, type Type } from '../abi/index.ts';
import { typeText } from './type-text.ts';

/** A run of bits of one member, for pictures. */
export interface Segment {
  /** `frame.ip`; '' for a hole. */
  readonly label: string;
  readonly bitOffset: number;
  readonly bits: number;
  /** Members of a union lie over each other: each further one has a lane of its own. */
  readonly lane: number;
  readonly kind: 'member' | 'bits' | 'hole';
}

/** A type's members with those of its nested structs, and what lies between; or the type itself. */
export function segmentsOf(type: Type, target: Target): Segment[] {
  const found: Segment[] = [];
  let lanes = 1;
  const walk = (inner: Type, prefix: string, at: number, lane: number) => {
    const { fields, size } = layout(inner, target);
    const isUnion = inner.kind === 'union';
    fields.forEach((field, index) => {
      const own = isUnion && index > 0 ? lanes++ : lane;
      add(field, prefix, at, own);
    });
    if (!isUnion) found.push(...holes(fields, size, at, lane));
  };
  const add = (field: FieldLayout, prefix: string, at: number, lane: number) => {
    const label = field.name === '' ? prefix : `${prefix}${field.name}`;
    const bitOffset = at * 8 + field.bitOffset;
    if (field.bitWidth !== undefined) {
      const named =
        field.name === '' ? { label: '', kind: 'hole' as const } : { label, kind: 'bits' as const };
      if (field.bitWidth > 0) found.push({ ...named, bitOffset, bits: field.bitWidth, lane });
    } else if (field.type.kind === 'struct' || field.type.kind === 'union') {
      walk(field.type, field.name === '' ? prefix : `${label}.`, at + field.offset, lane);
    } else if (field.size > 0) {
      found.push({ label, bitOffset, bits: field.size * 8, lane, kind: 'member' });
    }
  };
  const bare = bareType(type, target);
  const { size } = layout(bare, target);
  const whole = { label: typeText(bare, target), bitOffset: 0, bits: size * 8, lane: 0 };
  if (bare.kind === 'struct' || bare.kind === 'union') walk(bare, '', 0, 0);
  else if (size > 0) found.push({ ...whole, kind: 'member' });
  return found;
}

function holes(fields: readonly FieldLayout[], size: number, at: number, lane: number): Segment[] {
  const gaps: Segment[] = [];
  let end = 0;
  const gap = (from: number, to: number) => {
    const place = { bitOffset: at * 8 + from, bits: to - from };
    gaps.push({ label: '', lane, kind: 'hole', ...place });
  };
  for (const field of fields) {
    if (field.bitOffset > end) gap(end, field.bitOffset);
    end = Math.max(end, field.bitOffset + (field.bitWidth ?? field.size * 8));
  }
  if (size * 8 > end) gap(end, size * 8);
  return gaps;
}
