import { layout, offsetOf } from '../abi/index.ts';
import { hostTarget } from '../host-target.ts';
// not by posix/index.ts, which loads all calls
import { stat } from '../posix/structs.ts';

const word = (bytes: number): number => bytes / Int32Array.BYTES_PER_ELEMENT;

/** Where members lie, as indexes of an Int32Array over a struct stat. */
export const MODE = word(offsetOf(stat, hostTarget, 'st_mode'));
export const SIZE = word(offsetOf(stat, hostTarget, 'st_size'));
const DEVICE = word(offsetOf(stat, hostTarget, 'st_dev'));
const INODE = word(offsetOf(stat, hostTarget, 'st_ino'));

export const STAT_BYTES = layout(stat, hostTarget).size;
export const STAT_WORDS = word(STAT_BYTES);

/** Memory that does not move. */
export const newStat = () => new Int32Array(new SharedArrayBuffer(STAT_BYTES));

/** Which file it is: equal for two that are one. */
export function identityOf(words: Int32Array): string {
  return [DEVICE, DEVICE + 1, INODE, INODE + 1].map((member) => words[member]).join(':');
}
