/**
 * struct linux_dirent64 (getdents64(2)), packed into the buffer one after the other: u64 d_ino,
 * s64 d_off, u16 d_reclen (to the next one; a multiple of 8), u8 d_type, char d_name[] with a NUL.
 */
export const D_RECLEN = 16;
export const D_NAME = 19;

export const DOT = 0x2e;

/** Is the name that begins at `at` "." or ".."? */
export function isDotOrDotDot(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== DOT) return false;
  const second = bytes[at + 1];
  return second === 0 || (second === DOT && bytes[at + 2] === 0);
}

/** Where the name that begins at `at` ends: its NUL. */
export function nameEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (bytes[end] !== 0) end++;
  return end;
}
