import type { MoveRow } from '../trace-page-types.ts';
import { firstWhere } from './trace-model.ts';
import { BAR, middleOf, type Pen, type Scene } from './trace-scene.ts';

export function movesInView({ model, view }: Scene): readonly MoveRow[] {
  const { moves } = model.data;
  const start = firstWhere(moves, (move) => move[4] >= view.from);
  const end = firstWhere(moves, (move) => move[3] > view.to);
  return moves.slice(start, end);
}

/** Arrows from the thread that a context left to the one that carries it on. */
export function drawMoves(pen: Pen, scene: Scene, withHeads: boolean): void {
  const { view, colors, model } = scene;
  const drawn = new Set<string>();
  pen.lineWidth = withHeads ? 2 : 1;
  pen.globalAlpha = withHeads ? 1 : 0.3;
  for (const [context, from, to, left, arrived] of movesInView(scene)) {
    const [top, bottom] = [middleOf(scene, from), middleOf(scene, to)];
    if (top === undefined || bottom === undefined) continue;
    const [x0, x1] = [view.x(left), view.x(arrived)];
    const key = `${Math.round(x0)} ${from} ${to}`;
    if (drawn.has(key)) continue;
    drawn.add(key);
    const color = colors.context(model.contextOrder.get(context) ?? 0);
    pen.strokeStyle = color;
    curve(pen, x0, top, x1, bottom);
    pen.stroke();
    if (withHeads) head(pen, color, x1, bottom, Math.sign(bottom - top));
  }
  pen.globalAlpha = 1;
}

/** Leaves and arrives upright, so that many next to each other can be told apart. */
function curve(pen: Pen, x0: number, y0: number, x1: number, y1: number): void {
  const bend = (y1 - y0) * 0.45;
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.bezierCurveTo(x0, y0 + bend, x1, y1 - bend, x1, y1);
}

function head(pen: Pen, color: string, x: number, y: number, direction: number): void {
  pen.fillStyle = color;
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x - 4, y - 8 * direction);
  pen.lineTo(x + 4, y - 8 * direction);
  pen.fill();
}

/** A frame round the call, or a thick line over the arrow, that is selected. */
export function drawChoice(pen: Pen, scene: Scene): void {
  const { choice, model, view, colors } = scene;
  if (!choice) return;
  pen.strokeStyle = colors.focus;
  pen.lineWidth = 3;
  if (choice.kind === 'call') {
    const [lane, from, to] = model.call(choice.index);
    const middle = middleOf(scene, lane);
    if (middle === undefined) return;
    const [left, right] = [view.x(from), Math.max(view.x(to), view.x(from) + 2)];
    pen.strokeRect(left - 2, middle - BAR / 2 - 2, right - left + 4, BAR + 4);
    return;
  }
  const [, from = 0, to = 0, left = 0, arrived = 0] = model.data.moves[choice.index] ?? [];
  const [top, bottom] = [middleOf(scene, from), middleOf(scene, to)];
  if (top === undefined || bottom === undefined) return;
  pen.lineWidth = 5;
  curve(pen, view.x(left), top, view.x(arrived), bottom);
  pen.stroke();
}
