import {
  bufferLengthOf,
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  isResizable,
  isShared,
} from '../abi/buffer.ts';
import { expected } from '../check.ts';
import { heldMemory } from '../kernel/index.ts';

/** Memory that a call may read or write. */
export type Bytes = ArrayBufferView;

/**
 * Where memory lies that was used before. It never moves; it can be detached. A view of all of its buffer
 * is found by itself, which is fastest. Views of parts come and go, as `subarray` makes them: they are
 * found by their buffer, since an entry for each would cost more than the call.
 */
const views = new WeakMap<object, number>();
const starts = new WeakMap<object, number>();

/**
 * Address of a view's first byte, exact: user addresses stay below 2^47.
 *
 * A view of a resizable ArrayBuffer is refused: it can lose its memory while a call writes to it. A
 * view that is detached has a length of zero and gives the kernel nothing to write to.
 */
export function addressOf(view: Bytes, name: string): number {
  return views.get(view) ?? addressOfPart(view, name);
}

function addressOfPart(view: Bytes, name: string): number {
  if (!ArrayBuffer.isView(view)) {
    throw new TypeError(expected(name, view, 'a Buffer, typed array or DataView'));
  }
  if (byteLengthOf(view) === 0) checkAttached(view, name);
  const start = starts.get(bufferOf(view));
  return start === undefined ? learn(view, name) : start + byteOffsetOf(view);
}

function learn(view: Bytes, name: string): number {
  const buffer = bufferOf(view);
  checkFixed(buffer, name);
  const address = Number(heldMemory().addressOf(view));
  if (byteLengthOf(view) === bufferLengthOf(buffer)) views.set(view, address);
  else starts.set(buffer, address - byteOffsetOf(view));
  return address;
}

/** A view of a detached buffer; not one that is empty. */
function checkAttached(view: Bytes, name: string): void {
  const buffer = bufferOf(view);
  if (bufferLengthOf(buffer) > 0 || isShared(buffer)) return;
  try {
    new Uint8Array(buffer);
  } catch {
    throw detached(name);
  }
}

function checkFixed(buffer: ArrayBufferLike, name: string): void {
  if (isShared(buffer)) return;
  if (isResizable(buffer)) {
    throw new TypeError(
      `${name} is a view of a resizable ArrayBuffer, which can shrink while the kernel writes to ` +
        'it: use one of fixed length, or a growable SharedArrayBuffer',
    );
  }
  if (heldMemory().holdsMemory()) return;
  throw new TypeError(
    `${name} is a view of an ArrayBuffer, which can be transferred while the kernel writes to it, and ` +
      'this runtime has nothing against that: use a SharedArrayBuffer',
  );
}

/** May the memory of a view leave it, so that it must be held while a call is in flight? */
export function canBeTransferred(view: Bytes): boolean {
  return !isShared(bufferOf(view));
}

function detached(name: string): TypeError {
  return new TypeError(
    `${name} is detached: its memory was transferred; use the view that has it now`,
  );
}

/** Is the view's memory no longer its own? */
export function isDetached(view: Bytes): boolean {
  if (byteLengthOf(view) > 0) return false;
  try {
    checkAttached(view, '');
    return false;
  } catch {
    return true;
  }
}

/** Bytes of a view; throws if it has none because it is detached. */
export function lengthOf(view: Bytes, name: string): number {
  const bytes = byteLengthOf(view);
  if (bytes === 0) checkAttached(view, name);
  return bytes;
}
