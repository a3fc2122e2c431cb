import { bufferOf, isShared } from '../abi/buffer.ts';
import { checkInteger, checkWide, expected } from '../check.ts';
import { upperHalf } from '../ring/index.ts';

/** A value of a 64-bit register: a safe integer, a bigint, or memory whose address it is. */
export type Argument = number | bigint | ArrayBufferView;

/** Where memory lies. */
export interface Addresses {
  addressOf(view: ArrayBufferView): bigint;
  /** false: only shared memory can be given, since nothing keeps the memory of an ArrayBuffer. */
  readonly holdsMemory: boolean;
}

/** Stores a value as the two 32-bit halves at words[at] and words[at + 1]. */
export function storeArgument(
  words: Int32Array,
  at: number,
  name: string,
  value: Argument,
  addresses: Addresses,
): void {
  if (typeof value === 'number') storeNumber(words, at, checkSafe(name, value));
  else if (typeof value === 'bigint') storeBig(words, at, checkWide(name, value));
  else if (ArrayBuffer.isView(value)) storeBig(words, at, addressOf(name, value, addresses));
  else throw new TypeError(expected(name, value, 'a number, a bigint or a typed array'));
}

function addressOf(name: string, view: ArrayBufferView, addresses: Addresses): bigint {
  if (addresses.holdsMemory || isShared(bufferOf(view))) return addresses.addressOf(view);
  throw new TypeError(
    `${name} is a view of an ArrayBuffer, which can be transferred while the kernel writes to it, and ` +
      'this runtime has nothing against that: use a SharedArrayBuffer',
  );
}

function storeNumber(words: Int32Array, at: number, value: number): void {
  words[at] = value;
  words[at + 1] = upperHalf(value);
}

function storeBig(words: Int32Array, at: number, value: bigint): void {
  words[at] = Number(BigInt.asIntN(32, value));
  words[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
}

function checkSafe(name: string, value: number): number {
  return checkInteger(name, value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}
