import { checkCondition } from './condition.ts';
import { AbiError, quoted } from './error.ts';
import { type Allowed, checkOptions } from './options.ts';
import type {
  AbsentType,
  AlignedType,
  ArrayType,
  BitsMember,
  Case,
  Condition,
  EnumType,
  EnumValues,
  Fields,
  FlexibleType,
  Member,
  RecordOptions,
  RecordType,
  ScalarName,
  StructType,
  Type,
  UnionType,
  Variable,
  VariantType,
} from './types.ts';

const onMembers: Allowed = { packed: [true, false], align: true };
const onRecords: Allowed = { ...onMembers, pack: true };
const onEnums: Allowed = { packed: [true, false], base: true };

/** In an object literal `__proto__: u32` is no member: it sets what the literal inherits from. */
function checkMembers(where: string, fields: object): void {
  const parent = Object.getPrototypeOf(fields);
  if (parent === null || Object.getPrototypeOf(parent) === null) return;
  throw new AbiError(
    `${where}: its members are no plain object; a member __proto__ is written as ['__proto__']`,
  );
}

/** `struct name { fields }`. Members keep the order in which they are written. */
export function struct<const F extends Fields>(
  name: string,
  fields: F,
  options: RecordOptions = {},
): StructType<F> {
  checkOptions(`struct ${quoted(name)}`, options, onRecords);
  checkMembers(`struct ${quoted(name)}`, fields);
  return Object.freeze({ kind: 'struct', name, fields: Object.freeze(fields), ...options });
}

/** `union name { fields }`. */
export function union<const F extends Fields>(
  name: string,
  fields: F,
  options: RecordOptions = {},
): UnionType<F> {
  checkOptions(`union ${quoted(name)}`, options, onRecords);
  checkMembers(`union ${quoted(name)}`, fields);
  return Object.freeze({ kind: 'union', name, fields: Object.freeze(fields), ...options });
}

/** `of name[length]`; 0 gives GNU C's zero-length array. */
export function array<T extends Type, L extends number>(of: T, length: L): ArrayType<T, L> {
  return Object.freeze({ kind: 'array', of, length });
}

/** `of name[]`: the last member of a struct. */
export function flexible<T extends Type>(of: T): FlexibleType<T> {
  return Object.freeze({ kind: 'flexible', of });
}

/** `enum name { values }`; the compiler's integer type follows from the values unless `base` names it. */
export function enumeration<const V extends EnumValues, B extends ScalarName = never>(
  name: string,
  values: V,
  options: { readonly packed?: true; readonly base?: B } = {},
): EnumType<V, B> {
  checkOptions(`enum ${quoted(name)}`, options, onEnums);
  return Object.freeze({ kind: 'enum', name, values: Object.freeze(values), ...options });
}

/** `typedef type x __attribute__((aligned(align)))`. */
export function aligned<T extends Type, N extends number>(align: N, type: T): AlignedType<T, N> {
  return Object.freeze({ kind: 'aligned', type, align });
}

export interface MemberOptions {
  readonly align?: number;
  readonly packed?: true;
}

/** A member with attributes of its own. */
export function member<T extends Type>(type: T, options: MemberOptions): Member<T> {
  checkOptions('member()', options, onMembers);
  return Object.freeze({ kind: 'member', type, ...options });
}

export interface AnonymousMember<T extends Type> extends Member<T> {
  readonly anonymous: true;
}

/**
 * An anonymous struct or union; the key under which it stands is not part of any path. The options
 * are attributes before it in C: those behind its brace are the type's.
 */
export function anonymous<T extends RecordType | VariantType>(
  type: T,
  options: MemberOptions = {},
): AnonymousMember<T> {
  checkOptions('anonymous()', options, onMembers);
  return Object.freeze({ kind: 'member', type, ...options, anonymous: true });
}

/** `type name : width`. */
export function bits<T extends Type>(
  type: T,
  width: number,
  options: MemberOptions = {},
): BitsMember<T, false> {
  checkOptions('bits()', options, onMembers);
  return Object.freeze({ kind: 'bits', type, width, unnamed: false, ...options });
}

/** `type : width`; width 0 lets the next bit-field begin in a new unit of `type`. */
export function unnamedBits<T extends Type>(
  type: T,
  width: number,
  options: MemberOptions = {},
): BitsMember<T, true> {
  checkOptions('unnamedBits()', options, onMembers);
  return Object.freeze({ kind: 'bits', type, width, unnamed: true, ...options });
}

/** What a variant says where the member, or the whole type, does not exist. */
export const absent: AbsentType = Object.freeze({ kind: 'absent' });

/** A case of a variant: `type` on the targets that fit `condition`. */
export function when<const C extends Condition, T extends Variable>(
  condition: C,
  type: T,
): Case<C, T> {
  checkCondition(condition);
  return Object.freeze({ when: Object.freeze(condition), type });
}

/** The first case that fits the target, else `otherwise`. */
export function variant<const C extends readonly Case[], O extends Variable>(
  cases: C,
  otherwise: O,
): VariantType<C, O> {
  return Object.freeze({ kind: 'variant', cases: Object.freeze(cases), otherwise });
}
