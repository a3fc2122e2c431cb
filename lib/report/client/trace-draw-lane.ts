import type { CallRow } from '../trace-page-types.ts';
import { lengthText } from './time-text.ts';
import { firstWhere, type Lane } from './trace-model.ts';
import { BAR, cut, middleOf, type Pen, type Scene } from './trace-scene.ts';

/** Narrower calls have no name in them. */
const LEAST_LABEL = 34;

/** The context on its carrier: a band, and in it the line that goes on across the lanes. */
export function drawCarries(pen: Pen, scene: Scene, { index, carries }: Lane): void {
  const { view, colors, model } = scene;
  const middle = middleOf(scene, index) ?? 0;
  const start = firstWhere(carries, ([, , , to]) => to >= view.from);
  let drawn = Number.NEGATIVE_INFINITY;
  for (let i = start; i < carries.length; i++) {
    const [, context, from, to] = carries[i] as (typeof carries)[number];
    if (from > view.to) break;
    const [left, right] = [view.x(from), view.x(to)];
    if (right < drawn + 0.5) continue;
    drawn = Math.max(right, left + 1);
    pen.fillStyle = colors.context(model.contextOrder.get(context) ?? 0);
    pen.globalAlpha = 0.25;
    pen.fillRect(left, middle - 6, drawn - left, 12);
    pen.globalAlpha = 1;
    pen.fillRect(left, middle - 1.5, drawn - left, 3);
  }
}

/** System calls: those that would hide behind their neighbours are left out. */
export function drawCalls(pen: Pen, scene: Scene, { index, calls }: Lane): void {
  const { view, model } = scene;
  const middle = middleOf(scene, index) ?? 0;
  const start = firstWhere(calls, (call) => model.call(call)[2] >= view.from);
  let drawn = Number.NEGATIVE_INFINITY;
  for (let i = start; i < calls.length; i++) {
    const id = calls[i] as number;
    const call = model.call(id);
    if (call[1] > view.to) break;
    if (view.x(call[2]) < drawn + 0.5) continue;
    drawn = Math.max(view.x(call[2]), view.x(call[1]) + 1);
    pen.globalAlpha = scene.found && !scene.found.has(id) ? 0.2 : 1;
    drawCall(pen, scene, call, middle);
    pen.globalAlpha = 1;
  }
}

function drawCall(pen: Pen, scene: Scene, call: CallRow, middle: number): void {
  const { view, colors, model } = scene;
  const [, from, to, name, end, dispatched, , handedOff] = call;
  const left = Math.max(view.x(from), view.left - 4);
  const right = Math.max(Math.min(view.x(to), view.right + 4), left + 1);
  const pending = handedOff < 0 ? right : Math.min(right - 1, Math.max(left, view.x(handedOff)));
  pen.fillStyle = dispatched ? colors.dispatched : colors.inline;
  pen.fillRect(left, middle - BAR / 2, pending - left, BAR);
  pen.fillStyle = colors.pending;
  pen.fillRect(pending, middle - BAR / 2, right - pending, BAR);
  if (end === 'completed' && right - left > 6 && right <= view.right) {
    dot(pen, colors['pending-line'], right, middle);
  }
  const text = `${model.data.names[name]} ${lengthText(to - from)}`;
  const start = right - pending > LEAST_LABEL ? pending : left;
  label(pen, handedOff < 0 ? colors.surface : ON_PENDING, text, [start, right], middle);
}

/** Reads on the colour of pending calls, light or dark. */
const ON_PENDING = '#1a1200';

function label(
  pen: Pen,
  color: string,
  text: string,
  [left, right]: readonly [number, number],
  middle: number,
): void {
  if (right - left < LEAST_LABEL) return;
  pen.fillStyle = color;
  pen.fillText(cut(pen, text, right - left - 12), left + 5, middle + 0.5);
}

function dot(pen: Pen, color: string, x: number, y: number): void {
  pen.fillStyle = color;
  pen.beginPath();
  pen.arc(x, y, 3.5, 0, 2 * Math.PI);
  pen.fill();
}

/** Marks that are nearer to each other than so many pixels would only hide the calls. */
const MARK_SPACE = 16;

export function drawMarks(pen: Pen, scene: Scene, { index, marks }: Lane): void {
  const { view } = scene;
  const middle = middleOf(scene, index) ?? 0;
  const start = firstWhere(marks, ([, at]) => at >= view.from);
  const end = firstWhere(marks, ([, at]) => at > view.to);
  if ((end - start) * MARK_SPACE > view.right - view.left) return;
  for (const [, at, kind] of marks.slice(start, end))
    drawMark(pen, scene, kind, view.x(at), middle);
}

function drawMark(pen: Pen, { colors }: Scene, kind: string, x: number, middle: number): void {
  const isWake = kind === 'wake';
  const [y, size] = isWake ? [middle + 13, 3.5] : [middle, 4.5];
  pen.fillStyle = isWake ? colors.text : colors['pending-line'];
  pen.beginPath();
  pen.moveTo(x, y - size);
  pen.lineTo(x + size, y + (isWake ? size : 0));
  if (!isWake) pen.lineTo(x, y + size);
  pen.lineTo(x - size, y + (isWake ? size : 0));
  pen.fill();
}
