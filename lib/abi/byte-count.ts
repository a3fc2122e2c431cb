/** `1 byte`, `12 bytes`. */
export function byteCount(count: number | bigint): string {
  return `${count} ${BigInt(count) === 1n ? 'byte' : 'bytes'}`;
}
