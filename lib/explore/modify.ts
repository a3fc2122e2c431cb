import { Op } from './access.ts';

/** What a read-modify-write stores over `lo`, `hi`, into `into`. */
export function modified(
  op: number,
  size: number,
  lo: number,
  hi: number,
  byLo: number,
  byHi: number,
  into: { lo: number; hi: number },
): void {
  into.hi = 0;
  switch (op) {
    case Op.add:
      into.lo = (lo + byLo) | 0;
      if (size === 8) into.hi = (hi + byHi + carry(lo, byLo)) | 0;
      break;
    case Op.sub:
      into.lo = (lo - byLo) | 0;
      if (size === 8) into.hi = (hi - byHi - (lo >>> 0 < byLo >>> 0 ? 1 : 0)) | 0;
      break;
    case Op.and:
      into.lo = lo & byLo;
      into.hi = hi & byHi;
      break;
    case Op.or:
      into.lo = lo | byLo;
      into.hi = hi | byHi;
      break;
    case Op.xor:
      into.lo = lo ^ byLo;
      into.hi = hi ^ byHi;
      break;
    default:
      into.lo = byLo;
      into.hi = byHi;
  }
  if (size < 4) into.lo &= size === 1 ? 0xff : 0xffff;
}

function carry(a: number, b: number): number {
  return (a >>> 0) + (b >>> 0) > 0xffff_ffff ? 1 : 0;
}
