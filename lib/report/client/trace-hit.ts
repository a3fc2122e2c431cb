import { type Choice, firstWhere } from './trace-model.ts';
import { AXIS, LANE, middleOf, type Scene } from './trace-scene.ts';

/** How far from a call or an arrow the mouse may be. */
const NEAR = 5;

/** What lies at a place of the picture: the nearest arrow, else the call. */
export function hit(scene: Scene, x: number, y: number): Choice | undefined {
  const { view, shown, top } = scene;
  if (x < view.left || x > view.right || y < AXIS) return undefined;
  return moveAt(scene, x, y) ?? callAt(scene, shown[Math.floor((y - AXIS + top) / LANE)]?.index, x);
}

function callAt(scene: Scene, lane: number | undefined, x: number): Choice | undefined {
  if (lane === undefined) return undefined;
  const { view, model } = scene;
  const calls = model.lanes[lane]?.calls ?? [];
  const [early, late] = [view.time(x - NEAR), view.time(x + NEAR)];
  const at = view.time(x);
  let best: number | undefined;
  for (let i = firstWhere(calls, (call) => model.call(call)[2] >= early); i < calls.length; i++) {
    const index = calls[i] as number;
    const [, from, to] = model.call(index);
    if (from > late) break;
    best = index;
    if (from <= at && at <= to) break;
  }
  return best === undefined ? undefined : { kind: 'call', index: best };
}

function moveAt(scene: Scene, x: number, y: number): Choice | undefined {
  const { view, model } = scene;
  const { moves } = model.data;
  const start = firstWhere(moves, (move) => move[4] >= view.time(x - NEAR));
  for (let i = start; i < moves.length; i++) {
    const [, from, to, left, arrived] = moves[i] as (typeof moves)[number];
    if (arrived > view.time(x + NEAR) + view.length) break;
    const [a, b] = [middleOf(scene, from), middleOf(scene, to)];
    if (a === undefined || b === undefined || left > view.time(x + NEAR)) continue;
    // an arrow's middle part: at its ends lie the calls, which are smaller
    const part = (y - a) / (b - a);
    const at = view.x(left) + (view.x(arrived) - view.x(left)) * smooth(part);
    if (part > 0.25 && part < 0.75 && Math.abs(at - x) <= NEAR) return { kind: 'move', index: i };
  }
  return undefined;
}

function smooth(part: number): number {
  return part * part * (3 - 2 * part);
}
