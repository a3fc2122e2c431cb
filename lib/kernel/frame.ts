import { types } from 'node:util';
import { bufferOf, byteLengthOf, isShared } from '../abi/buffer.ts';
import { checkU64, expected } from '../check.ts';
import { native } from '../native.ts';

/** Where the original thread returns to when its call is over, `struct syslet_frame`. */
export interface Frame {
  /** Address of the function: park, exit, or one that was registered. */
  readonly ip: bigint;
  /** Its stack: it begins at the end of this memory, and grows down. */
  readonly stack: Uint8Array<SharedArrayBuffer>;
}

/** Room for a return function of a few frames and the signal frames on top of them. */
export const FRAME_STACK_BYTES = 64 * 1024;
const LEAST_STACK_BYTES = 16 * 1024;
const STACK_ALIGN = 16n;

export function newFrameStack(): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(new SharedArrayBuffer(FRAME_STACK_BYTES));
}

/** Throws unless the frame can be given to the kernel side; its stack pointer. */
export function checkFrame(frame: Frame): bigint {
  const { ip, stack } = frame;
  if (!isReturnFunction(checkU64('frame.ip', ip))) {
    throw new TypeError(
      `frame.ip is 0x${ip.toString(16)}, expected functions().park, functions().exit or an address ` +
        'given to registerFunction: the original thread jumps there',
    );
  }
  checkStack(stack);
  return (native().addressOf(stack) + BigInt(byteLengthOf(stack))) & -STACK_ALIGN;
}

function isReturnFunction(ip: bigint): boolean {
  const { park, exit } = native().functions();
  return ip === park || ip === exit || native().isRegistered(ip);
}

function checkStack(stack: unknown): asserts stack is Uint8Array {
  if (!types.isUint8Array(stack) || !isShared(bufferOf(stack))) {
    throw new TypeError(
      expected('frame.stack', stack, 'a Uint8Array over a SharedArrayBuffer: it must not move'),
    );
  }
  const bytes = byteLengthOf(stack);
  if (bytes < LEAST_STACK_BYTES) {
    const what = `at least ${LEAST_STACK_BYTES}: signals are delivered there too`;
    throw new RangeError(expected('frame.stack.byteLength', bytes, what));
  }
}
