import { types } from 'node:util';
import { byteLengthOf } from '../abi/buffer.ts';
import { checkI64, expected } from '../check.ts';
import type { Param } from './call-types.ts';
import type { Offset } from './params.ts';

/**
 * An offset that the kernel may advance: null for the descriptor's own position, a number, or a
 * BigInt64Array whose first element the kernel reads and advances.
 */
export type FileOffset = Offset | BigInt64Array | null;

export function fileOffset<A extends readonly unknown[]>(name: string): Param<A> {
  return {
    name,
    registers: 1,
    encoder: (at) => (slot, value: FileOffset) => {
      if (value === null) return slot.setInt(at, 0);
      if (types.isBigInt64Array(value)) return slot.setView(at, checkElement(name, value), name);
      const start = slot.room(8) as number;
      slot.memory.longs[start >> 3] = wide(name, value);
      slot.setNumber(at, slot.addressAt(start));
    },
  };
}

function checkElement(name: string, value: BigInt64Array): BigInt64Array {
  if (byteLengthOf(value) > 0) return value;
  throw new RangeError(`${name} has no element, expected one that the kernel advances`);
}

function wide(name: string, value: unknown): bigint {
  if (typeof value === 'bigint') return checkI64(name, value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  throw new TypeError(expected(name, value, 'null, an integer, a bigint or a BigInt64Array'));
}
