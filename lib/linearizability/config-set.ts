const FIRST_CAPACITY = 1 << 10;

/** Pairs of numbers that a search has seen. Cleared in no time: each search has a number. */
export class ConfigSet {
  #capacity = FIRST_CAPACITY;
  #masks = new Int32Array(FIRST_CAPACITY);
  #states = new Int32Array(FIRST_CAPACITY);
  #rounds = new Int32Array(FIRST_CAPACITY);
  #round = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#round++;
    this.#size = 0;
  }

  /** Whether the pair is new. */
  add(mask: number, state: number): boolean {
    if (this.#size * 2 >= this.#capacity) this.#grow();
    const at = this.#find(mask, state);
    if (this.#rounds[at] === this.#round) return false;
    this.#rounds[at] = this.#round;
    this.#masks[at] = mask;
    this.#states[at] = state;
    this.#size++;
    return true;
  }

  /** Where the pair is, or a free place for it. */
  #find(mask: number, state: number): number {
    const last = this.#capacity - 1;
    let at = ((Math.imul(mask, 0x9e3779b1) ^ Math.imul(state, 0x85ebca6b)) >>> 7) & last;
    while (
      this.#rounds[at] === this.#round &&
      (this.#masks[at] !== mask || this.#states[at] !== state)
    ) {
      at = (at + 1) & last;
    }
    return at;
  }

  #grow(): void {
    const [masks, states, rounds, round] = [this.#masks, this.#states, this.#rounds, this.#round];
    this.#capacity *= 2;
    this.#masks = new Int32Array(this.#capacity);
    this.#states = new Int32Array(this.#capacity);
    this.#rounds = new Int32Array(this.#capacity);
    this.#round = 1;
    this.#size = 0;
    for (let at = 0; at < rounds.length; at++) {
      if (rounds[at] === round) this.add(masks[at] as number, states[at] as number);
    }
  }
}
