import { momentText, tickStep } from './time-text.ts';
import { drawCalls, drawCarries, drawMarks } from './trace-draw-lane.ts';
import { drawChoice, drawMoves, movesInView } from './trace-draw-moves.ts';
import type { Lane } from './trace-model.ts';
import { AXIS, cut, LANE, middleOf, type Pen, type Scene } from './trace-scene.ts';

/** More arrows than that would cover what they lie upon. */
const MOST_ARROWS = 400;

/** The whole picture below the overview: axis, names, lanes and the ways across them. */
export function drawLanes(pen: Pen, scene: Scene): void {
  const { view, shown, height } = scene;
  pen.clearRect(0, 0, view.right + 20, height);
  pen.font = '12px system-ui, "DejaVu Sans", sans-serif';
  pen.textBaseline = 'middle';
  const first = Math.max(0, Math.floor(scene.top / LANE));
  const visible = shown.slice(first, first + Math.ceil(height / LANE) + 1);
  for (const lane of visible) drawGround(pen, scene, lane);
  pen.save();
  pen.beginPath();
  pen.rect(view.left, AXIS, view.right - view.left, height);
  pen.clip();
  drawGrid(pen, scene);
  for (const lane of visible) drawCarries(pen, scene, lane);
  // so many that they cover everything lie below the calls, and are pale
  const isDense = movesInView(scene).length > MOST_ARROWS;
  if (isDense) drawMoves(pen, scene, false);
  for (const lane of visible) drawCalls(pen, scene, lane);
  if (!isDense) drawMoves(pen, scene, true);
  for (const lane of visible) drawMarks(pen, scene, lane);
  drawChoice(pen, scene);
  pen.restore();
  for (const lane of visible) drawName(pen, scene, lane);
  drawAxis(pen, scene);
}

function drawGround(pen: Pen, scene: Scene, { index }: Lane): void {
  const middle = middleOf(scene, index) ?? 0;
  const isOdd = (scene.placeOf.get(index) ?? 0) % 2 === 1;
  pen.fillStyle = isOdd ? scene.colors.stripe : scene.colors.surface;
  pen.fillRect(0, middle - LANE / 2, scene.view.right + 20, LANE);
}

function ticks({ view }: Scene): { readonly step: number; readonly times: number[] } {
  const step = tickStep(view.perPixel * 110);
  const times: number[] = [];
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) times.push(at);
  return { step, times };
}

function drawGrid(pen: Pen, scene: Scene): void {
  pen.strokeStyle = scene.colors.line;
  pen.lineWidth = 1;
  pen.globalAlpha = 0.6;
  pen.beginPath();
  for (const at of ticks(scene).times) {
    const x = Math.round(scene.view.x(at)) + 0.5;
    pen.moveTo(x, AXIS);
    pen.lineTo(x, scene.height);
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

function drawAxis(pen: Pen, scene: Scene): void {
  const { view, colors } = scene;
  pen.fillStyle = colors.surface;
  pen.fillRect(0, 0, view.right + 20, AXIS);
  pen.fillStyle = colors.muted;
  const { step, times } = ticks(scene);
  pen.textAlign = 'center';
  for (const at of times) {
    const x = view.x(at);
    if (x > view.left + 20) pen.fillText(momentText(at, step), x, AXIS / 2);
  }
  pen.textAlign = 'left';
  pen.fillText('OS thread', 14, AXIS / 2);
  pen.fillRect(0, AXIS - 1, view.right + 20, 1);
}

function drawName(pen: Pen, scene: Scene, { index }: Lane): void {
  const { model, view, colors } = scene;
  const middle = middleOf(scene, index) ?? 0;
  const lane = model.data.lanes[index];
  if (!lane) return;
  const order = model.contextOrder.get(lane.context) ?? 0;
  const isOdd = (scene.placeOf.get(index) ?? 0) % 2 === 1;
  pen.fillStyle = isOdd ? colors.stripe : colors.surface;
  pen.fillRect(0, middle - LANE / 2, view.left, LANE);
  pen.fillStyle = colors.context(order);
  pen.fillRect(0, middle - LANE / 2 + 1, 5, LANE - 2);
  pen.fillStyle = colors.text;
  pen.fillText(cut(pen, lane.name, view.left - 24), 14, middle - 7);
  pen.fillStyle = colors.muted;
  const about = `thread ${lane.tid} · task ${lane.task}`;
  pen.fillText(cut(pen, about, view.left - 24), 14, middle + 9);
  pen.fillStyle = colors.line;
  pen.fillRect(view.left - 1, middle - LANE / 2, 1, LANE);
}
