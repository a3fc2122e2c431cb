import { closeSync, writeSync } from 'node:fs';
import { type Kernel, NR, type SysletCall } from '../../lib/kernel/index.ts';

/** A pipe of this process; tests close it. */
export class Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;

  constructor(kernel: Kernel) {
    const fds = new Int32Array(2);
    kernel.complete(NR.pipe2, fds, 0);
    this.readEnd = fds[0] as number;
    this.writeEnd = fds[1] as number;
  }

  /** A call that reads from it into `buffer`. */
  reader(kernel: Kernel, buffer: Uint8Array): SysletCall {
    return kernel.newCall(NR.read).setArgs(this.readEnd, buffer, buffer.length);
  }

  write(text: string): void {
    writeSync(this.writeEnd, text);
  }

  close(): void {
    closeSync(this.readEnd);
    closeSync(this.writeEnd);
  }
}

/** Waits for `count` completions: [status, caller data] in the order of the ring. */
export function completions(kernel: Kernel, count: number): [number, number][] {
  const found: [number, number][] = [];
  while (found.length < count) {
    if (!kernel.ring.wait({ timeoutMs: 10_000 })) {
      throw new Error(`${found.length} of ${count} completions came within 10 s`);
    }
    kernel.ring.reap((status, callerData) => found.push([status, callerData]));
  }
  return found;
}
