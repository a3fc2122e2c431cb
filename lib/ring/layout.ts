import { layout, offsetOf, syslet_completion, syslet_ring } from '../abi/index.ts';
import { hostTarget } from '../host-target.ts';

/** Where the parts of a ring lie, as indexes of an Int32Array over it. */
const word = (bytes: number): number => bytes / Int32Array.BYTES_PER_ELEMENT;

export const HEADER_BYTES = offsetOf(syslet_ring, hostTarget, 'comp');
export const COMPLETION_BYTES = layout(syslet_completion, hostTarget).size;
/** The user aligns a ring to a u64, also where the struct alone does not ask for it. */
export const RING_ALIGN = 8;

export const KERNEL_HEAD = word(offsetOf(syslet_ring, hostTarget, 'kernel_head'));
export const USER_TAIL = word(offsetOf(syslet_ring, hostTarget, 'user_tail'));
export const ELEMENTS = word(offsetOf(syslet_ring, hostTarget, 'elements'));
export const WAIT_GROUP = word(offsetOf(syslet_ring, hostTarget, 'wait_group'));

export const COMP = word(HEADER_BYTES);
export const COMP_WORDS = word(COMPLETION_BYTES);
const STATUS = word(offsetOf(syslet_completion, hostTarget, 'status'));
const CALLER_DATA = word(offsetOf(syslet_completion, hostTarget, 'caller_data'));

// Which half of a u64 comes first is the byte order's business alone
const [LOW, HIGH] = hostTarget.byteOrder === 'little' ? [0, 1] : [1, 0];
export const STATUS_LOW = STATUS + LOW;
export const STATUS_HIGH = STATUS + HIGH;
export const DATA_LOW = CALLER_DATA + LOW;
export const DATA_HIGH = CALLER_DATA + HIGH;

/** The largest ring: its index arithmetic stays within 31 bits of 32-bit words. */
export const MAX_ELEMENTS = 1 << 26;

/** Bytes of a ring of `elements`. */
export function ringBytes(elements: number): number {
  return HEADER_BYTES + COMPLETION_BYTES * elements;
}
