import type { DecisionTrees } from './decision-trees.ts';
import { ExploreError } from './error.ts';

const WIDTH = 4;
const MOST = 256;

/**
 * A store buffer for each actor, first in, first out, as in x86-TSO: plain stores go in, the actor's
 * own loads see them, the others do not until they have left it.
 */
export class StoreBuffers {
  readonly #entries: readonly Int32Array[];
  readonly #counts: Int32Array;
  /** What `shift` took. */
  readonly entry = { address: 0, size: 0, lo: 0, hi: 0 };

  constructor(actors: number) {
    this.#entries = Array.from({ length: actors }, () => new Int32Array(WIDTH * MOST));
    this.#counts = new Int32Array(actors);
  }

  clear(): void {
    this.#counts.fill(0);
  }

  isEmpty(actor: number): boolean {
    return this.#counts[actor] === 0;
  }

  push(actor: number, trees: DecisionTrees, node: number): void {
    const count = this.#counts[actor] as number;
    if (count === MOST) throw new ExploreError(`more than ${MOST} stores in one store buffer`);
    const entries = this.#entries[actor] as Int32Array;
    entries[count * WIDTH] = trees.address[node] as number;
    entries[count * WIDTH + 1] = trees.size[node] as number;
    entries[count * WIDTH + 2] = trees.lo[node] as number;
    entries[count * WIDTH + 3] = trees.hi[node] as number;
    this.#counts[actor] = count + 1;
  }

  shift(actor: number): void {
    const entries = this.#entries[actor] as Int32Array;
    const count = (this.#counts[actor] as number) - 1;
    this.entry.address = entries[0] as number;
    this.entry.size = entries[1] as number;
    this.entry.lo = entries[2] as number;
    this.entry.hi = entries[3] as number;
    entries.copyWithin(0, WIDTH, (count + 1) * WIDTH);
    this.#counts[actor] = count;
  }

  /** Puts the actor's own newer bytes over the ones that were read from memory. */
  forward(actor: number, address: number, size: number, read: { lo: number; hi: number }): void {
    const entries = this.#entries[actor] as Int32Array;
    const count = this.#counts[actor] as number;
    for (let index = 0; index < count * WIDTH; index += WIDTH) {
      const from = (entries[index] as number) - address;
      const length = entries[index + 1] as number;
      for (let at = 0; at < length; at++) {
        const to = from + at;
        if (to < 0 || to >= size) continue;
        const word = entries[index + (at < 4 ? 2 : 3)] as number;
        const byte = (word >>> ((at & 3) * 8)) & 0xff;
        if (to < 4) read.lo = (read.lo & ~(0xff << (to * 8))) | (byte << (to * 8));
        else read.hi = (read.hi & ~(0xff << ((to - 4) * 8))) | (byte << ((to - 4) * 8));
      }
    }
  }

  save(into: Int32Array, from: number): number {
    let at = from;
    for (let actor = 0; actor < this.#counts.length; actor++) {
      const count = this.#counts[actor] as number;
      into[at++] = count;
      const entries = this.#entries[actor] as Int32Array;
      for (let index = 0; index < count * WIDTH; index++) into[at++] = entries[index] as number;
    }
    return at;
  }

  load(saved: Int32Array, from: number): void {
    let at = from;
    for (let actor = 0; actor < this.#counts.length; actor++) {
      const count = saved[at++] as number;
      this.#counts[actor] = count;
      const entries = this.#entries[actor] as Int32Array;
      for (let index = 0; index < count * WIDTH; index++) entries[index] = saved[at++] as number;
    }
  }

  get limit(): number {
    return this.#counts.length * (1 + WIDTH * MOST);
  }
}
