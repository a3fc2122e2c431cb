import { resolveType } from './resolve.ts';
import { valueLayout } from './scalar-layout.ts';
import type { LongDoubleFormat, Target } from './target.ts';
import type { EnumType, ScalarName, Type } from './types.ts';

/** How one value is read and written; offsets count from the record or array that holds it. */
export interface Access {
  /** `syslet_ring.kernel_head`, for messages. */
  readonly path: string;
  readonly form: 'signed' | 'unsigned' | 'bool' | 'float';
  /** What it is in JavaScript. */
  readonly value: 'number' | 'bigint' | 'boolean';
  readonly size: number;
  readonly offset: number;
  readonly little: boolean;
  readonly longDouble?: LongDoubleFormat;
  /** Bit-fields only: first bit in the target's own order, and how many. */
  readonly bits?: { readonly at: number; readonly width: number };
  /** What is stored is converted as typed arrays do, and not checked. */
  readonly unchecked?: boolean;
}

const bigScalars: ReadonlySet<ScalarName> = new Set([
  'u64',
  'i64',
  'u128',
  'i128',
  'long',
  'ulong',
  'longlong',
  'ulonglong',
  'size_t',
  'ssize_t',
]);

/** A type without typedef alignment and variants: what its values are made of. */
export function bareType(type: Type, target: Target): Type {
  const settled = resolveType(type, target);
  return settled.kind === 'aligned' ? bareType(settled.type, target) : settled;
}

function isBig(type: Type): boolean {
  if (type.kind === 'scalar') return isBigScalar(type.scalar);
  return type.kind === 'enum' ? isBigEnum(type) : type.kind === 'pointer';
}

export function isBigScalar(name: ScalarName): boolean {
  return bigScalars.has(name);
}

/** By what TypeScript knows, too: its base and its enumerators, which are bigints in one of 8 bytes. */
export function isBigEnum({ base, values }: EnumType): boolean {
  const isBigBase = base !== undefined && isBigScalar(base);
  return isBigBase || Object.values(values).some((one) => typeof one === 'bigint');
}

type Spot = Pick<Access, 'path' | 'offset' | 'bits' | 'unchecked'>;

/** The access of a type that is one value; undefined for structs, unions and arrays. */
export function accessOf(type: Type, target: Target, spot: Spot): Access | undefined {
  const bare = bareType(type, target);
  const scalar = valueLayout(bare, target);
  if (!scalar) return undefined;
  const isLongDouble = bare.kind === 'scalar' && bare.scalar === 'longdouble';
  return {
    ...spot,
    form: scalar.class,
    value: scalar.class === 'bool' ? 'boolean' : isBig(bare) ? 'bigint' : 'number',
    size: scalar.size,
    little: target.byteOrder === 'little',
    ...(isLongDouble ? { longDouble: target.longDouble.format } : {}),
  };
}
