import type { RecordDump } from './record-dump.ts';

/** A header as one target sees it: declarations with their types still as clang writes them. */

export interface CRecord {
  readonly kind: 'struct' | 'union';
  /** '' without a tag. */
  readonly tag: string;
  readonly file: string;
  readonly line: number;
  readonly col: number;
  readonly members: readonly CMember[];
  readonly packed: boolean;
  /** A `#pragma pack` was in force; clang does not print its value. */
  readonly pragmaPack: boolean;
  /** aligned(n) in bytes; NaN where clang does not print the value. */
  readonly aligns: readonly number[];
  readonly doc: string;
}

export interface CMember {
  /** '' for an anonymous struct or union and for unnamed bit-fields. */
  readonly name: string;
  readonly type: string;
  /** The type of a member whose struct, union or enumeration has no tag. */
  readonly inline?: CRecord | CEnum;
  readonly bits?: number;
  readonly packed: boolean;
  readonly aligns: readonly number[];
  readonly doc: string;
}

export interface CEnum {
  readonly kind: 'enum';
  readonly tag: string;
  readonly file: string;
  readonly line: number;
  readonly values: readonly (readonly [name: string, value: bigint])[];
  readonly packed: boolean;
  readonly doc: string;
}

export interface CTypedef {
  readonly name: string;
  readonly type: string;
  readonly file: string;
  readonly inline?: CRecord | CEnum;
  readonly aligns: readonly number[];
}

/** A header's declarations, and what clang says of its structs and unions. */
export interface CHeader extends CDeclarations {
  readonly layouts: RecordDump;
}

export interface CDeclarations {
  readonly records: ReadonlyMap<string, CRecord>;
  readonly enums: ReadonlyMap<string, CEnum>;
  readonly typedefs: ReadonlyMap<string, CTypedef>;
}
