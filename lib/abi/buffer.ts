import { byteCount } from './byte-count.ts';
import { shown } from './value-check.ts';

/**
 * What a value is, by its internal slots: `instanceof` knows the classes of one realm alone, and
 * buffers come from others too (node:vm, jest's environments, vitest's vmThreads).
 */

type Getter<T> = ((this: unknown) => T) | undefined;

function getterOf<T>(prototype: object | undefined, name: string | symbol): Getter<T> {
  return prototype && Object.getOwnPropertyDescriptor(prototype, name)?.get;
}

// A page that is not isolated has no SharedArrayBuffer.
const Shared = globalThis.SharedArrayBuffer as typeof SharedArrayBuffer | undefined;
const sharedLength = getterOf<number>(Shared?.prototype, 'byteLength');
const plainLength = getterOf<number>(ArrayBuffer.prototype, 'byteLength');
/** undefined in a runtime that has no resizable ones. */
const plainResizable = getterOf<boolean>(ArrayBuffer.prototype, 'resizable');

function hasSlot(getter: Getter<unknown>, value: unknown): boolean {
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
  if (Shared !== undefined && value instanceof Shared) return hasSlot(sharedLength, value);
  return looksShared(value) && hasSlot(sharedLength, value);
}

export function isBuffer(value: unknown): value is ArrayBufferLike {
  return hasSlot(plainLength, value) || isShared(value);
}

/** Bytes of a buffer, whatever its properties say; 0 of one that is detached. */
export function bufferLengthOf(buffer: ArrayBufferLike): number {
  return (isShared(buffer) ? sharedLength : plainLength)?.call(buffer) as number;
}

/** Can the buffer, which is not shared, shrink? */
export function isResizable(buffer: ArrayBufferLike): boolean {
  return plainResizable?.call(buffer) === true;
}

interface Getters {
  readonly buffer: (this: unknown) => ArrayBufferLike;
  readonly byteOffset: (this: unknown) => number;
  readonly byteLength: (this: unknown) => number;
}

function gettersOf(prototype: object): Getters {
  const get = (name: string) => getterOf(prototype, name) as never;
  return { buffer: get('buffer'), byteOffset: get('byteOffset'), byteLength: get('byteLength') };
}

const TypedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const ofArrays = gettersOf(TypedArray);
const ofDataViews = gettersOf(DataView.prototype);
/** Gives undefined for all else, and throws for nothing. */
const arrayName = getterOf<string | undefined>(TypedArray, Symbol.toStringTag) as () => unknown;

// Where a view's memory lies, whatever the properties of the view and of its class say: the kernel
// writes there.

function gettersFor(view: ArrayBufferView): Getters {
  return arrayName.call(view) === undefined ? ofDataViews : ofArrays;
}

export function bufferOf(view: ArrayBufferView): ArrayBufferLike {
  return gettersFor(view).buffer.call(view);
}

/** Throws for a DataView that is detached. */
export function byteOffsetOf(view: ArrayBufferView): number {
  return gettersFor(view).byteOffset.call(view);
}

/** 0 where the view is detached, or its buffer has shrunk too far. */
export function byteLengthOf(view: ArrayBufferView): number {
  if (arrayName.call(view) !== undefined) return ofArrays.byteLength.call(view);
  try {
    return ofDataViews.byteLength.call(view);
  } catch {
    return 0;
  }
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
