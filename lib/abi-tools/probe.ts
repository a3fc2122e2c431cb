import { type FieldLayout, layout, type RecordType, type Target } from '../abi/index.ts';

/** Something about a struct that a compiler can be asked for, and what we expect. */
export type Probe =
  | { readonly kind: 'size' | 'align'; readonly expected: number }
  | { readonly kind: 'offset' | 'sizeof'; readonly path: string; readonly expected: number }
  | {
      readonly kind: 'bits';
      readonly path: string;
      readonly isBool: boolean;
      /** First bit and width in the target's order. */
      readonly at: number;
      readonly width: number;
    };

/** Bit positions are read from an object of the struct's size; beyond this they are left out. */
export const maxBitsObjectBytes = 2 ** 20;

/** Everything to ask about a record: its tagged members' own insides are asked for there. */
export function probesOf(type: RecordType, target: Target): Probe[] {
  const { size, align } = layout(type, target);
  const whole: Probe[] = [
    { kind: 'size', expected: size },
    { kind: 'align', expected: align },
  ];
  return [...whole, ...members(type, target, '', 0)];
}

function members(type: RecordType, target: Target, prefix: string, at: number): Probe[] {
  return layout(type, target).fields.flatMap((field) => memberProbes(field, target, prefix, at));
}

function memberProbes(field: FieldLayout, target: Target, prefix: string, at: number): Probe[] {
  const path = field.name === '' ? prefix : `${prefix}${field.name}`;
  if (field.bitWidth !== undefined) return field.name === '' ? [] : [bitsProbe(field, path, at)];
  const offset = at + field.offset;
  const inner = field.name === '' ? prefix : `${path}.`;
  const nested = isInline(field) ? members(field.type as RecordType, target, inner, offset) : [];
  if (field.name === '') return nested;
  const own: Probe[] = [{ kind: 'offset', path, expected: offset }];
  if (field.type.kind !== 'flexible') own.push({ kind: 'sizeof', path, expected: field.size });
  return [...own, ...nested];
}

/** A struct or union without a tag has no name to ask by: its members are asked for through ours. */
function isInline(field: FieldLayout): boolean {
  return (field.type.kind === 'struct' || field.type.kind === 'union') && field.type.name === '';
}

function bitsProbe(field: FieldLayout, path: string, at: number): Probe {
  const isBool = field.type.kind === 'scalar' && field.type.scalar === 'bool';
  return { kind: 'bits', path, isBool, at: at * 8 + field.bitOffset, width: field.bitWidth ?? 0 };
}

export function probeName(probe: Probe): string {
  switch (probe.kind) {
    case 'size':
      return 'size';
    case 'align':
      return 'alignment';
    case 'offset':
      return `offset of ${probe.path}`;
    case 'sizeof':
      return `size of ${probe.path}`;
    case 'bits':
      return `bits of ${probe.path}`;
  }
}

/** The expression of C whose value a probe wants; undefined for bits. */
export function probeExpression(probe: Probe, name: string): string | undefined {
  switch (probe.kind) {
    case 'size':
      return `sizeof(${name})`;
    case 'align':
      return `__alignof__(${name})`;
    case 'offset':
      return `__builtin_offsetof(${name}, ${probe.path})`;
    case 'sizeof':
      return `sizeof(((${name} *)0)->${probe.path})`;
    case 'bits':
      return undefined;
  }
}

/** `17:3` for three bits from the 17th on; what a compiler set in an object that is all zero. */
export function bitsText(bytes: Uint8Array, target: Target): string {
  const set: number[] = [];
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const mask = target.byteOrder === 'little' ? 1 << (bit % 8) : 0x80 >> (bit % 8);
    if (((bytes[bit >> 3] ?? 0) & mask) !== 0) set.push(bit);
  }
  const [first] = set;
  if (first === undefined) return 'none';
  const isRun = set.every((bit, index) => bit === first + index);
  return isRun ? `${first}:${set.length}` : set.join(',');
}
