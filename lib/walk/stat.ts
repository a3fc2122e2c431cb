import { array, layout, offsetOf, struct, u32, u64, variant, when } from '../abi/index.ts';
import { hostTarget } from '../host-target.ts';

/** struct stat of x86_64 (Linux, arch/x86/include/uapi/asm/stat.h), 144 bytes. */
const x86_64_stat = struct('stat', {
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

/** Of the processors that came later (asm-generic/stat.h), 128 bytes. */
const generic_stat = struct('stat', {
  st_dev: u64,
  st_ino: u64,
  st_mode: u32,
  st_nlink: u32,
  st_uid: u32,
  st_gid: u32,
  st_rdev: u64,
  pad1: u64,
  st_size: u64,
  st_blksize: u32,
  pad2: u32,
  st_blocks: u64,
  times: array(u64, 6),
  unused: array(u32, 2),
});

const stat = variant([when({ names: ['x86_64'] }, x86_64_stat)], generic_stat);

const word = (bytes: number): number => bytes / Int32Array.BYTES_PER_ELEMENT;

/** Where members lie, as indexes of an Int32Array over a struct stat. */
export const MODE = word(offsetOf(stat, hostTarget, 'st_mode'));
export const SIZE = word(offsetOf(stat, hostTarget, 'st_size'));
const DEVICE = word(offsetOf(stat, hostTarget, 'st_dev'));
const INODE = word(offsetOf(stat, hostTarget, 'st_ino'));

export const STAT_BYTES = layout(stat, hostTarget).size;
export const STAT_WORDS = word(STAT_BYTES);

/** Which file it is: equal for two that are one. `at` is the word where the struct begins. */
export function identityOf(words: Int32Array, at: number): string {
  return [DEVICE, DEVICE + 1, INODE, INODE + 1].map((member) => words[at + member]).join(':');
}
