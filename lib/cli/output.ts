// not by report/index.ts, which loads the pages
import { noPaint, type Paint, terminalPaint } from '../report/paint.ts';
import { terminalOfErrors, terminalOfOutput, writeOut } from './write-out.ts';

const NAMES = Object.keys(noPaint) as (keyof Paint)[];

let made: Paint | undefined;

/** Colours on a terminal alone: the log of a CI machine has none. */
function paint(): Paint {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const isWanted = !NO_COLOR && (FORCE_COLOR || TERM !== 'dumb');
  made ??= isWanted && terminalOfOutput() ? terminalPaint : noPaint;
  return made;
}

export const colors = Object.fromEntries(
  NAMES.map((name) => [name, (text: string) => paint()[name](text)]),
) as unknown as Paint;

export interface OutputOptions {
  readonly json?: boolean;
}

export type Fact = string | number | bigint | boolean | null;
export type Facts = Readonly<Record<string, Fact>>;

/** Prints one JSON object. A bigint is a number where that is exact, else a string of digits. */
export function printJson(value: unknown): void {
  writeOut(`${JSON.stringify(value, exactNumber)}\n`);
}

function exactNumber(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

/** Aligned lines, names bold on a terminal. */
export function factLines(facts: Facts): string {
  const names = Object.keys(facts);
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) => `  ${colors.bold(name.padEnd(width))}  ${facts[name]}\n`).join('');
}

/** Rows of one width each, the first one a head. */
export function tableLines(rows: readonly (readonly Fact[])[]): string {
  const text = rows.map((row) => row.map(String));
  const widths = (text[0] ?? []).map((_, column) =>
    Math.max(...text.map((row) => (row[column] ?? '').length)),
  );
  const lines = text.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '));
  return lines.map((line, i) => `  ${i === 0 ? colors.dim(line) : line}`.trimEnd()).join('\n');
}

export function heading(title: string): string {
  return `${colors.cyan(colors.bold(title))}\n`;
}

/** A line on a terminal that is written over, for work that takes long; elsewhere nothing. */
export class Progress {
  readonly #terminal = terminalOfErrors();
  #next = 0;

  show(text: () => string): void {
    if (!this.#terminal || performance.now() < this.#next) return;
    this.#next = performance.now() + 100;
    this.#terminal.write(`\r\x1b[K${text()}`);
  }

  /** What is shown next is shown at once. */
  clear(): void {
    this.#next = 0;
    this.#terminal?.write('\r\x1b[K');
  }
}
