import { oneLine } from './escape.ts';
import { type HistoryCell, historyRows } from './history-rows.ts';
import type { Paint } from './paint.ts';
import type { MisfitHistory, NearOrder } from './result.ts';
import { threadName } from './result.ts';

const MARKS: Readonly<Record<HistoryCell['part'], string>> = {
  whole: '■',
  begin: '┌',
  end: '└',
  on: '│',
  none: ' ',
};

/** The history as a table of threads, time running down, and the orders that came closest; `rate` is how often it comes. */
export function historyText(failed: MisfitHistory, rate: string, paint: Paint): string {
  const { condition, program, original, why } = failed;
  const smaller = original === program ? '' : `, made small from ${oneLine(original)}`;
  const lines = [
    paint.red(`not ${condition}: ${oneLine(program)}`),
    paint.dim(`${rate}${smaller}`),
    ...tableLines(failed, paint),
    ...(why === undefined ? [] : [oneLine(why)]),
    ...failed.orders.flatMap((order) => orderLines(order, paint)),
  ];
  return lines.map((line) => `  ${line.trimEnd()}\n`).join('');
}

function tableLines(failed: MisfitHistory, paint: Paint): string[] {
  const rows = historyRows(failed).map((cells) =>
    cells.map(({ text, part }) => `${MARKS[part]} ${oneLine(text)}`),
  );
  const heads = failed.threads.map((_, thread) => `thread ${threadName(thread)}`);
  const widths = heads.map((head, i) =>
    Math.max(head.length, ...rows.map((cells) => cells[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('   ')}`;
  return [paint.dim(line(heads)), ...rows.map(line)];
}

function orderLines({ calls, next }: NearOrder, paint: Paint): string[] {
  const order = calls.length === 0 ? 'nothing' : calls.map(oneLine).join(', ');
  return [
    `${paint.dim('the model allows')} ${order}`,
    ...next.map(
      ({ call, seen, model }) =>
        `  ${paint.dim('then')} ${oneLine(call)} ${paint.dim('has to return')} ${oneLine(model)}${paint.dim(', and returned')} ${oneLine(seen)}`,
    ),
  ];
}
