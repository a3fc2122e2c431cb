/** Ids of threads that carry or have carried a context, shared with who sends them signals. */
export class ThreadList {
  readonly tids: Int32Array;
  readonly #known = new Set<number>();

  constructor(tids: Int32Array) {
    this.tids = tids;
  }

  add(tid: number): void {
    if (this.#known.has(tid)) return;
    this.#known.add(tid);
    for (let i = 0; i < this.tids.length; i++) {
      if (Atomics.compareExchange(this.tids, i, 0, tid) === 0) return;
    }
  }
}
