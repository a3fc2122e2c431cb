import { isShared } from '../abi/buffer.ts';
import { checkInteger, expected } from '../check.ts';
import { ELEMENTS, HEADER_BYTES, MAX_ELEMENTS, RING_ALIGN, ringBytes } from './layout.ts';

/** Throws unless `elements` is a power of two that a ring can have; 1 is legal. */
export function checkElements(elements: unknown): number {
  const count = checkInteger('elements', elements, 1, MAX_ELEMENTS);
  if ((count & (count - 1)) === 0) return count;
  throw new RangeError(expected('elements', elements, 'a power of two (1, 2, 4, …)'));
}

/** Throws unless a ring of `elements` fits into `buffer` at `byteOffset`, aligned. */
export function checkPlace(buffer: unknown, byteOffset: unknown, elements: number): void {
  checkBuffer(buffer);
  const at = checkInteger('byteOffset', byteOffset, 0, Number.MAX_SAFE_INTEGER);
  if (at % RING_ALIGN !== 0) {
    throw new RangeError(expected('byteOffset', at, `a multiple of ${RING_ALIGN}`));
  }
  const room = Math.max(0, buffer.byteLength - at);
  const needed = ringBytes(elements);
  if (room < needed) {
    throw new RangeError(
      `a ring of ${elements} elements takes ${needed} bytes, there are ${room} from offset ${at} on`,
    );
  }
}

/** The number of elements that the ring in `buffer` says it has, checked. */
export function readElements(buffer: unknown, byteOffset: unknown): number {
  checkPlace(buffer, byteOffset, 0);
  const header = new Int32Array(
    buffer as SharedArrayBuffer,
    byteOffset as number,
    HEADER_BYTES / Int32Array.BYTES_PER_ELEMENT,
  );
  const elements = checkElements((header[ELEMENTS] as number) >>> 0);
  checkPlace(buffer, byteOffset, elements);
  return elements;
}

function checkBuffer(buffer: unknown): asserts buffer is SharedArrayBuffer {
  if (isShared(buffer)) return;
  throw new TypeError(
    expected('buffer', buffer, 'a SharedArrayBuffer: other threads write to a ring'),
  );
}

export function checkCallback(callback: unknown): void {
  if (typeof callback === 'function') return;
  throw new TypeError(expected('onCompletion', callback, 'a function'));
}
