/** Names of the scalar types of C that a definition can use. */
export type ScalarName =
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'u128'
  | 'i8'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'i128'
  | 'char'
  | 'schar'
  | 'uchar'
  | 'short'
  | 'ushort'
  | 'int'
  | 'uint'
  | 'long'
  | 'ulong'
  | 'longlong'
  | 'ulonglong'
  | 'size_t'
  | 'ssize_t'
  | 'bool'
  | 'float'
  | 'double'
  | 'longdouble';

export interface ScalarType<S extends ScalarName = ScalarName> {
  readonly kind: 'scalar';
  readonly scalar: S;
}

/** A pointer is a number of the target's width; what it points to is a name for readers only. */
export interface PointerType {
  readonly kind: 'pointer';
  readonly to: string;
}

export interface EnumType<V extends EnumValues = EnumValues, B extends ScalarName = ScalarName> {
  readonly kind: 'enum';
  readonly name: string;
  readonly values: V;
  readonly packed?: true;
  /** `enum name : base`, an integer; without it the values decide. */
  readonly base?: B;
}

export type EnumValues = Readonly<Record<string, number | bigint>>;

/** `T name[length]`; length 0 is GNU C's zero-length array. */
export interface ArrayType<T extends Type = Type, L extends number = number> {
  readonly kind: 'array';
  readonly of: T;
  readonly length: L;
}

/** `T name[]`, the flexible array member. */
export interface FlexibleType<T extends Type = Type> {
  readonly kind: 'flexible';
  readonly of: T;
}

/** A typedef with `__attribute__((aligned(n)))`: unlike a member's attribute it can lower, too. */
export interface AlignedType<T extends Type = Type, N extends number = number> {
  readonly kind: 'aligned';
  readonly type: T;
  readonly align: N;
}

export interface RecordOptions {
  /** `__attribute__((packed))` */
  readonly packed?: true;
  /** `#pragma pack(n)` */
  readonly pack?: number;
  /** `__attribute__((aligned(n)))` on the type */
  readonly align?: number;
}

export interface StructType<F extends Fields = Fields> extends RecordOptions {
  readonly kind: 'struct';
  /** Tag; '' for a type without one. */
  readonly name: string;
  readonly fields: F;
}

export interface UnionType<F extends Fields = Fields> extends RecordOptions {
  readonly kind: 'union';
  readonly name: string;
  readonly fields: F;
}

export type RecordType<F extends Fields = Fields> = StructType<F> | UnionType<F>;

/** What a variant's case asks of a target; every property that is given must fit. */
export interface Condition {
  readonly names?: readonly string[];
  readonly byteOrder?: 'little' | 'big';
  readonly longSize?: 4 | 8;
  readonly pointerSize?: 4 | 8;
}

export interface Case<C extends Condition = Condition, T extends Variable = Variable> {
  readonly when: C;
  readonly type: T;
}

/** Another type for each target: the first case that fits, else `otherwise`. */
export interface VariantType<
  C extends readonly Case[] = readonly Case[],
  O extends Variable = Variable,
> {
  readonly kind: 'variant';
  readonly cases: C;
  readonly otherwise: O;
}

/** A case of a variant on targets where the member (or the type) does not exist. */
export interface AbsentType {
  readonly kind: 'absent';
}

export type Type =
  | ScalarType
  | PointerType
  | EnumType
  | ArrayType
  | FlexibleType
  | AlignedType
  | StructType
  | UnionType
  | VariantType;

export type Variable = Type | Member | BitsMember | AbsentType;

/** A member that carries more than a type. */
export interface Member<T extends Type = Type> {
  readonly kind: 'member';
  readonly type: T;
  /** `__attribute__((aligned(n)))` on the member */
  readonly align?: number;
  /** `__attribute__((packed))` on the member */
  readonly packed?: true;
  /** An anonymous struct or union: its members are the outer type's. */
  readonly anonymous?: true;
}

/** A bit-field. Without a name (`unnamed`) it is padding; unnamed of width 0 ends a unit. */
export interface BitsMember<T extends Type = Type, U extends boolean = boolean> {
  readonly kind: 'bits';
  readonly type: T;
  readonly width: number;
  readonly unnamed: U;
  readonly align?: number;
  readonly packed?: true;
}

export type Field = Type | Member | BitsMember | AbsentType;
export type Fields = Readonly<Record<string, Field>>;
