import { closeSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EINTR } from '../errors.ts';
import { type Kernel, NR, type SysletCall } from '../kernel/index.ts';

const MOST = 32;

/**
 * Reads of a pipe into which nobody writes: each keeps an OS thread, until it is interrupted or let
 * go. Their caller data are 1 and up, and who reaps the kernel's ring tells which have ended.
 */
export class SilentReads {
  readonly #kernel: Kernel;
  readonly #ends = new Int32Array(2);
  readonly #bytes = new Uint8Array(new SharedArrayBuffer(8));
  readonly #calls: SysletCall[] = [];
  /** Status of those that have ended, by caller data. */
  readonly #status: (number | undefined)[] = [];
  #waiting = 0;
  /** How many have ended by an interrupt. */
  interrupted = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    kernel.complete(NR.pipe2, this.#ends, 0);
  }

  /** One more read that blocks; its caller data. */
  block(): number {
    if (this.#calls.length === MOST) throw new Error(`${MOST} reads are blocked, one more is not`);
    const data = this.#calls.length + 1;
    const [readEnd = -1] = this.#ends;
    const call = this.#kernel.newCall(NR.read).setArgs(readEnd, this.#bytes, 1);
    this.#calls.push(call.setCallerData(data));
    const result = call.run();
    if (!call.pending) throw new Error(`a read of a silent pipe gave ${result}`);
    this.#waiting++;
    return data;
  }

  ended(status: number, data: number): void {
    this.#status[data] = status;
    this.#waiting--;
    if (status === EINTR) this.interrupted++;
    else if (status !== 1) throw new Error(`a read of a silent pipe ended with ${status}`);
  }

  /** Interrupts one again and again until it has ended; false if it does not within `limitMs`. */
  async interrupt(data: number, limitMs: number): Promise<boolean> {
    const end = performance.now() + limitMs;
    while (this.#status[data] === undefined && performance.now() < end) {
      this.#kernel.interrupt(data);
      await sleep(1);
    }
    this.#calls[data - 1]?.release();
    this.#calls.length = data - 1;
    const hasEnded = this.#status[data] !== undefined;
    this.#status.length = data;
    return hasEnded;
  }

  /** So many end. */
  letGo(count: number = this.#waiting): void {
    writeSync(this.#ends[1] as number, new Uint8Array(count));
  }

  close(): void {
    for (const fd of this.#ends) closeSync(fd);
  }
}
