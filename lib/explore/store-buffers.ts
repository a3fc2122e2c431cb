import type { DecisionTrees } from './decision-trees.ts';

const FIRST = 16;

/**
 * A store buffer for each actor, first in, first out, as in x86-TSO: plain stores go in, the actor's
 * own loads see them, the others do not until they have left it. What waits are the last plain stores
 * on the actor's way through its tree. So how many they are is all that a state has to keep.
 */
export class StoreBuffers {
  readonly #trees: DecisionTrees;
  /** Nodes of the stores that wait, the oldest first. */
  readonly #stores: Int32Array[];
  readonly #counts: Int32Array;

  constructor(trees: DecisionTrees, actors: number) {
    this.#trees = trees;
    this.#stores = Array.from({ length: actors }, () => new Int32Array(FIRST));
    this.#counts = new Int32Array(actors);
  }

  clear(): void {
    this.#counts.fill(0);
  }

  isEmpty(actor: number): boolean {
    return this.#counts[actor] === 0;
  }

  push(actor: number, node: number): void {
    const count = this.#counts[actor] as number;
    this.#room(actor, count + 1)[count] = node;
    this.#counts[actor] = count + 1;
  }

  /** Takes out the oldest: its node. */
  shift(actor: number): number {
    const stores = this.#stores[actor] as Int32Array;
    const count = this.#counts[actor] as number;
    const node = stores[0] as number;
    stores.copyWithin(0, 1, count);
    this.#counts[actor] = count - 1;
    return node;
  }

  /** Puts the actor's own newer bytes over the ones that were read from memory. */
  forward(actor: number, address: number, size: number, read: { lo: number; hi: number }): void {
    const trees = this.#trees;
    const stores = this.#stores[actor] as Int32Array;
    const count = this.#counts[actor] as number;
    for (let index = 0; index < count; index++) {
      const store = stores[index] as number;
      const from = (trees.address[store] as number) - address;
      const length = trees.size[store] as number;
      for (let at = 0; at < length; at++) {
        const to = from + at;
        if (to < 0 || to >= size) continue;
        const word = (at < 4 ? trees.lo[store] : trees.hi[store]) as number;
        const byte = (word >>> ((at & 3) * 8)) & 0xff;
        if (to < 4) read.lo = (read.lo & ~(0xff << (to * 8))) | (byte << (to * 8));
        else read.hi = (read.hi & ~(0xff << ((to - 4) * 8))) | (byte << ((to - 4) * 8));
      }
    }
  }

  save(into: Int32Array, from: number): number {
    into.set(this.#counts, from);
    return from + this.#counts.length;
  }

  /** `nodes`: where each actor is in its tree. */
  load(saved: Int32Array, from: number, nodes: Int32Array): void {
    for (let actor = 0; actor < this.#counts.length; actor++) {
      const count = saved[from + actor] as number;
      this.#counts[actor] = count;
      if (count !== 0) this.#fill(actor, count, nodes[actor] as number);
    }
  }

  #fill(actor: number, count: number, node: number): void {
    const stores = this.#room(actor, count);
    let at = node;
    for (let index = count - 1; index >= 0; index--) {
      at = this.#trees.storeBefore(at);
      stores[index] = at;
    }
  }

  #room(actor: number, count: number): Int32Array {
    const stores = this.#stores[actor] as Int32Array;
    if (count <= stores.length) return stores;
    const larger = new Int32Array(stores.length * 2);
    larger.set(stores);
    this.#stores[actor] = larger;
    return this.#room(actor, count);
  }

  /** Numbers that a state has of them. */
  get limit(): number {
    return this.#counts.length;
  }
}
