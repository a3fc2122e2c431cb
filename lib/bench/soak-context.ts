import { closeSync, writeSync } from 'node:fs';
import { type Kernel, NR, type SysletCall } from '../kernel/index.ts';

const IN_FLIGHT = 16;
const MESSAGE_BYTES = 8;
const NO_FLAGS = 0;

export interface SoakTally {
  readonly handOffs: number;
  readonly synchronous: number;
  readonly lost: number;
  readonly doubled: number;
  readonly wrong: number;
}

interface Reader {
  readonly call: SysletCall;
  readonly buffer: BigUint64Array;
}

/**
 * One user context under load: reads that block, in a window, on one pipe; numbered messages end
 * them. Each message must be read once, by a call that completes once.
 */
export class SoakContext {
  readonly #kernel: Kernel;
  readonly #onThread: (tid: number) => void;
  readonly #fds = new Int32Array(2);
  readonly #readers: readonly Reader[];
  readonly #idle: number[] = [];
  readonly #times: Uint8Array;
  readonly #message = new BigUint64Array(1);
  #sent = 0;
  #received = 0;
  #pending = 0;
  #handOffs = 0;
  #synchronous = 0;
  #wrong = 0;

  constructor(kernel: Kernel, messages: number, onThread: (tid: number) => void) {
    this.#kernel = kernel;
    this.#onThread = onThread;
    this.#times = new Uint8Array(messages);
    kernel.complete(NR.pipe2, this.#fds, NO_FLAGS);
    this.#readers = Array.from({ length: IN_FLIGHT }, (_, index) => this.#newReader(index));
  }

  #newReader(index: number): Reader {
    const buffer = new BigUint64Array(1);
    const call = this.#kernel.newCall(NR.read);
    call.setArgs(this.#fds[0] as number, buffer, MESSAGE_BYTES).setCallerData(index);
    this.#idle.push(index);
    return { call, buffer };
  }

  run(): SoakTally {
    const messages = this.#times.length;
    while (this.#received < messages) {
      this.#fill();
      if (this.#sent < messages) this.#send();
      this.#reap(this.#sent === messages);
    }
    this.#end();
    return this.#tally();
  }

  /** Blocks reads as long as messages will come for them; JavaScript moves with each. */
  #fill(): void {
    const room = Math.min(IN_FLIGHT, this.#times.length - this.#received);
    while (this.#pending < room) {
      const index = this.#idle.pop();
      if (index === undefined) return;
      this.#read(index);
    }
  }

  #read(index: number): void {
    const { call } = this.#readers[index] as Reader;
    const result = call.run();
    if (call.pending) {
      this.#pending++;
      this.#handOffs++;
      if (this.#handOffs % 64 === 0) this.#onThread(this.#kernel.gettid());
    } else {
      this.#synchronous++;
      this.#take(index, result);
    }
  }

  #send(): void {
    this.#message[0] = BigInt(this.#sent++);
    writeSync(this.#fds[1] as number, new Uint8Array(this.#message.buffer));
    if (this.#sent % 100 === 0) makeGarbage();
  }

  #reap(wait: boolean): void {
    if (wait && this.#pending > 0 && !this.#kernel.ring.wait({ timeoutMs: 10_000 })) {
      throw new Error(`${this.#pending} calls are pending and do not complete: lost`);
    }
    this.#kernel.ring.reap((status, index) => {
      this.#pending--;
      this.#take(index, status);
    });
  }

  #take(index: number, status: number): void {
    const { buffer } = this.#readers[index] as Reader;
    const number = Number(buffer[0]);
    this.#received++;
    if (status !== MESSAGE_BYTES || number >= this.#sent) this.#wrong++;
    else this.#times[number] = Math.min(255, (this.#times[number] ?? 0) + 1);
    this.#idle.push(index);
  }

  #end(): void {
    for (const fd of this.#fds) closeSync(fd);
    for (const { call } of this.#readers) call.release();
  }

  #tally(): SoakTally {
    return {
      handOffs: this.#handOffs,
      synchronous: this.#synchronous,
      lost: this.#times.filter((count) => count === 0).length,
      doubled: this.#times.filter((count) => count > 1).length,
      wrong: this.#wrong,
    };
  }
}

let garbage: unknown[] = [];

function makeGarbage(): void {
  garbage = Array.from({ length: 500 }, (_, i) => ({ i, text: `garbage ${i}` }));
  if (garbage.length === 0) throw new Error('unreachable');
}
