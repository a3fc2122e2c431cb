import { byId } from './elements.ts';
import { type Colors, readColors } from './trace-colors.ts';
import { drawLanes } from './trace-draw.ts';
import { hit } from './trace-hit.ts';
import type { Choice, Lane, Model } from './trace-model.ts';
import { Overview } from './trace-overview.ts';
import { AXIS, LANE, type Scene } from './trace-scene.ts';
import { choiceText } from './trace-text.ts';
import { View } from './trace-view.ts';

const NOTHING = 'Nothing is selected: click a call or an arrow, or press n.';

/** The state of the page: what is seen, what is selected, what is searched for. */
export class Timeline {
  readonly model: Model;
  readonly view: View;
  readonly overview: Overview;
  readonly root = byId('timeline');
  readonly canvas = byId<HTMLCanvasElement>('lanes');
  readonly strip = byId<HTMLCanvasElement>('overview');
  readonly scroll = byId('scroll');
  #colors: Colors = readColors();
  #shown: readonly Lane[];
  #placeOf: ReadonlyMap<number, number>;
  #choice: Choice | undefined;
  #found: ReadonlySet<number> | undefined;
  #frame = 0;

  constructor(model: Model) {
    this.model = model;
    this.view = new View(model.data.from, model.data.to);
    this.overview = new Overview(model, this.strip);
    this.#shown = model.shown(false);
    this.#placeOf = places(this.#shown);
    this.scroll.addEventListener('scroll', () => this.draw());
  }

  get choice(): Choice | undefined {
    return this.#choice;
  }

  change(by: (view: View) => void): void {
    by(this.view);
    this.draw();
  }

  recolor(): void {
    this.#colors = readColors();
    this.draw();
  }

  showIdle(withIdle: boolean): void {
    this.#shown = this.model.shown(withIdle);
    this.#placeOf = places(this.#shown);
    this.draw();
  }

  /** Marks the calls with `text` in their name; says how many, undefined when nothing is searched. */
  find(text: string): number | undefined {
    const { names, calls } = this.model.data;
    const wanted = new Set([...names.keys()].filter((i) => names[i]?.includes(text)));
    const found = new Set([...calls.keys()].filter((i) => wanted.has(calls[i]?.[3] ?? -1)));
    this.#found = text === '' ? undefined : found;
    this.draw();
    return this.#found?.size;
  }

  /** Selects and shows; undefined selects nothing. */
  select(choice: Choice | undefined): void {
    this.#choice = choice;
    byId('selection').textContent = choice ? choiceText(this.model, choice) : NOTHING;
    if (choice) this.#reveal(choice);
    this.draw();
  }

  /** The next or previous hand-off, from the selected one on, else from the middle of the view. */
  stepMove(by: 1 | -1): void {
    const { moves } = this.model.data;
    const at = this.#choice?.kind === 'move' ? this.#choice.index : undefined;
    const next =
      at === undefined
        ? nearest(
            moves.map((move) => move[3]),
            this.#start(),
            by,
          )
        : at + by;
    if (moves[next]) this.select({ kind: 'move', index: next });
  }

  stepCall(by: 1 | -1): void {
    const { calls } = this.model.data;
    const isWanted = (index: number) => this.#found?.has(index) ?? true;
    const at = this.#choice?.kind === 'call' ? this.#choice.index : undefined;
    let next =
      at === undefined
        ? nearest(
            calls.map((call) => call[1]),
            this.#start(),
            by,
          )
        : at + by;
    while (calls[next] && !isWanted(next)) next += by;
    if (calls[next]) this.select({ kind: 'call', index: next });
  }

  zoomToChoice(): void {
    if (!this.#choice) return;
    const [from, to] = this.model.spanOf(this.#choice);
    const around = Math.max(to - from, 500);
    this.change((view) => view.show(from - around, to + around));
  }

  at(x: number, y: number): Choice | undefined {
    return hit(this.#scene(), x, y);
  }

  /** Draws before the screen is shown next, however often it is asked for until then. */
  draw(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#drawNow());
  }

  #start(): number {
    if (this.#choice) return this.model.spanOf(this.#choice)[0];
    return this.view.from;
  }

  #reveal(choice: Choice): void {
    const [from, to] = this.model.spanOf(choice);
    this.view.reveal(from, Math.min(to, from + this.view.length * 0.8));
    const place = this.#placeOf.get(this.model.laneOf(choice));
    if (place === undefined) return;
    const [top, bottom] = [place * LANE, (place + 1) * LANE + AXIS];
    const { scrollTop, clientHeight } = this.scroll;
    if (top < scrollTop) this.scroll.scrollTop = top;
    if (bottom > scrollTop + clientHeight) this.scroll.scrollTop = bottom - clientHeight;
  }

  #scene(): Scene {
    return {
      model: this.model,
      view: this.view,
      colors: this.#colors,
      shown: this.#shown,
      placeOf: this.#placeOf,
      top: this.scroll.scrollTop,
      height: this.scroll.clientHeight,
      choice: this.#choice,
      found: this.#found,
    };
  }

  #drawNow(): void {
    this.#frame = 0;
    const width = this.scroll.clientWidth;
    const height = this.scroll.clientHeight;
    byId('space').style.height = `${AXIS + this.#shown.length * LANE}px`;
    this.view.left = Math.min(210, width / 3);
    this.view.right = width;
    drawLanes(sized(this.canvas, width, height), this.#scene());
    const strip = sized(this.strip, this.root.clientWidth, this.strip.clientHeight);
    this.overview.draw(strip, this.view, this.#colors);
    // for tests and for whoever looks over the shoulder of the page
    this.root.dataset.from = String(Math.round(this.view.from));
    this.root.dataset.to = String(Math.round(this.view.to));
  }
}

function places(shown: readonly Lane[]): ReadonlyMap<number, number> {
  return new Map(shown.map(({ index }, place) => [index, place] as const));
}

/** The first at or after a moment, or the last before it. */
function nearest(times: readonly number[], moment: number, by: 1 | -1): number {
  const after = times.findIndex((time) => time >= moment);
  if (by === 1) return after;
  return after < 0 ? times.length - 1 : after - 1;
}

/** A pen whose unit is a pixel of the page, whatever the screen has. */
function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = devicePixelRatio;
  const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('this browser has no canvas');
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}
