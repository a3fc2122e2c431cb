/** Part of the trace beyond its ends that may be seen. */
const MARGIN = 0.02;
const LEAST_NS = 200;

/** Which part of the trace is seen, and where on the screen. */
export class View {
  readonly #least: number;
  readonly #most: number;
  from: number;
  to: number;
  /** Pixels: where lanes begin to the right of their names, and end. */
  left = 200;
  right = 1000;

  constructor(from: number, to: number) {
    const length = Math.max(to - from, LEAST_NS);
    this.#least = from - length * MARGIN;
    this.#most = from + length * (1 + MARGIN);
    this.from = this.#least;
    this.to = this.#most;
  }

  get length(): number {
    return this.to - this.from;
  }

  /** Nanoseconds that one pixel shows. */
  get perPixel(): number {
    return this.length / Math.max(1, this.right - this.left);
  }

  x(time: number): number {
    return this.left + (time - this.from) / this.perPixel;
  }

  time(x: number): number {
    return this.from + (x - this.left) * this.perPixel;
  }

  fit(): void {
    this.show(this.#least, this.#most);
  }

  /** Shows from..to, moved and cut so that it lies in the trace. */
  show(from: number, to: number): void {
    const whole = this.#most - this.#least;
    const length = Math.min(whole, Math.max(LEAST_NS, to - from));
    const middle = (from + to) / 2;
    this.from = Math.min(Math.max(middle - length / 2, this.#least), this.#most - length);
    this.to = this.from + length;
  }

  /** Makes the view `factor` times as long; `at` stays where it is. */
  zoom(factor: number, at: number = (this.from + this.to) / 2): void {
    const length = Math.max(LEAST_NS, this.length * factor);
    const part = (at - this.from) / this.length;
    this.show(at - length * part, at + length * (1 - part));
  }

  /** Moves by a part of the view. */
  pan(part: number): void {
    const by = this.length * part;
    this.show(this.from + by, this.to + by);
  }

  /** Shows a span in the middle, with space around, unless it is seen as a whole already. */
  reveal(from: number, to: number): void {
    if (from >= this.from && to <= this.to) return;
    const length = Math.max(this.length, (to - from) * 1.5);
    const middle = (from + to) / 2;
    this.show(middle - length / 2, middle + length / 2);
  }
}
