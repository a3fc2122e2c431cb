import type { Access } from './access.ts';
import { isShared } from './buffer.ts';
import { AbiError } from './error.ts';
import type { Memory } from './memory.ts';
import { badValue } from './value-check.ts';

/** Sequentially consistent access to one field; results are the old values, as with `Atomics`. */
export interface AtomicField<V> {
  load(): V;
  store(value: V): V;
  add(value: V): V;
  sub(value: V): V;
  and(value: V): V;
  or(value: V): V;
  xor(value: V): V;
  exchange(value: V): V;
  compareExchange(expected: V, value: V): V;
  /** Fields of 4 and 8 bytes in shared memory only. */
  wait(expected: V, timeoutMs?: number): 'ok' | 'not-equal' | 'timed-out';
  /** As wait(), with a promise; needs a host that has Atomics.waitAsync. */
  waitAsync(expected: V, timeoutMs?: number): WaitAsync;
  notify(count?: number): number;
}

/** What Atomics.waitAsync gives. */
export type WaitAsync =
  | { readonly async: false; readonly value: 'not-equal' | 'timed-out' }
  | { readonly async: true; readonly value: Promise<'ok' | 'timed-out'> };

type WaitAsyncFunction = (
  array: Int32Array | BigInt64Array,
  index: number,
  value: unknown,
  timeoutMs?: number,
) => WaitAsync;

type Integers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array;

/** `Atomics` over all element types at once: number or bigint is decided by the field. */
export const ops = Atomics as unknown as {
  [K in 'store' | 'add' | 'sub' | 'and' | 'or' | 'xor' | 'exchange']: (
    array: Integers,
    index: number,
    value: unknown,
  ) => never;
} & {
  load(array: Integers, index: number): never;
  compareExchange(array: Integers, index: number, expected: unknown, value: unknown): never;
};

/** A field that atomic instructions reach. */
export interface Spot {
  readonly access: Access;
  readonly memory: Memory;
  readonly at: number;
  readonly gone: () => never;
}

function arrayFor(spot: Spot, form: 'signed' | 'unsigned'): Integers {
  const bits = (spot.access.size * 8) as 8 | 16 | 32 | 64;
  return spot.memory[`${form === 'signed' ? 'i' : 'u'}${bits}`];
}

/** In the byte order of this machine. */
export class NativeField implements AtomicField<unknown> {
  protected readonly array: Integers;
  protected readonly index: number;
  protected readonly access: Access;
  readonly #gone: () => never;
  #waited: Int32Array | BigInt64Array | undefined;

  constructor(spot: Spot, form = spot.access.form as 'signed' | 'unsigned') {
    this.array = arrayFor(spot, form);
    this.index = spot.at / spot.access.size;
    this.access = spot.access;
    this.#gone = spot.gone;
  }
  /** The value, if it fits the field and the field is still there. */
  protected fit(value: unknown): unknown {
    if (this.index >= this.array.length) this.#gone();
    if (!fitsField(this.access, value)) throw badValue(this.access, value);
    return value;
  }
  load(): unknown {
    if (this.index >= this.array.length) this.#gone();
    return ops.load(this.array, this.index);
  }
  store(value: unknown): unknown {
    return ops.store(this.array, this.index, this.fit(value));
  }
  add(value: unknown): unknown {
    return ops.add(this.array, this.index, this.fit(value));
  }
  sub(value: unknown): unknown {
    return ops.sub(this.array, this.index, this.fit(value));
  }
  and(value: unknown): unknown {
    return ops.and(this.array, this.index, this.fit(value));
  }
  or(value: unknown): unknown {
    return ops.or(this.array, this.index, this.fit(value));
  }
  xor(value: unknown): unknown {
    return ops.xor(this.array, this.index, this.fit(value));
  }
  exchange(value: unknown): unknown {
    return ops.exchange(this.array, this.index, this.fit(value));
  }
  compareExchange(expected: unknown, value: unknown): unknown {
    return ops.compareExchange(this.array, this.index, this.fit(expected), this.fit(value));
  }
  wait(expected: unknown, timeoutMs?: number): 'ok' | 'not-equal' | 'timed-out' {
    const raw = this.fit(expected);
    const array = this.#waitable();
    if (array.BYTES_PER_ELEMENT === 4) {
      return Atomics.wait(array as Int32Array, this.index, (raw as number) | 0, timeoutMs);
    }
    const big = BigInt.asIntN(64, raw as bigint);
    return Atomics.wait(array as BigInt64Array, this.index, big, timeoutMs);
  }
  waitAsync(expected: unknown, timeoutMs?: number): WaitAsync {
    const raw = this.fit(expected);
    const array = this.#waitable();
    const { waitAsync } = Atomics as { waitAsync?: WaitAsyncFunction };
    if (!waitAsync) throw new AbiError(`${this.access.path}: this host has no Atomics.waitAsync`);
    const isWord = array.BYTES_PER_ELEMENT === 4;
    const value = isWord ? (raw as number) | 0 : BigInt.asIntN(64, raw as bigint);
    return waitAsync(array, this.index, value, timeoutMs);
  }
  notify(count?: number): number {
    const array = this.#waitable();
    return Atomics.notify(array as Int32Array, this.index, count);
  }
  #waitable(): Int32Array | BigInt64Array {
    this.#waited ??= waitArray(this.array, this.access);
    return this.#waited;
  }
}

/** The signed array over the same bytes, the only kind that `Atomics.wait` takes. */
function waitArray(array: Integers, access: Access): Int32Array | BigInt64Array {
  const { path, size } = access;
  if (size < 4) throw new AbiError(`${path}: wait and notify need 4 or 8 bytes, it has ${size}`);
  const buffer: ArrayBufferLike = array.buffer;
  if (!isShared(buffer)) {
    throw new AbiError(`${path}: wait and notify need a SharedArrayBuffer`);
  }
  if (size === 4) return new Int32Array(buffer, array.byteOffset, array.length);
  return new BigInt64Array(buffer, array.byteOffset, array.length);
}

/** Whether an atomic store of the value would keep all of it. */
export function fitsField(access: Access, value: unknown): boolean {
  const bits = access.size * 8;
  if (typeof value === 'bigint' && access.size === 8) {
    return (
      (access.form === 'signed' ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) === value
    );
  }
  if (typeof value !== 'number' || access.size === 8 || !Number.isInteger(value)) return false;
  const half = 2 ** (bits - 1);
  return access.form === 'signed' ? value >= -half && value < half : value >= 0 && value < half * 2;
}
