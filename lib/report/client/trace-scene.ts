import type { Colors } from './trace-colors.ts';
import type { Choice, Lane, Model } from './trace-model.ts';
import type { View } from './trace-view.ts';

/** Heights in pixels: of the axis, of a lane, of a call in it. */
export const AXIS = 26;
export const LANE = 38;
export const BAR = 18;

export type Pen = CanvasRenderingContext2D;

/** All that a picture depends on. */
export interface Scene {
  readonly model: Model;
  readonly view: View;
  readonly colors: Colors;
  readonly shown: readonly Lane[];
  /** Place of each lane among those that are shown. */
  readonly placeOf: ReadonlyMap<number, number>;
  readonly top: number;
  readonly height: number;
  readonly choice: Choice | undefined;
  /** Calls that are searched for; undefined: all are alike. */
  readonly found: ReadonlySet<number> | undefined;
}

/** Vertical middle of a lane. */
export function middleOf(scene: Scene, lane: number): number | undefined {
  const place = scene.placeOf.get(lane);
  return place === undefined ? undefined : AXIS + place * LANE - scene.top + LANE / 2;
}

/** Text with a full stop in three where it does not fit. */
export function cut(pen: Pen, text: string, width: number): string {
  if (pen.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 1 && pen.measureText(`${text.slice(0, length)}…`).width > width) length--;
  return `${text.slice(0, length)}…`;
}
