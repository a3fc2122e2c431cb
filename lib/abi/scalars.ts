import type { PointerType, ScalarName, ScalarType } from './types.ts';

function scalar<S extends ScalarName>(name: S): ScalarType<S> {
  return Object.freeze({ kind: 'scalar', scalar: name });
}

export const u8 = scalar('u8');
export const u16 = scalar('u16');
export const u32 = scalar('u32');
export const u64 = scalar('u64');
export const u128 = scalar('u128');
export const i8 = scalar('i8');
export const i16 = scalar('i16');
export const i32 = scalar('i32');
export const i64 = scalar('i64');
export const i128 = scalar('i128');
/** Plain `char`: unsigned on Linux's arm, aarch64, ppc, riscv and s390x, signed elsewhere. */
export const char = scalar('char');
export const schar = scalar('schar');
export const uchar = scalar('uchar');
export const short = scalar('short');
export const ushort = scalar('ushort');
export const int = scalar('int');
export const uint = scalar('uint');
export const long = scalar('long');
export const ulong = scalar('ulong');
export const longlong = scalar('longlong');
export const ulonglong = scalar('ulonglong');
export const size_t = scalar('size_t');
export const ssize_t = scalar('ssize_t');
export const bool = scalar('bool');
export const float = scalar('float');
export const double = scalar('double');
export const longdouble = scalar('longdouble');

/** `to *`; the name is for readers (show, diagram, export) and never followed. */
export function pointer(to = 'void'): PointerType {
  return Object.freeze({ kind: 'pointer', to });
}
