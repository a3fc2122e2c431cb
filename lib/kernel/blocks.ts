import { CALL_BYTES } from './call-layout.ts';

/** All submission blocks of a context, and whose they are. */
export class Blocks<Owner> {
  /** As the kernel side reads them. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly words: Int32Array<SharedArrayBuffer>;
  /** As many as there may be. */
  readonly count: number;
  /** By block, up to the last one that was ever taken. */
  readonly #owners: (Owner | undefined)[] = [];
  /** No block below it is free. */
  #firstFree = 0;

  constructor(count: number) {
    const memory = new SharedArrayBuffer(count * CALL_BYTES);
    this.bytes = new Uint8Array(memory);
    this.words = new Int32Array(memory);
    this.count = count;
  }

  /** `make` gives the owner of a block that was free; it is none's if that throws. */
  take<O extends Owner>(make: (id: number) => O): O {
    const free = this.#owners.indexOf(undefined, this.#firstFree);
    const id = free < 0 ? this.#owners.length : free;
    if (id === this.count) {
      throw new RangeError(
        `all ${this.count} slots are taken: release() calls, or attach with more slots`,
      );
    }
    const owner = make(id);
    this.#owners[id] = owner;
    this.#firstFree = id + 1;
    return owner;
  }

  release(id: number): void {
    this.#owners[id] = undefined;
    this.#firstFree = Math.min(this.#firstFree, id);
  }

  /** undefined: it is free. */
  ownerOf(id: number): Owner | undefined {
    return this.#owners[id];
  }

  owners(): readonly (Owner | undefined)[] {
    return this.#owners;
  }
}
