import { closeSync, writeSync } from 'node:fs';
import { type Kernel, NR, type SysletCall } from '../kernel/index.ts';
import { makeGarbage } from './garbage.ts';

const IN_FLIGHT = 16;
const MESSAGE_BYTES = 8;
const NO_FLAGS = 0;
const GIVE_UP_MS = 10_000;

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
  readonly fds: Int32Array;
  /** The message that it must read. */
  message: number;
}

/**
 * One user context under load: reads that block, each on a pipe of its own, in a window; numbered
 * messages end them, the oldest first. Each must complete once, with its own message.
 */
export class SoakContext {
  readonly #kernel: Kernel;
  readonly #onThread: (tid: number) => void;
  readonly #readers: readonly Reader[];
  readonly #idle: Reader[];
  readonly #blocked: Reader[] = [];
  /** How often each message was completed. */
  readonly #times: Uint8Array;
  readonly #bytes = new BigUint64Array(1);
  #started = 0;
  #pending = 0;
  #handOffs = 0;
  #wrong = 0;

  constructor(kernel: Kernel, messages: number, onThread: (tid: number) => void) {
    this.#kernel = kernel;
    this.#onThread = onThread;
    this.#times = new Uint8Array(messages);
    this.#readers = Array.from({ length: 2 * IN_FLIGHT }, (_, index) => newReader(kernel, index));
    this.#idle = [...this.#readers];
  }

  run(): SoakTally {
    while (this.#started < this.#times.length) {
      this.#block(this.#takeIdle());
      if (this.#blocked.length > IN_FLIGHT) this.#send(this.#blocked.shift() as Reader);
      this.#kernel.ring.reap(this.#completed);
    }
    for (const reader of this.#blocked) this.#send(reader);
    while (this.#pending > 0 && this.#wait()) this.#kernel.ring.reap(this.#completed);
    this.#end();
    return this.#tally();
  }

  #block(reader: Reader): void {
    reader.message = this.#started++;
    const result = reader.call.run();
    if (!reader.call.pending) this.#take(reader, result);
    else {
      this.#pending++;
      this.#blocked.push(reader);
      if (++this.#handOffs % 64 === 0) this.#onThread(this.#kernel.gettid());
    }
  }

  #takeIdle(): Reader {
    while (this.#idle.length === 0 && this.#wait()) this.#kernel.ring.reap(this.#completed);
    const reader = this.#idle.pop();
    if (reader) return reader;
    throw new Error(`${this.#pending} calls do not complete within ${GIVE_UP_MS} ms`);
  }

  #wait(): boolean {
    return this.#kernel.ring.wait({ timeoutMs: GIVE_UP_MS });
  }

  #send(reader: Reader): void {
    this.#bytes[0] = BigInt(reader.message);
    writeSync(reader.fds[1] as number, new Uint8Array(this.#bytes.buffer));
    if (reader.message % 100 === 0) makeGarbage();
  }

  readonly #completed = (status: number, index: number): void => {
    const reader = this.#readers[index];
    this.#pending--;
    if (reader) this.#take(reader, status);
    else this.#wrong++;
  };

  #take(reader: Reader, status: number): void {
    const { message, buffer } = reader;
    if (status !== MESSAGE_BYTES || Number(buffer[0]) !== message) this.#wrong++;
    this.#times[message] = Math.min(255, (this.#times[message] ?? 0) + 1);
    this.#idle.push(reader);
  }

  #end(): void {
    for (const { call, fds } of this.#readers) {
      call.release();
      for (const fd of fds) closeSync(fd);
    }
  }

  #tally(): SoakTally {
    return {
      handOffs: this.#handOffs,
      synchronous: this.#times.length - this.#handOffs,
      lost: this.#times.filter((count) => count === 0).length,
      doubled: this.#times.filter((count) => count > 1).length,
      wrong: this.#wrong,
    };
  }
}

function newReader(kernel: Kernel, index: number): Reader {
  const fds = new Int32Array(2);
  const buffer = new BigUint64Array(1);
  kernel.complete(NR.pipe2, fds, NO_FLAGS);
  const call = kernel.newCall(NR.read).setArgs(fds[0] as number, buffer, MESSAGE_BYTES);
  call.setCallerData(index);
  return { call, buffer, fds, message: 0 };
}
