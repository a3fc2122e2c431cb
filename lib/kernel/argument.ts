import { bufferOf, isShared } from '../abi/buffer.ts';
import { checkInteger, checkWide, expected } from '../check.ts';
import type { Register } from './block.ts';

/** A value of a 64-bit register: a safe integer, a bigint, or memory whose address it is. */
export type Argument = number | bigint | ArrayBufferView;

/** Where memory lies. */
export interface Addresses {
  addressOf(view: ArrayBufferView): bigint;
  /** false: only shared memory can be given, since nothing keeps the memory of an ArrayBuffer. */
  readonly holdsMemory: boolean;
}

/** What a register holds for a value; throws unless it can be one. */
export function registerOf(name: string, value: Argument, addresses: Addresses): Register {
  if (typeof value === 'number') return checkSafe(name, value);
  if (typeof value === 'bigint') return checkWide(name, value);
  if (ArrayBuffer.isView(value)) return addressOf(name, value, addresses);
  throw new TypeError(expected(name, value, 'a number, a bigint or a typed array'));
}

function addressOf(name: string, view: ArrayBufferView, addresses: Addresses): bigint {
  if (addresses.holdsMemory || isShared(bufferOf(view))) return addresses.addressOf(view);
  throw new TypeError(
    `${name} is a view of an ArrayBuffer, which can be transferred while the kernel writes to it, and ` +
      'this runtime has nothing against that: use a SharedArrayBuffer',
  );
}

function checkSafe(name: string, value: number): number {
  return checkInteger(name, value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}
