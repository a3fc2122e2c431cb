import { byteLengthOf } from '../abi/buffer.ts';
import { checkI64, checkInteger, expected } from '../check.ts';
import type { Bytes, Path } from '../loop/index.ts';
import { lengthOf } from '../loop/index.ts';
import type { Param } from './call-types.ts';
import { storePath } from './paths.ts';

const INT_MIN = -0x8000_0000;
const UINT_MAX = 0xffff_ffff;

/** An int, or 32 bits of flags; what is left out is `otherwise`. */
function integer<A extends readonly unknown[]>(name: string, otherwise?: number): Param<A> {
  return {
    name,
    registers: 1,
    encoder: (at) => (slot, value: unknown) => {
      if (typeof value === 'number' && (value | 0) === value) slot.setInt(at, value);
      else if (value === undefined && otherwise !== undefined) slot.setInt(at, otherwise);
      else slot.setNumber(at, checkInteger(name, value, INT_MIN, UINT_MAX));
    },
  };
}

export const fd: Param<[fd: number]> = integer('fd');
export const dirfd: Param<[dirfd: number]> = integer('dirfd');
export const flags: Param<[flags?: number]> = integer('flags', 0);
export const mode: Param<[mode?: number]> = integer('mode', 0o666);

/** An int that must be given. */
export const int = <A extends readonly unknown[]>(name: string): Param<A> => integer<A>(name);
/** An int that may be left out. */
export const optionalInt = <A extends readonly unknown[]>(name: string, value = 0): Param<A> =>
  integer<A>(name, value);

/** A 64-bit integer with a sign: a safe integer, or a bigint beyond 2^53. */
export function long<A extends readonly unknown[]>(name: string): Param<A> {
  return {
    name,
    registers: 1,
    encoder: (at) => (slot, value: unknown) => {
      if (typeof value === 'bigint') slot.setBig(at, checkI64(name, value));
      else slot.setNumber(at, checkInteger(name, value, -(2 ** 53 - 1), 2 ** 53 - 1));
    },
  };
}

export type Offset = number | bigint;
export const offset: Param<[offset: Offset]> = long('offset');
export const length: Param<[length: Offset]> = long('length');

/** Address and length of memory. */
export const buffer: Param<[buffer: Bytes]> = {
  name: 'buffer',
  registers: 2,
  encoder: (at) => (slot, value: Bytes) => {
    slot.setView(at, value, 'buffer');
    slot.setNumber(at + 1, lengthOf(value, 'buffer'));
  },
};

export function pathNamed<A extends readonly unknown[]>(name: string): Param<A> {
  return {
    name,
    registers: 1,
    encoder: (at) => (slot, value: Path) => storePath(slot, at, name, value),
  };
}

export const path: Param<[path: Path]> = pathNamed('path');

/** Memory of at least `least` bytes that the kernel fills in, or null. */
export function memory<A extends readonly unknown[]>(name: string, least: number): Param<A> {
  return {
    name,
    registers: 1,
    encoder: (at) => (slot, value: Bytes | { readonly bytes: Bytes } | null | undefined) => {
      if (value === null || value === undefined) return slot.setInt(at, 0);
      const bytes = ArrayBuffer.isView(value) ? value : bytesOf(name, value);
      slot.setView(at, bytes, name);
      if (lengthOf(bytes, name) < least) throw tooShort(name, bytes, least);
    },
  };
}

/** Memory of a StructMemory and its like. */
export function bytesOf(
  name: string,
  value: { readonly bytes: Bytes },
  wanted = 'a Buffer, typed array or DataView, an object with one as its bytes, or null',
): Bytes {
  const bytes = value?.bytes;
  if (ArrayBuffer.isView(bytes)) return bytes;
  throw new TypeError(expected(name, value, wanted));
}

export function tooShort(name: string, bytes: Bytes, least: number): RangeError {
  return new RangeError(
    `${name} has ${byteLengthOf(bytes)} bytes, the kernel reads or writes ${least}`,
  );
}
