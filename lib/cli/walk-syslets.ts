import type { Kernel, SysletCall } from '../kernel/index.ts';
import { NR } from '../kernel/index.ts';
import { modeOf, STAT_BYTES, sizeOf } from './stat.ts';
import { join, namesIn, type OnEntry } from './walk.ts';
import { countEntry, countFailure, noTotals, type Totals } from './walk-totals.ts';

/** A call with memory of its own: as long as it is pending, nothing of it may be used again. */
interface Request {
  readonly call: SysletCall;
  readonly path: Uint8Array;
  readonly stat: Int32Array;
  name: Buffer;
}

const PATH_MAX = 4096;
const REQUESTS = 32;

/** Walks a tree; every lstat goes through sys_indirect, and those that block go on beside it. */
export class SysletWalk {
  readonly totals: Totals = noTotals();
  /** Calls that were handed over. */
  blocked = 0;
  readonly #kernel: Kernel;
  readonly #onEntry: OnEntry;
  readonly #all: readonly Request[];
  readonly #free: Request[];
  readonly #left: Buffer[] = [];

  constructor(kernel: Kernel, onEntry: OnEntry) {
    this.#kernel = kernel;
    this.#onEntry = onEntry;
    this.#all = Array.from({ length: REQUESTS }, (_, index) => newRequest(kernel, index));
    this.#free = [...this.#all];
  }

  run(root: Buffer): Totals {
    this.#left.push(root);
    while (this.#left.length > 0 || this.#free.length < REQUESTS) {
      const path = this.#free.length > 0 ? this.#left.pop() : undefined;
      if (path !== undefined) this.#submit(path);
      else this.#kernel.ring.wait();
      this.#reap();
    }
    for (const { call } of this.#all) call.release();
    return this.totals;
  }

  #submit(path: Buffer): void {
    this.#onEntry(this.totals.entries);
    if (path.length >= PATH_MAX) {
      countFailure(this.totals);
      return;
    }
    const request = this.#free.pop() as Request;
    request.name = path;
    request.path.set(path);
    request.path[path.length] = 0;
    const result = request.call.run();
    if (request.call.pending) this.blocked++;
    else this.#finish(request, result);
  }

  #reap(): void {
    if (this.#kernel.ring.unread === 0) return;
    this.#kernel.ring.reap((status, index) => this.#finish(this.#all[index] as Request, status));
  }

  #finish(request: Request, result: number): void {
    const { name, stat } = request;
    this.#free.push(request);
    if (result < 0) countFailure(this.totals);
    else if (countEntry(this.totals, modeOf(stat), sizeOf(stat))) this.#descend(name);
  }

  #descend(directory: Buffer): void {
    for (const name of namesIn(directory)) this.#left.push(join(directory, name));
  }
}

function newRequest(kernel: Kernel, index: number): Request {
  const path = new Uint8Array(PATH_MAX);
  const stat = new Int32Array(new SharedArrayBuffer(STAT_BYTES));
  const call = kernel.newCall(NR.lstat).setArgs(path, stat).setCallerData(index);
  return { call, path, stat, name: Buffer.alloc(0) };
}
