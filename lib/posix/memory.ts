import { layout, type Type, type ViewOf, view, type x86_64 } from '../abi/index.ts';
import { hostTarget } from '../host-target.ts';
import { addressOf } from '../loop/index.ts';

/** A struct in memory of its own, as calls take it: `bytes` for the kernel, `view` for us. */
export interface StructMemory<T extends Type> {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly view: ViewOf<T, typeof x86_64>;
}

/** Memory for a result: bytes `at` on of a chunk. */
export interface Room {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly at: number;
  readonly address: number;
}

const CHUNK_BYTES = 64 * 1024;
let chunk = new Uint8Array(new SharedArrayBuffer(0));
let address = 0;
let used = 0;

/**
 * Memory that nobody else ever gets, aligned to 8 and full of zeros: a piece of a shared chunk,
 * which lives as long as somebody holds a view of it.
 */
export function newRoom(size: number): Room {
  if (used + size > chunk.length) {
    chunk = new Uint8Array(new SharedArrayBuffer(Math.max(CHUNK_BYTES, size)));
    address = addressOf(chunk, 'chunk');
    used = 0;
  }
  const at = used;
  used += (size + 7) & ~7;
  return { bytes: chunk, at, address: address + at };
}

export function freshBytes(size: number): Uint8Array<SharedArrayBuffer> {
  const { bytes, at } = newRoom(size);
  return new Uint8Array(bytes.buffer, at, size);
}

/** A struct of `type` in fresh memory: zeros, to be filled in through its view. */
export function newStruct<const T extends Type>(type: T): StructMemory<T> {
  const bytes = freshBytes(layout(type, hostTarget).size);
  return { bytes, view: view(type, hostTarget, bytes.buffer, bytes.byteOffset) as never };
}
