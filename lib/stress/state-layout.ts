import { type Layout, layout, member, type StructType, struct, type Type } from '../abi/index.ts';
import { hostTarget } from '../host-target.ts';
import type { StateField, StateFields } from '../scenario/index.ts';

export const LINE_BYTES = 64;

/** A field in the memory of a state; `sharedBuffer` fields are not in it. */
export interface PlacedField {
  readonly name: string;
  readonly type: Type;
  readonly atomic: boolean;
  readonly offset: number;
}

export interface StateLayout {
  /** What a C function sees at its first argument. */
  readonly type: StructType;
  readonly size: number;
  readonly align: number;
  readonly fields: readonly PlacedField[];
  readonly buffers: readonly { readonly name: string; readonly bytes: number }[];
}

/** Where the fields of a state lie: as a C compiler places them, padded ones on their own lines. */
export function stateLayout(fields: StateFields): StateLayout {
  const entries = Object.entries(fields);
  const placed = entries.filter(([, field]) => field.kind !== 'buffer-state');
  const members = placed.map(([name, field], index) => {
    const isApart = isPadded(field) || isPadded(placed[index - 1]?.[1]);
    const type = typeOf(field);
    return [name, isApart ? member(type, { align: LINE_BYTES }) : type] as const;
  });
  const type = struct('state', Object.fromEntries(members));
  const found = layout(type, hostTarget);
  return {
    type,
    size: found.size,
    align: found.align,
    fields: placed.map((entry) => place(entry, found)),
    buffers: entries.flatMap(([name, field]) =>
      field.kind === 'buffer-state' ? [{ name, bytes: field.bytes }] : [],
    ),
  };
}

function place([name, field]: readonly [string, StateField], found: Layout): PlacedField {
  const offset = found.fields.find((one) => one.name === name)?.offset ?? 0;
  const inner = field.kind === 'padded-state' ? field.field : field;
  return { name, type: typeOf(field), atomic: inner.kind === 'atomic-state', offset };
}

function isPadded(field: StateField | undefined): boolean {
  return field?.kind === 'padded-state';
}

function typeOf(field: StateField): Type {
  if (field.kind === 'padded-state') return typeOf(field.field);
  return (field.kind === 'atomic-state' ? field.type : field) as Type;
}
