import type { PacksIn } from './pragma-pack.ts';
import type { RecordDump } from './record-dump.ts';

/** A header as one target sees it: declarations with their types still as clang writes them. */

export interface CRecord {
  readonly kind: 'struct' | 'union';
  /** '' without a tag. */
  readonly tag: string;
  readonly file: string;
  /** Bytes of the file, from the keyword to the closing brace. */
  readonly span: Span;
  readonly members: readonly CMember[];
  readonly packed: boolean;
  /** A `#pragma pack` was in force; clang does not print its value. */
  readonly pragmaPack: boolean;
  /** aligned(n) in bytes; NaN where clang does not print the value. */
  readonly aligns: readonly number[];
  /** What GCC takes of the attributes, where that is not all. */
  readonly gcc?: Attributes;
  readonly doc: string;
}

export interface Attributes {
  readonly packed: boolean;
  readonly aligns: readonly number[];
}

/** Where a declaration stands in its file, in bytes; `to` is its last token's first byte. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface CMember {
  /** '' for an anonymous struct or union and for unnamed bit-fields. */
  readonly name: string;
  readonly type: string;
  /** The same without typedefs, typeof and the like. */
  readonly desugared: string;
  readonly span: Span;
  /** The type of a member whose struct, union or enumeration has no tag. */
  readonly inline?: CRecord | CEnum;
  readonly bits?: number;
  readonly packed: boolean;
  readonly aligns: readonly number[];
  /** What GCC takes of the attributes, where that is not all. */
  readonly gcc?: Attributes;
  readonly doc: string;
}

export interface CEnum {
  readonly kind: 'enum';
  readonly tag: string;
  readonly file: string;
  readonly span: Span;
  /** `enum e : unsigned char`. */
  readonly underlying?: string;
  readonly values: readonly (readonly [name: string, value: bigint])[];
  readonly packed: boolean;
  readonly doc: string;
}

export interface CTypedef {
  readonly name: string;
  readonly type: string;
  readonly desugared: string;
  readonly file: string;
  readonly span: Span;
  /** The struct, union or enumeration without a tag that it names. */
  readonly inline?: CRecord | CEnum;
  readonly aligns: readonly number[];
}

/** A declaration whose type has no tag and is behind a pointer, an array or a function, or in an object. */
export interface CObject {
  readonly name: string;
  readonly type: string;
  readonly desugared: string;
  readonly file: string;
  readonly inline: CRecord | CEnum;
  readonly isTypedef: boolean;
}

/** A header's declarations, and what clang says of its structs and unions. */
export interface CHeader extends CDeclarations {
  /** undefined where the declarations tell all. */
  readonly layouts: RecordDump | undefined;
  /** Alignments that declarations give without a value, where the compiler has told them. */
  readonly aligns: ReadonlyMap<CMember | CTypedef, number>;
  readonly packs: PacksIn | undefined;
  /** What the compiler ignores in a declaration, and says so. */
  readonly ignored: IgnoredIn;
}

/** Why a declaration cannot be taken as it stands; undefined if nothing in it was ignored. */
export type IgnoredIn = (declared: CRecord | CEnum | CTypedef) => string | undefined;

export interface CDeclarations {
  readonly records: ReadonlyMap<string, CRecord>;
  readonly enums: ReadonlyMap<string, CEnum>;
  readonly typedefs: ReadonlyMap<string, CTypedef>;
  readonly objects: readonly CObject[];
  /** Enumerations that no named type is or has in it, such as `enum { MAX = 64 };`. */
  readonly looseEnums: ReadonlySet<CEnum>;
  /** The names of all of them, also in enumerations that have a name. */
  readonly enumerators: ReadonlySet<string>;
  /** Of what is declared inside a struct or union, which one that is. */
  readonly parents: ReadonlyMap<CRecord | CEnum, CRecord>;
}
