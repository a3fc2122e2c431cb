import { checkTarget } from './check-target.ts';

/** How a `long double` is stored. `ibm` is a pair of doubles. */
export type LongDoubleFormat = 'double' | 'x87' | 'm68k' | 'binary128' | 'ibm';

/**
 * An ABI as plain data: everything that a layout depends on. Sizes and alignments are in bytes;
 * alignments are those of a struct member, which on i386 are lower than `_Alignof` says.
 */
export interface Target {
  readonly name: string;
  readonly byteOrder: 'little' | 'big';
  /** C and C++ lay the same source out differently where it is empty. */
  readonly language: 'c' | 'c++';
  readonly pointerSize: 4 | 8;
  readonly longSize: 4 | 8;
  readonly charSigned: boolean;
  /** No scalar is aligned to more than this, bar those named below. */
  readonly maxScalarAlign: number;
  readonly longDouble: {
    readonly format: LongDoubleFormat;
    readonly size: number;
    readonly align: number;
  };
  /** Alignment of `__int128`; 0 where the compiler has no such type. */
  readonly int128Align: number;
  /**
   * `typed`: the declared type limits what a bit-field may cross; `dense`: it does not (m68k);
   * `units`: each takes a whole unit of its type, which those behind it share if theirs is as large.
   */
  readonly bitFields: 'typed' | 'dense' | 'units';
  /**
   * Whose rules hold where compilers of one machine differ. To Microsoft's an enumeration is an int,
   * an `aligned` holds against all packing, and an empty struct of C takes 4 bytes.
   */
  readonly rules: 'gnu' | 'microsoft';
  /** Unnamed bit-fields raise a struct's alignment (the Arm ABIs). */
  readonly unnamedBitsAlign: boolean;
}

const inCpp = new WeakMap<Target, Target>();

/** The same machine with C++'s rules: an empty struct takes a byte. */
export function cpp<G extends Target>(target: G): Omit<G, 'language'> & { language: 'c++' } {
  checkTarget(target, 'cpp()');
  const made = inCpp.get(target) ?? Object.freeze({ ...target, language: 'c++' });
  inCpp.set(target, made);
  return made as Omit<G, 'language'> & { language: 'c++' };
}
