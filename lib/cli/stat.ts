import { array, layout, offsetOf, struct, u32, u64, x86_64 } from '../abi/index.ts';

/** struct stat of x86_64 (Linux, arch/x86/include/uapi/asm/stat.h), 144 bytes. */
const stat = struct('stat', {
  st_dev: u64,
  st_ino: u64,
  st_nlink: u64,
  st_mode: u32,
  st_uid: u32,
  st_gid: u32,
  pad0: u32,
  st_rdev: u64,
  st_size: u64,
  st_blksize: u64,
  st_blocks: u64,
  times: array(u64, 6),
  unused: array(u64, 3),
});

const MODE = offsetOf(stat, x86_64, 'st_mode') / 4;
const SIZE = offsetOf(stat, x86_64, 'st_size') / 4;

export const STAT_BYTES = layout(stat, x86_64).size;

/** The two members that a walk counts; `words` lies over a struct stat. */
export function modeOf(words: Int32Array): number {
  return (words[MODE] as number) >>> 0;
}

export function sizeOf(words: Int32Array): number {
  return ((words[SIZE + 1] as number) >>> 0) * 0x1_0000_0000 + ((words[SIZE] as number) >>> 0);
}
