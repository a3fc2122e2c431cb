import type { Colors } from './trace-colors.ts';
import type { Model } from './trace-model.ts';
import type { View } from './trace-view.ts';

/** How many hand-offs there were, over the whole trace, and which part of it is seen. */
export class Overview {
  readonly #model: Model;
  readonly #canvas: HTMLCanvasElement;
  #columns: number[] = [];

  constructor(model: Model, canvas: HTMLCanvasElement) {
    this.#model = model;
    this.#canvas = canvas;
  }

  draw(pen: CanvasRenderingContext2D, view: View, colors: Colors): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (this.#columns.length !== width) this.#columns = this.#count(width);
    pen.clearRect(0, 0, width, height);
    const most = this.#columns.reduce((a, b) => Math.max(a, b), 1);
    pen.fillStyle = colors.context(0);
    for (const [x, count] of this.#columns.entries()) {
      const tall = count === 0 ? 0 : Math.max(2, (count / most) * (height - 6));
      pen.fillRect(x, height - tall, 1, tall);
    }
    const [left, right] = [this.#x(view.from), this.#x(view.to)];
    pen.fillStyle = colors.focus;
    pen.globalAlpha = 0.16;
    pen.fillRect(left, 0, Math.max(3, right - left), height);
    pen.globalAlpha = 1;
    pen.fillRect(left, 0, 2, height);
    pen.fillRect(Math.max(left + 2, right - 2), 0, 2, height);
  }

  /** The moment that a place of the picture means. */
  time(x: number): number {
    const { from, to } = this.#model.data;
    return from + (x / Math.max(1, this.#canvas.clientWidth)) * (to - from);
  }

  #x(time: number): number {
    const { from, to } = this.#model.data;
    return ((time - from) / Math.max(1, to - from)) * this.#canvas.clientWidth;
  }

  #count(width: number): number[] {
    const columns = Array.from({ length: width }, () => 0);
    for (const move of this.#model.data.moves) {
      const x = Math.min(width - 1, Math.floor(this.#x(move[3])));
      columns[x] = (columns[x] ?? 0) + 1;
    }
    return columns;
  }
}
