/**
 * Types as debug information tells them: with the places that a compiler chose, without the
 * attributes that made it choose them.
 */
export type DebugType =
  | DebugScalar
  | { readonly kind: 'pointer'; readonly to: number }
  /** Without a length: `[]`. */
  | { readonly kind: 'array'; readonly of: number; readonly length?: number }
  | DebugRecord
  | DebugEnum
  | { readonly kind: 'typedef'; readonly name: string; readonly to: number }
  /** const, volatile, restrict, tags: the same bytes. */
  | { readonly kind: 'qualifier'; readonly to: number }
  /** A function, a type that is only announced: no bytes. */
  | { readonly kind: 'other'; readonly what: string };

export interface DebugScalar {
  readonly kind: 'scalar';
  readonly name: string;
  readonly size: number;
  readonly form: 'signed' | 'unsigned' | 'bool' | 'float';
}

export interface DebugRecord {
  readonly kind: 'struct' | 'union';
  readonly name: string;
  readonly size: number;
  readonly members: readonly DebugMember[];
}

export interface DebugMember {
  /** '' for an anonymous struct or union. */
  readonly name: string;
  readonly type: number;
  /** From the start of the record, in the target's order. */
  readonly bitOffset: number;
  /** Bit-fields only. */
  readonly bitWidth?: number;
}

export interface DebugEnum {
  readonly kind: 'enum';
  readonly name: string;
  readonly size: number;
  readonly isSigned: boolean;
  readonly values: readonly (readonly [name: string, value: bigint])[];
}

/** All types of a file, by number; each is decoded when it is asked for. */
export interface DebugTypes {
  /** What holds them: BTF, DWARF 5. */
  readonly format: string;
  typeOf(id: number): DebugType;
  /** Structs, unions, enumerations and typedefs that have a name, in the file's order. */
  named(): Iterable<number>;
}
