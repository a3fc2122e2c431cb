const scratch = new DataView(new ArrayBuffer(8));

/** Turns the bytes of a 2, 4 or 8 byte integer round and gives it the sign that it then has. */
export function byteSwapped(size: number, isSigned: boolean) {
  if (size === 2) return isSigned ? (raw: number) => (swap16(raw) << 16) >> 16 : swap16;
  if (size === 4) return isSigned ? (raw: number) => swap32(raw) | 0 : swap32;
  return isSigned ? (raw: bigint) => BigInt.asIntN(64, swap64(raw)) : swap64;
}

function swap16(raw: number): number {
  return ((raw & 0xff) << 8) | ((raw >>> 8) & 0xff);
}

function swap32(raw: number): number {
  return ((raw << 24) | ((raw << 8) & 0xff0000) | ((raw >>> 8) & 0xff00) | (raw >>> 24)) >>> 0;
}

function swap64(raw: bigint): bigint {
  scratch.setBigUint64(0, raw, true);
  return scratch.getBigUint64(0, false);
}
