import { setTimeout as sleep } from 'node:timers/promises';
import { type Kernel, NR, type SysletCall } from '../kernel/index.ts';
import type { SilentReads } from './silent-reads.ts';

/** The other end writes a byte each so many ms: a read that is not handed over holds so long. */
export const INPUT = 3;

/** Reads that block, one after the other. */
export class Reading {
  readonly #kernel: Kernel;
  readonly #silent: SilentReads;
  readonly #call: SysletCall;
  readonly #bytes = new Uint8Array(new SharedArrayBuffer(8));
  #goesOn = true;
  reads = 0;
  handedOver = 0;
  wrong = 0;

  /** It reaps for `silent` too. */
  constructor(kernel: Kernel, silent: SilentReads) {
    this.#kernel = kernel;
    this.#silent = silent;
    this.#call = kernel.newCall(NR.read).setArgs(INPUT, this.#bytes, 1);
  }

  async run(): Promise<void> {
    while (this.#goesOn) {
      const result = this.#call.run();
      if (this.#call.pending) await this.#completed();
      else this.#over(result);
      await sleep(0);
    }
  }

  async #completed(): Promise<void> {
    this.handedOver++;
    let own: number | undefined;
    while (own === undefined) {
      this.#kernel.ring.reap((status, data) => {
        if (data === 0) own = status;
        else this.#silent.ended(status, data);
      });
      await sleep(1);
    }
    this.#over(own);
  }

  #over(status: number): void {
    this.reads++;
    if (status !== 1) this.wrong++;
  }

  stop(): void {
    this.#goesOn = false;
  }
}
