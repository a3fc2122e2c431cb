import type { Expect } from '../scenario/index.ts';
import type { Verdict } from './grade.ts';

type Brush = (text: string) => string;

/** Colours of a terminal, or none. */
export interface Paint {
  readonly bold: Brush;
  readonly dim: Brush;
  readonly red: Brush;
  readonly green: Brush;
  readonly yellow: Brush;
  readonly cyan: Brush;
}

const same: Brush = (text) => text;

export const noPaint: Paint = {
  bold: same,
  dim: same,
  red: same,
  green: same,
  yellow: same,
  cyan: same,
};

/** ECMA-48, "Select Graphic Rendition": the numbers that begin and end one. */
const brush =
  (begin: number, end: number): Brush =>
  (text) =>
    `\x1b[${begin}m${text}\x1b[${end}m`;

export const terminalPaint: Paint = {
  bold: brush(1, 22),
  dim: brush(2, 22),
  red: brush(31, 39),
  green: brush(32, 39),
  yellow: brush(33, 39),
  cyan: brush(36, 39),
};

export function verdictPaint(paint: Paint, verdict: Verdict): Brush {
  const { red, yellow, green, dim } = paint;
  return {
    failed: red,
    inconclusive: yellow,
    interesting: yellow,
    passed: green,
    'not run': dim,
  }[verdict];
}

export function expectPaint(paint: Paint, expect: Expect): Brush {
  const { red, yellow, green } = paint;
  return { forbidden: red, interesting: yellow, acceptable: green }[expect];
}
