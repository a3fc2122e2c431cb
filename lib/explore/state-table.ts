const FIRST_SLOTS = 1 << 12;
const FIRST_WORDS = 1 << 16;

/** States as runs of numbers, each kept once and known by its number. */
export class StateTable {
  /** All states, one behind the other. */
  words = new Int32Array(FIRST_WORDS);
  count = 0;
  /** Whether the last `intern` found a state that it did not know. */
  isNew = false;
  #starts = new Float64Array(FIRST_SLOTS);
  #hashes = new Int32Array(FIRST_SLOTS);
  #slots = new Int32Array(FIRST_SLOTS * 2).fill(-1);
  #end = 0;

  /** The number of the state in the first `length` words of `state`. */
  intern(state: Int32Array, length: number): number {
    const hash = hashOf(state, length);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (; ; slot = (slot + 1) & mask) {
      const found = this.#slots[slot] as number;
      if (found < 0) break;
      if (this.#hashes[found] !== hash || !this.#isEqual(found, state, length)) continue;
      this.isNew = false;
      return found;
    }
    this.isNew = true;
    return this.#add(slot, hash, state, length);
  }

  start(state: number): number {
    return this.#starts[state] as number;
  }

  #isEqual(state: number, words: Int32Array, length: number): boolean {
    const start = this.#starts[state] as number;
    const end = state + 1 < this.count ? (this.#starts[state + 1] as number) : this.#end;
    if (end - start !== length) return false;
    for (let at = 0; at < length; at++) if (this.words[start + at] !== words[at]) return false;
    return true;
  }

  #add(slot: number, hash: number, state: Int32Array, length: number): number {
    const added = this.count++;
    if (this.#end + length > this.words.length) this.words = doubled(this.words);
    for (let at = 0; at < length; at++) this.words[this.#end + at] = state[at] as number;
    if (added === this.#starts.length) this.#enlarge();
    this.#starts[added] = this.#end;
    this.#hashes[added] = hash;
    this.#end += length;
    this.#slots[slot] = added;
    if (this.count * 2 > this.#slots.length) this.#rehash();
    return added;
  }

  #enlarge(): void {
    const starts = new Float64Array(this.#starts.length * 2);
    starts.set(this.#starts);
    this.#starts = starts;
    this.#hashes = doubled(this.#hashes);
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = this.#slots.length - 1;
    for (let state = 0; state < this.count; state++) {
      let slot = (this.#hashes[state] as number) & mask;
      while ((this.#slots[slot] as number) >= 0) slot = (slot + 1) & mask;
      this.#slots[slot] = state;
    }
  }
}

function hashOf(words: Int32Array, length: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = 0; at < length; at++) {
    hash = Math.imul(hash ^ (words[at] as number), 0x01000193);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
