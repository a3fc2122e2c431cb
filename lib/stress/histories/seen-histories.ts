import type { History } from '../../linearizability/history.ts';

const FIRST_CAPACITY = 1 << 12;
/** More different histories of one program than these are checked each time. */
const MOST = 1 << 16;

/** Histories of one program that were checked already, and what was found: each is checked once. */
export class SeenHistories {
  readonly #words: number;
  #capacity = FIRST_CAPACITY;
  #places = new Int32Array(FIRST_CAPACITY).fill(-1);
  #keys: Int32Array;
  #counts = 0;
  readonly #verdicts = new Uint8Array(MOST);
  readonly #key: Int32Array;

  constructor(calls: number) {
    this.#words = 2 * calls;
    this.#key = new Int32Array(this.#words);
    this.#keys = new Int32Array(this.#words * FIRST_CAPACITY);
  }

  get size(): number {
    return this.#counts;
  }

  /** What `check` said of the history when it was first seen. */
  verdict(history: History, check: () => number): number {
    const { begin, end, result } = history;
    const key = this.#key;
    for (let call = 0; call < begin.length; call++) {
      key[2 * call] = ((begin[call] as number) << 8) | (end[call] as number);
      key[2 * call + 1] = result[call] as number;
    }
    if (this.#counts * 2 >= this.#capacity) this.#grow();
    const at = this.#find(key, 0);
    const place = this.#places[at] as number;
    if (place >= 0) return this.#verdicts[place] as number;
    const found = check();
    if (this.#counts >= MOST) return found;
    this.#places[at] = this.#counts;
    this.#keys.set(key, this.#counts * this.#words);
    this.#verdicts[this.#counts++] = found;
    return found;
  }

  /** Where `from` of `keys` is in the table, or a free place. Compares all words. */
  #find(keys: Int32Array, from: number): number {
    const [words, last] = [this.#words, this.#capacity - 1];
    let hash = 0;
    for (let i = 0; i < words; i++)
      hash = Math.imul(hash ^ (keys[from + i] as number), 0x9e3779b1) ^ (hash >>> 15);
    for (let at = (hash ^ (hash >>> 13)) & last; ; at = (at + 1) & last) {
      const place = this.#places[at] as number;
      if (place < 0 || this.#isEqual(keys, from, place * words)) return at;
    }
  }

  #isEqual(keys: Int32Array, from: number, to: number): boolean {
    for (let i = 0; i < this.#words; i++) {
      if (keys[from + i] !== this.#keys[to + i]) return false;
    }
    return true;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#places = new Int32Array(this.#capacity).fill(-1);
    const keys = new Int32Array(this.#words * this.#capacity);
    keys.set(this.#keys.subarray(0, this.#words * this.#counts));
    this.#keys = keys;
    for (let place = 0; place < this.#counts; place++) {
      this.#places[this.#find(keys, place * this.#words)] = place;
    }
  }
}
