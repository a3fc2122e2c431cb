import { byteCount } from './byte-count.ts';
import { shown } from './value-check.ts';

/**
 * What a value is, by its internal slots: `instanceof` knows the classes of one realm alone, and
 * buffers come from others too (node:vm, jest's environments, vitest's vmThreads).
 */

type Getter = ((this: unknown) => number) | undefined;

function lengthOf(kind: { readonly prototype: object } | undefined): Getter {
  return kind && Object.getOwnPropertyDescriptor(kind.prototype, 'byteLength')?.get;
}

// A page that is not isolated has no SharedArrayBuffer.
const Shared = globalThis.SharedArrayBuffer as typeof SharedArrayBuffer | undefined;
const sharedLength = lengthOf(Shared);
const plainLength = lengthOf(ArrayBuffer);

function hasSlot(getter: Getter, value: unknown): boolean {
  try {
    getter?.call(value);
    return getter !== undefined;
  } catch {
    return false;
  }
}

/** Whether the name on it makes a look at the slot worth while: one that fails costs an exception. */
function looksShared(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object SharedArrayBuffer]';
}

/** The classes of this realm are asked first: calls of the kernel ask it each time. */
export function isShared(value: unknown): value is SharedArrayBuffer {
  if (value instanceof ArrayBuffer) return false;
  if (Shared !== undefined && value instanceof Shared) return true;
  return looksShared(value) && hasSlot(sharedLength, value);
}

export function isBuffer(value: unknown): value is ArrayBufferLike {
  return hasSlot(plainLength, value) || isShared(value);
}

/** The buffer of a view that is to be made; says what to pass where it is none. */
export function checkBuffer(buffer: unknown): ArrayBufferLike {
  if (isBuffer(buffer)) return buffer;
  throw new TypeError(
    `view(): expected an ArrayBuffer or SharedArrayBuffer, got ${describe(buffer)}`,
  );
}

function describe(value: unknown): string {
  if (ArrayBuffer.isView(value)) {
    const name = value.constructor?.name ?? 'typed array';
    return `a view of one (${name}, ${byteCount(value.byteLength)}): pass its .buffer, and its .byteOffset after it`;
  }
  const isObject = typeof value === 'object' && value !== null;
  if (isObject && 'buffer' in value && isBuffer(value.buffer)) {
    return 'an object that holds one: pass its .buffer';
  }
  return shown(value);
}
