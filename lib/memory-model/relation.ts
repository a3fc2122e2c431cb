/** A relation on events, which are numbers: a row of bits each. */
export class Relation {
  readonly size: number;
  readonly #words: number;
  readonly #bits: Int32Array;

  constructor(size: number, bits?: Int32Array) {
    this.size = size;
    this.#words = (size + 31) >> 5;
    this.#bits = bits ?? new Int32Array(size * this.#words);
  }

  copy(): Relation {
    return new Relation(this.size, this.#bits.slice());
  }

  has(a: number, b: number): boolean {
    return (((this.#bits[a * this.#words + (b >> 5)] as number) >>> (b & 31)) & 1) === 1;
  }

  add(a: number, b: number): void {
    const at = a * this.#words + (b >> 5);
    this.#bits[at] = (this.#bits[at] as number) | (1 << (b & 31));
  }

  /** Adds a pair to a relation that is transitive, and all that follows. */
  addTransitive(a: number, b: number): void {
    if (this.has(a, b)) return;
    for (let from = 0; from < this.size; from++) {
      if (from === a || this.has(from, a)) this.#addRow(from, b);
    }
  }

  /** Row `from` gets `to` and all that comes after it. */
  #addRow(from: number, to: number): void {
    for (let word = 0; word < this.#words; word++) {
      const at = from * this.#words + word;
      this.#bits[at] = (this.#bits[at] as number) | (this.#bits[to * this.#words + word] as number);
    }
    this.add(from, to);
  }

  /** Whether nothing comes before itself: of a transitive relation, whether it is a strict order. */
  isIrreflexive(): boolean {
    for (let event = 0; event < this.size; event++) if (this.has(event, event)) return false;
    return true;
  }
}
