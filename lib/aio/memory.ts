import { expected } from '../check.ts';
import { addressOf, isDetached, lengthOf } from '../loop/index.ts';
import { upperHalf } from '../ring/index.ts';
import { BUF, NBYTES } from './words.ts';

/** The memory of a request, whose address aio_buf holds. */
export class RequestMemory {
  readonly view: ArrayBufferView;
  readonly #low: number;
  readonly #high: number;

  /** Throws TypeError unless `view` is memory that stays where it is. */
  constructor(view: ArrayBufferView) {
    const address = addressOf(view, 'aio_buf');
    this.view = view;
    this.#low = address | 0;
    this.#high = upperHalf(address);
  }

  /** Stores the address. */
  store(words: Int32Array): void {
    words[BUF] = this.#low;
    words[BUF + 1] = this.#high;
  }

  /** Does aio_buf still say this memory? A program may store an address of its own there. */
  isIn(words: Int32Array): boolean {
    return words[BUF] === this.#low && words[BUF + 1] === this.#high;
  }

  /** It was transferred to somebody else, while the request waited for others. */
  get lost(): boolean {
    return isDetached(this.view);
  }

  /** Throws unless the memory has as many bytes as aio_nbytes says, now. */
  check(words: Int32Array): void {
    const low = words[NBYTES] as number;
    const high = words[NBYTES + 1] as number;
    const bytes = lengthOf(this.view, 'aio_buf');
    if (high === 0 && low >= 0 && low <= bytes) return;
    const nbytes = (high >>> 0) * 2 ** 32 + (low >>> 0);
    if (nbytes <= bytes || !this.isIn(words)) return;
    throw new RangeError(expected('aio_nbytes', nbytes, `at most ${bytes}, the bytes of aio_buf`));
  }
}
