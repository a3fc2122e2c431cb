import { bufferOf, byteLengthOf, byteOffsetOf } from '../abi/buffer.ts';
import { layout, type Type, view } from '../abi/index.ts';
import { hostTarget } from '../host-target.ts';
import type { Bytes, Slot } from '../loop/index.ts';
import { newRoom } from './memory.ts';

/** What a call gives for its number, which is not an error. */
export interface Result<R> {
  /** How it is called in docs/posix.md. */
  readonly kind: string;
  /** The register that gets the address of memory for the result. */
  readonly register?: number;
  /** Gives the slot that memory. */
  readonly prepare?: (slot: Slot) => void;
  /** undefined: the number itself. */
  readonly finish?: (slot: Slot, result: number) => R;
}

export const number: Result<number> = { kind: 'number' };

/** All 64 bits. */
export const bigint: Result<bigint> = { kind: 'bigint', finish: (slot) => slot.wide };

/** A view of a struct in fresh memory that nothing else uses, whose address is in `register`. */
export function record<R>(type: Type, name: string, register: number): Result<R> {
  const { size } = layout(type, hostTarget);
  return {
    kind: name,
    register,
    prepare: (slot) => {
      const into = newRoom(size);
      slot.into = into.bytes;
      slot.intoAt = into.at;
      slot.setNumber(register, into.address);
    },
    finish: (slot) => view(type, hostTarget, (slot.into as Bytes).buffer, slot.intoAt) as R,
  };
}

/** What the call's only buffer holds, up to the result. */
export function contents<R>(
  kind: string,
  make: (bytes: Uint8Array, count: number) => R,
): Result<R> {
  return {
    kind,
    finish: (slot, result) => {
      const pin = slot.pin as Bytes;
      const bytes = byteLengthOf(pin);
      if (result > 0 && bytes === 0) throw goneWith(kind);
      return make(new Uint8Array(bufferOf(pin), byteOffsetOf(pin), bytes), result);
    },
  };
}

function goneWith(kind: string): TypeError {
  return new TypeError(
    `${kind} cannot be shown: their buffer was transferred while the call was in flight. What ` +
      'the kernel stored is in the memory, wherever that is now',
  );
}

/** The u64 that a read of eight bytes stores. */
export function counter(register: number): Result<bigint> {
  return {
    kind: 'bigint',
    register,
    prepare: (slot) => {
      const start = slot.room(8) as number;
      slot.intoAt = start;
      slot.setNumber(register, slot.addressAt(start));
      slot.setInt(register + 1, 8);
    },
    finish: (slot) => BigInt.asUintN(64, slot.memory.longs[slot.intoAt >> 3] as bigint),
  };
}
