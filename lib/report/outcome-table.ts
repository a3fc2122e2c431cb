import { oneLine } from './escape.ts';
import type { GradedOutcome, GradedScenario } from './grade.ts';
import { grouped, percent } from './numbers.ts';
import { expectPaint, type Paint } from './paint.ts';
import { shortened } from './shortened.ts';

/** RESULT, SAMPLES, FREQ, EXPECT, DESCRIPTION of each outcome; MODEL where the table speaks of it. */
export function outcomeTable({ outcomes }: Pick<GradedScenario, 'outcomes'>, paint: Paint): string {
  const withModel = outcomes.some(({ model }) => model !== undefined);
  const withFirst = outcomes.some(({ first }) => first !== undefined);
  const shown = shortened(outcomes);
  const rows = shown.map((outcome) => cellsOf(outcome, withModel, withFirst));
  const head = [
    'RESULT',
    'SAMPLES',
    'FREQ',
    'EXPECT',
    ...(withModel ? ['MODEL'] : []),
    ...(withFirst ? ['FIRST SEEN'] : []),
  ];
  const widths = head.map((name, i) =>
    Math.max(name.length, ...rows.map((cells) => cells[i]?.length ?? 0)),
  );
  const align = (cells: readonly string[]) =>
    cells.map((cell, i) => padded(cell, i, widths[i] ?? 0));
  const lines = rows.map((cells, i) => painted(align(cells), shown[i], paint));
  const first = paint.dim(align([...head, 'DESCRIPTION']).join('  '));
  return [first, ...lines].map((line) => `  ${line}\n`).join('');
}

function cellsOf(outcome: GradedOutcome, withModel: boolean, withFirst: boolean): string[] {
  const { samples, frequency, expect, model, reason } = outcome;
  return [
    oneLine(outcome.outcome),
    grouped(samples),
    percent(frequency),
    expect,
    ...(withModel ? [model ?? '-'] : []),
    ...(withFirst ? [firstText(outcome)] : []),
    oneLine(reason),
  ];
}

/** After how long, and how many samples, an outcome was seen first. */
export function firstText({ first }: GradedOutcome): string {
  if (!first) return '-';
  return `${(first.ms / 1000).toFixed(2)} s, ${grouped(first.samples)}`;
}

/** Results and numbers to the right as jcstress has them, the rest to the left. */
function padded(cell: string, column: number, width: number): string {
  return column < EXPECT ? cell.padStart(width) : cell.padEnd(width);
}

const EXPECT = 3;

/** The word that grades has a colour, a forbidden row as a whole; what nobody saw is dim. */
function painted(
  cells: readonly string[],
  outcome: GradedOutcome | undefined,
  paint: Paint,
): string {
  const { samples = 0, expect = 'acceptable' } = outcome ?? {};
  if (samples === 0) return paint.dim(cells.join('  '));
  const brush = expectPaint(paint, expect);
  if (expect === 'forbidden') return brush(cells.join('  '));
  return cells.map((cell, i) => (i === EXPECT ? brush(cell) : cell)).join('  ');
}
