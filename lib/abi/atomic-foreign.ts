import type { Access } from './access.ts';
import { type AtomicField, fitsField, NativeField, ops, type Spot } from './atomic-native.ts';
import { byteSwapped } from './byte-swap.ts';
import { AbiError } from './error.ts';
import { badValue } from './value-check.ts';

/** In the other byte order: what a whole swapped value can do, and no arithmetic. */
export class ForeignField extends NativeField {
  readonly #swap: (raw: never) => never;

  constructor(spot: Spot) {
    super(spot, 'unsigned');
    this.#swap = byteSwapped(spot.access.size, spot.access.form === 'signed') as never;
  }
  #raw(value: unknown): unknown {
    const swapped = this.#swap(this.fit(value) as never) as number | bigint;
    return typeof swapped === 'bigint' ? BigInt.asUintN(64, swapped) : swapped;
  }
  override load(): unknown {
    return this.#swap(super.load() as never);
  }
  override store(value: unknown): unknown {
    ops.store(this.array, this.index, this.#raw(value));
    return value;
  }
  override exchange(value: unknown): unknown {
    return this.#swap(ops.exchange(this.array, this.index, this.#raw(value)));
  }
  override compareExchange(expected: unknown, value: unknown): unknown {
    const old = ops.compareExchange(this.array, this.index, this.#raw(expected), this.#raw(value));
    return this.#swap(old);
  }
  override add = () => this.#refuse('add');
  override sub = () => this.#refuse('sub');
  override and = () => this.#refuse('and');
  override or = () => this.#refuse('or');
  override xor = () => this.#refuse('xor');
  override wait = () => this.#refuse('wait');
  override waitAsync = () => this.#refuse('waitAsync');
  override notify = () => this.#refuse('notify');
  #refuse(what: string): never {
    const order = this.access.little ? 'little' : 'big';
    throw new AbiError(
      `${this.access.path} is ${order}-endian and this machine is not, so its instruction for ${what} would count the wrong way: use load, store, exchange or compareExchange`,
    );
  }
}

/** `long`, `size_t` and pointers are bigints also where the target gives them 4 bytes. */
export class NarrowBigField implements AtomicField<unknown> {
  readonly #field: AtomicField<unknown>;
  readonly #access: Access;

  constructor(field: AtomicField<unknown>, access: Access) {
    this.#field = field;
    this.#access = access;
  }
  #narrow(value: unknown): number {
    if (typeof value !== 'bigint') throw badValue(this.#access, value);
    const narrow = Number(value);
    if (!fitsField(this.#access, narrow)) throw badValue(this.#access, value);
    return narrow;
  }
  #do(what: 'store' | 'add' | 'sub' | 'and' | 'or' | 'xor' | 'exchange', value: unknown): bigint {
    return BigInt(this.#field[what](this.#narrow(value)) as number);
  }
  load = () => BigInt(this.#field.load() as number);
  store = (value: unknown) => this.#do('store', value);
  add = (value: unknown) => this.#do('add', value);
  sub = (value: unknown) => this.#do('sub', value);
  and = (value: unknown) => this.#do('and', value);
  or = (value: unknown) => this.#do('or', value);
  xor = (value: unknown) => this.#do('xor', value);
  exchange = (value: unknown) => this.#do('exchange', value);
  compareExchange = (expected: unknown, value: unknown) => {
    const old = this.#field.compareExchange(this.#narrow(expected), this.#narrow(value));
    return BigInt(old as number);
  };
  wait = (expected: unknown, timeoutMs?: number) =>
    this.#field.wait(this.#narrow(expected), timeoutMs);
  waitAsync = (expected: unknown, timeoutMs?: number) =>
    this.#field.waitAsync(this.#narrow(expected), timeoutMs);
  notify = (count?: number) => this.#field.notify(count);
}
