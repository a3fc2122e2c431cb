import { type FieldLayout, layout, resolveType, type Target, type Type } from '../abi/index.ts';

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

/** The members of a type with those of its nested structs, and what lies between them. */
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
  walk(settled(type, target), '', 0, 0);
  return found;
}

function settled(type: Type, target: Target): Type {
  const inner = resolveType(type, target);
  return inner.kind === 'aligned' ? settled(inner.type, target) : inner;
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
