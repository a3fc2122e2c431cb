import { constants } from 'node:os';
import { types } from 'node:util';
import { byteLengthOf } from '../abi/buffer.ts';
import { expected } from '../check.ts';
import { callName } from '../kernel/index.ts';
import { type Path, SLOT_BYTES, type Slot } from '../loop/index.ts';
import { failed } from './failure.ts';
import { freshBytes } from './memory.ts';

/** Bytes of a path with its NUL, linux/limits.h. */
export const PATH_MAX = 4096;
const ENAMETOOLONG = -constants.errno.ENAMETOOLONG;

/**
 * Stores a path with its NUL in the slot's memory; its address goes to register `at`. One that
 * is too long is refused as the kernel does, which never sees more than PATH_MAX of it.
 */
export function storePath(slot: Slot, at: number, name: string, path: Path): void {
  if (slot.path === undefined) slot.path = path;
  else slot.secondPath = path;
  // a third path need not fit behind two
  if (slot.used + PATH_MAX > SLOT_BYTES) {
    storeApart(slot, at, name, path);
    return;
  }
  const start = slot.start + slot.used;
  const { bytes } = slot.memory;
  const length =
    typeof path === 'string'
      ? storeText(slot, start, name, path)
      : storeBytes(slot, start, name, path);
  bytes[start + length] = 0;
  slot.room(length + 1);
  slot.setNumber(at, slot.addressAt(start));
}

/** In memory of its own. */
function storeApart(slot: Slot, at: number, name: string, path: Path): void {
  if (typeof path !== 'string' && !types.isUint8Array(path)) throw noPath(name, path);
  const text = Buffer.from(path as string);
  if (text.includes(0)) throw withNul(name, path);
  if (text.length >= PATH_MAX) throw failed(slot, callName(slot.nr), ENAMETOOLONG);
  const own = freshBytes(text.length + 1);
  own.set(text);
  slot.setView(at, own, name);
}

function storeText(slot: Slot, start: number, name: string, path: string): number {
  const { length } = path;
  const { bytes } = slot.memory;
  if (length >= PATH_MAX) throw failed(slot, callName(slot.nr), ENAMETOOLONG);
  // most paths are ASCII and short: a loop is faster than a call of the encoder
  for (let i = 0; i < length; i++) {
    const code = path.charCodeAt(i);
    if (code === 0) throw withNul(name, path);
    if (code > 127) return storeUtf8(slot, start, name, path);
    bytes[start + i] = code;
  }
  return length;
}

function storeUtf8(slot: Slot, start: number, name: string, path: string): number {
  if (path.includes('\0')) throw withNul(name, path);
  const length = Buffer.byteLength(path);
  if (length >= PATH_MAX) throw failed(slot, callName(slot.nr), ENAMETOOLONG);
  slot.memory.bytes.write(path, start);
  return length;
}

function storeBytes(slot: Slot, start: number, name: string, path: Uint8Array): number {
  if (!types.isUint8Array(path)) throw noPath(name, path);
  const length = byteLengthOf(path);
  if (length >= PATH_MAX) throw failed(slot, callName(slot.nr), ENAMETOOLONG);
  if (path.includes(0)) throw withNul(name, path);
  slot.memory.bytes.set(path, start);
  return length;
}

function noPath(name: string, path: unknown): TypeError {
  return new TypeError(expected(name, path, 'a string, a Buffer or a Uint8Array'));
}

function withNul(name: string, path: Path): TypeError {
  return new TypeError(
    expected(name, path, 'a path without NUL: the kernel takes it for the end of the path'),
  );
}
