import { native } from '../native.ts';

/**
 * Ends reads of pipes that were not handed over: the thread that they block is the only one that
 * would write. Nothing is lost by it but the sample, and it is counted.
 */
export class Rescue {
  readonly #words = new Int32Array(new SharedArrayBuffer(8)).fill(-1);

  constructor() {
    const error = native().startRescue(this.#words);
    if (error !== 0) throw new Error(`no thread for the rescue of stuck calls (errno ${-error})`);
  }

  /** A call is about to be made that a byte in `fd` would end. */
  before(fd: number): void {
    const words = this.#words;
    words[1] = ((words[1] as number) + 1) | 0;
    words[0] = fd;
  }

  /** It came back. */
  after(): void {
    this.#words[0] = -1;
  }

  /** How many were ended. */
  stop(): number {
    return native().stopRescue();
  }
}
