import { closeSync, writeSync } from 'node:fs';
import { type Kernel, NR, type SysletCall } from '../kernel/index.ts';
import { native } from '../native.ts';

const RESCUE_NS = 500e6;
const BYTE = new Uint8Array(1);

/**
 * A pipe and a call that reads one byte from it: it blocks, since nobody has written. Should it
 * not be handed over, a thread that writes now and then lets it go on; that is counted.
 */
export class BlockedRead {
  readonly call: SysletCall;
  /** Reads that came back with a byte instead of being handed over. */
  rescued = 0;
  readonly #kernel: Kernel;
  readonly #fds = new Int32Array(2);
  readonly #buffer = new Uint8Array(new SharedArrayBuffer(16));

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    const pipe = kernel.newCall(NR.pipe2).setArgs(this.#fds, 0);
    pipe.runOrThrow();
    pipe.release();
    this.call = kernel.newCall(NR.read).setArgs(this.#fds[0] as number, this.#buffer, 1);
    native().startTicker(this.#fds[1] as number, RESCUE_NS);
  }

  /** Runs the call: true if it was handed over. */
  block(): boolean {
    this.call.run();
    if (this.call.pending) return true;
    this.rescued++;
    return false;
  }

  /** Lets `count` blocked reads end. */
  write(count = 1): void {
    writeSync(this.#fds[1] as number, count === 1 ? BYTE : new Uint8Array(count));
  }

  /** Looks at the ring all the time until a completion is there. */
  spin(): void {
    const { ring } = this.#kernel;
    while (ring.unread === 0);
  }

  /** Lets one read end, and takes its completion. */
  finish(): void {
    this.write();
    this.spin();
    this.#kernel.ring.reap(nothing);
  }

  close(): void {
    native().stopTicker();
    for (const fd of this.#fds) closeSync(fd);
  }
}

function nothing(): void {}
