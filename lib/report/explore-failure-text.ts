import { oneLine } from './escape.ts';
import type {
  ExploredFailure,
  ExploredHistory,
  ExploredScenario,
  ExploredStep,
} from './explore-result.ts';
import { historyText } from './history-text.ts';
import { counted, grouped } from './numbers.ts';
import type { Paint } from './paint.ts';

/** How many executions of the program end so, of those that the search made. */
export function executionsText({ misfits, of }: ExploredHistory): string {
  if (misfits === undefined || of === undefined) return 'the execution that was replayed';
  return `${grouped(misfits)} of ${grouped(of)} executions that were searched fail`;
}

/** Wider columns than these would be torn by a terminal: then actors are lanes, one below the other. */
const WIDEST = 110;
/** Of a long schedule the last steps. */
const MOST_STEPS = 120;

/** The schedule as a table: a column for each actor, a row for each step. */
export function failureText(
  { actors }: Pick<ExploredScenario, 'actors'>,
  failure: ExploredFailure,
  paint: Paint,
): string {
  const { steps, end, preemptions, machine, cause, history, replay, command } = failure;
  const table = history ? historyText(history, executionsText(history), paint) : '';
  const what = paint.red(end.kind === 'outcome' ? end.text : `${end.kind}: ${end.text}`);
  const widths = actors.map((name, actor) =>
    steps.reduce(
      (most, step) => (step.actor === actor ? Math.max(most, oneLine(step.text).length) : most),
      name.length,
    ),
  );
  const isWide = widths.reduce((sum, width) => sum + width + 3, 0) > WIDEST;
  const rows = isWide ? laneRows(actors, steps, paint) : columnRows(actors, steps, widths, paint);
  return `${table}  ${what} after ${steps.length} steps, ${counted(preemptions, 'preemption')} (${machine})
${rows}${cause ? `  ${oneLine(cause.sentence)}\n` : ''}  replay: ${paint.cyan(replay)}
  again: ${paint.cyan(command)}
`;
}

function columnRows(
  actors: readonly string[],
  steps: readonly ExploredStep[],
  widths: readonly number[],
  paint: Paint,
): string {
  const head = actors.map((name, actor) => name.padEnd(widths[actor] ?? 0)).join('   ');
  return rowsText(steps, paint.bold(head.trimEnd()), (step) => {
    const cells = actors.map((_, actor) =>
      (step.actor === actor ? oneLine(step.text) : '').padEnd(widths[actor] ?? 0),
    );
    return `${cells.join('   ')}   ${paint.dim(notesOf(step))}`;
  });
}

function laneRows(actors: readonly string[], steps: readonly ExploredStep[], paint: Paint): string {
  const name = Math.max(...actors.map((one) => one.length));
  let last = -1;
  return rowsText(steps, '', (step) => {
    const { actor, text } = step;
    const head = actor === last ? '' : (actors[actor] ?? '');
    last = actor;
    const lane = '|  '.repeat(actor);
    return `${paint.bold(head.padEnd(name))}  ${lane}${oneLine(text)}   ${paint.dim(notesOf(step))}`;
  });
}

function rowsText(
  steps: readonly ExploredStep[],
  head: string,
  row: (step: ExploredStep) => string,
): string {
  const number = String(steps.length).length;
  const skipped = Math.max(0, steps.length - MOST_STEPS);
  const more = skipped === 0 ? '' : `  … ${counted(skipped, 'step')} before\n`;
  const lines = steps
    .slice(skipped)
    .map((step, index) =>
      `  ${String(skipped + index + 1).padStart(number)}  ${row(step)}`.trimEnd(),
    );
  const first = head === '' ? '' : `  ${' '.repeat(number)}  ${head}\n`;
  return first + more + lines.map((line) => `${line}\n`).join('');
}

function notesOf({ notes, site }: ExploredStep): string {
  return [...notes, site]
    .filter((text) => text !== '')
    .map(oneLine)
    .join('; ');
}
