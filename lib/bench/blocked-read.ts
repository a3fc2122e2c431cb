import { closeSync, writeSync } from 'node:fs';
import { type Kernel, NR, type SysletCall } from '../kernel/index.ts';
import { Rescue } from './rescue.ts';

const BYTE = new Uint8Array(1);
const BUFFER_BYTES = 16;

/** A pipe and a call that reads one byte from it: it blocks, since nobody has written. */
export class BlockedRead {
  readonly call: SysletCall;
  readonly #rescue: Rescue;
  readonly #fds = new Int32Array(2);
  readonly #writeEnd: number;
  readonly #buffer = new Uint8Array(new SharedArrayBuffer(BUFFER_BYTES));

  constructor(kernel: Kernel, rescue: Rescue) {
    kernel.complete(NR.pipe2, this.#fds, 0);
    const [readEnd, writeEnd] = [...this.#fds] as [number, number];
    this.#rescue = rescue;
    this.#writeEnd = writeEnd;
    this.call = kernel.newCall(NR.read).setArgs(readEnd, this.#buffer, 1);
  }

  /** Runs the call: true if it was handed over. */
  block(): boolean {
    this.#rescue.before(this.#writeEnd);
    this.call.run();
    this.#rescue.after();
    return this.call.pending;
  }

  /** Lets `count` blocked reads end. */
  write(count = 1): void {
    writeSync(this.#writeEnd, count === 1 ? BYTE : new Uint8Array(count));
  }

  close(): void {
    for (const fd of this.#fds) closeSync(fd);
  }
}

/** Looks at the ring all the time until a completion is there. */
export function spin({ ring }: Kernel): void {
  while (ring.unread === 0);
}

/** A kernel with one such read, for a measurement; and the calls that had to be rescued. */
export function withRead<T>(
  kernel: Kernel,
  measure: (read: BlockedRead) => T,
): { readonly result: T; readonly rescued: number } {
  const rescue = new Rescue();
  const read = new BlockedRead(kernel, rescue);
  try {
    const result = measure(read);
    return { result, rescued: rescue.stop() };
  } finally {
    read.close();
  }
}
