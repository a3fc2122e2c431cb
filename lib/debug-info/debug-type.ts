/**
 * Types as debug information tells them: with the places that a compiler chose, without the
 * attributes that made it choose them.
 */
export type DebugType =
  | DebugScalar
  | { readonly kind: 'pointer'; readonly to: number }
  | DebugArray
  | DebugRecord
  | DebugEnum
  | DebugTypedef
  | DebugQualifier
  | DebugOther
  /** Bytes that no definition here describes. */
  | { readonly kind: 'refused'; readonly reason: string };

/** A function, a type that is only announced: no bytes. */
export interface DebugOther {
  readonly kind: 'other';
  readonly what: string;
  /** Of `enum e : short;`, which is announced with its integer, and of a union without its members: what is known of it. */
  readonly opaque?: DebugEnum | DebugRecord;
}

export interface DebugArray {
  readonly kind: 'array';
  readonly of: number;
  /** From the outermost dimension; undefined for `[]`. */
  readonly lengths: readonly (number | undefined)[];
  /** Whether its elements are `_Atomic`, which may make them longer, the file does not tell. */
  readonly mayGrow?: true;
}

export interface DebugTypedef {
  readonly kind: 'typedef';
  readonly name: string;
  readonly to: number;
  /** Of its own, where the file says so. */
  readonly align?: number;
}

/** const, volatile, restrict, tags: the same bytes. */
export interface DebugQualifier {
  readonly kind: 'qualifier';
  readonly to: number;
  /** `_Atomic` of a compiler that may make the type longer; how long it is nothing tells. */
  readonly mayGrow?: true;
}

export interface DebugScalar {
  readonly kind: 'scalar';
  readonly name: string;
  readonly size: number;
  readonly form: 'signed' | 'unsigned' | 'bool' | 'float' | 'complex' | 'decimal' | 'other';
  /** GCC was told to make each long double an IEEE number of 128 bits. */
  readonly isQuad?: true;
}

export interface DebugRecord {
  readonly kind: 'struct' | 'union';
  readonly name: string;
  readonly size: number;
  readonly members: readonly DebugMember[];
  /** What an attribute asked for, of a base class too, where the file says so. */
  readonly align?: number;
  /** `align` is the alignment that the compiler took; else what the attribute asks for, which may be less. */
  readonly isTaken?: true;
  /** Where it has none, no attribute asked for any. */
  readonly tellsAligns?: true;
  /** Why it cannot be had: virtual functions, bytes that more than one variant share, no members. */
  readonly refused?: string;
}

/** Why a union that has bytes and no members cannot be had. */
export const noMembers =
  'it has bytes, but no members: GCC leaves out those of a typedef with transparent_union';

export interface DebugMember {
  /** '' for an anonymous struct or union. */
  readonly name: string;
  readonly type: number;
  /** From the start of the record, in the target's order. */
  readonly bitOffset: number;
  /** Bit-fields only. */
  readonly bitWidth?: number;
  /** What an attribute asked for, where the file says so. */
  readonly align?: number;
}

export interface DebugEnum {
  readonly kind: 'enum';
  readonly name: string;
  readonly size: number;
  readonly isSigned: boolean;
  readonly values: readonly (readonly [name: string, value: bigint])[];
  /** Why it cannot be had: its integer has no counterpart, or is not told. */
  readonly refused?: string;
}

/** The kinds of debug information that are read here. */
export type DebugFormat = 'dwarf' | 'btf';

/** All types of a file, by number; each is decoded when it is asked for. */
export interface DebugTypes {
  /** What holds them: BTF, DWARF 5. */
  readonly format: string;
  typeOf(id: number): DebugType;
  /** The first of those that are the same: a header's types stand in the file once for each unit. */
  firstOf(id: number): number;
  /** Where it was declared, for one of several types of a name; '' where that is not known. */
  unitOf(id: number): string;
  /** Why types may be missing that the program has. */
  readonly missing: readonly string[];
  /** Structs, unions, enumerations and typedefs that have a name, in the file's order. */
  named(): Iterable<number>;
  /** Enumerations that have none, also those that members or typedefs are of; several of the same. */
  looseEnums(): Iterable<LooseEnum>;
}

export interface LooseEnum {
  /** `a::b::`, of C++. */
  readonly scope: string;
  readonly values: DebugEnum['values'];
}
