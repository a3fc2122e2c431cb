/** Shorter strides cost too much at barriers, longer ones are stopped too late. */
const SHORT_NS = 2e6;
const LONG_NS = 10e6;
/** A first stride is of code that is not compiled yet. */
const MOST_GROWTH = 8;
/** The least of so many strides: a thread that waited for a processor has taken longer. */
const MEMORY = 4;

/** How many states the next stride has, by what a sample has cost each of the threads. */
export class StrideSize {
  readonly #most: number;
  readonly #costs: (readonly number[])[] = [];
  #active: number;

  constructor(first: number, most: number) {
    this.#most = most;
    this.#active = Math.min(first, most);
  }

  get active(): number {
    return this.#active;
  }

  /** `costs`: nanoseconds that a sample of the last stride took each thread; 0 where not known. */
  learn(costs: readonly number[]): void {
    this.#costs.push(costs);
    if (this.#costs.length > MEMORY) this.#costs.shift();
    this.#active = this.#next(this.#slowest() * this.#active);
  }

  #slowest(): number {
    let slowest = 0;
    for (const thread of this.#costs[0]?.keys() ?? []) {
      const least = Math.min(...this.#costs.map((costs) => costs[thread] ?? 0));
      slowest = Math.max(slowest, least);
    }
    return slowest;
  }

  /** `strideNs`: what a stride as long as the last one takes. */
  #next(strideNs: number): number {
    if (strideNs > LONG_NS) return Math.max(this.#active >> 1, 1);
    let times = 1;
    for (let ns = strideNs; ns < SHORT_NS && times < MOST_GROWTH; ns *= 2) times *= 2;
    return Math.min(this.#active * times, this.#most);
  }
}
