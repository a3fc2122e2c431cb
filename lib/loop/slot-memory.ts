import { heldMemory } from '../kernel/index.ts';

/** Two paths of PATH_MAX, and a kilobyte for small structs. */
export const SLOT_BYTES = 2 * 4096 + 1024;
/** Its first page is written to by the allocator: so much is resident for each chunk. */
const SLOTS_OF_CHUNK = 512;

/** Memory of some slots: nothing of it is resident before it is written to. */
export class MemoryChunk {
  readonly bytes: Buffer;
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly longs: BigInt64Array<SharedArrayBuffer>;
  readonly address: number;
  #taken = 0;

  constructor() {
    const shared = new SharedArrayBuffer(SLOTS_OF_CHUNK * SLOT_BYTES);
    this.bytes = Buffer.from(shared);
    this.words = new Int32Array(shared);
    this.longs = new BigInt64Array(shared);
    this.address = Number(heldMemory().addressOf(this.words));
  }

  get full(): boolean {
    return this.#taken === SLOTS_OF_CHUNK;
  }

  /** Offset of the next slot's part. */
  next(): number {
    return this.#taken++ * SLOT_BYTES;
  }
}
