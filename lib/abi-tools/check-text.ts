import type { Refusal } from './ask.ts';
import type { CheckRow } from './check.ts';
import { table } from './table.ts';

/** A line for each compiler, then each difference side by side. */
export function checkText(rows: readonly CheckRow[]): string {
  const lines = rows.map((row) => [row.target, row.compiler, resultText(row)]);
  const parts = [table(['target', 'compiler', 'result'], lines)];
  for (const row of rows) {
    const left = row.refusals.map(({ record, reason }) => `${record}: refused: ${reason}`);
    if (left.length > 0) parts.push([`${row.target}, ${row.compiler}`, ...left].join('\n'));
    if (row.differences.length > 0) parts.push(differenceTable(row));
  }
  const left = [...uncheckedLines(rows), ...uncomparedLines(rows)];
  return [...parts, ...(left.length > 0 ? [left.join('\n')] : [])].join('\n\n');
}

/** Each type and reason once, with its targets: every compiler of a target leaves out the same. */
function uncheckedLines(rows: readonly CheckRow[]): string[] {
  const targets = new Map<string, Set<string>>();
  for (const { target, unchecked } of rows) {
    for (const { record, reason } of unchecked) {
      const line = `${record}: not checked: ${reason}`;
      targets.set(line, (targets.get(line) ?? new Set()).add(target));
    }
  }
  return [...targets].map(([line, names]) => `${line} (${[...names].join(', ')})`);
}

function uncomparedLines(rows: readonly CheckRow[]): string[] {
  const asked = rows.filter(({ status }) => status !== 'not checked');
  const targets = [
    ...new Set(asked.flatMap((row) => (row.uncompared.length > 0 ? [row.target] : []))),
  ];
  if (targets.length === 0) return [];
  const what = [...new Set(asked.flatMap((row) => row.uncompared))].join(', ');
  return [`${what}: not compared: C++ cannot initialise every member (${targets.join(', ')})`];
}

function resultText(row: CheckRow): string {
  if (row.status === 'not checked') return `not checked: ${row.reason ?? ''}`;
  const none = row.types === 0 && row.differences.length === 0;
  if (none && row.refusals.length > 0) return counted(row.refusals, 'REFUSED');
  const asked = `${row.types} ${row.types === 1 ? 'type' : 'types'}, ${row.answers} ${row.answers === 1 ? 'answer' : 'answers'}`;
  const count = row.differences.length;
  const left = [counted(row.refusals, 'REFUSED'), counted(row.unchecked, 'not checked')];
  const result = count === 0 ? `same (${asked})` : `${count} DIFFERENT (${asked})`;
  return [result, ...left.filter(Boolean)].join(', ');
}

function counted({ length }: readonly Refusal[], what: string): string {
  return length === 0 ? '' : `${length} ${what}`;
}

function differenceTable(row: CheckRow): string {
  const head = ['struct', 'what', 'definition', row.compiler];
  const lines = row.differences.map((one) => [one.record, one.what, one.ours, one.theirs]);
  return `${row.target}\n${table(head, lines)}`;
}

/** Workflow commands, one for each difference: GitHub shows them beside the code. */
export function annotations(rows: readonly CheckRow[], file: string | undefined): string[] {
  const where = file === undefined ? '' : `file=${escaped(file)},`;
  return rows.flatMap((row) =>
    row.differences.map((one) => {
      const title = escaped(`layout of ${one.record} on ${row.target}`);
      const text = `${one.what}: definition ${one.ours}, ${row.compiler} ${one.theirs}`;
      return `::error ${where}title=${title}::${escaped(text)}`;
    }),
  );
}

function escaped(text: string): string {
  const codes: Readonly<Record<string, string>> = {
    '%': '%25',
    '\n': '%0A',
    '\r': '%0D',
    ':': '%3A',
    ',': '%2C',
  };
  return text.replaceAll(/[%\n\r:,]/g, (char) => codes[char] ?? char);
}
