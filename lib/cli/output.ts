import pc from 'picocolors';

// picocolors alone would also colour the log of a CI machine
export const colors = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);

export interface OutputOptions {
  readonly json?: boolean;
}

export type Fact = string | number | bigint | boolean | null;
export type Facts = Readonly<Record<string, Fact>>;

/** Prints one JSON object. A bigint is a number where that is exact, else a string of digits. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, exactNumber)}\n`);
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
  readonly #terminal = process.stderr.isTTY === true;
  #next = 0;

  show(text: () => string): void {
    if (!this.#terminal || performance.now() < this.#next) return;
    this.#next = performance.now() + 100;
    process.stderr.write(`\r\x1b[K${text()}`);
  }

  clear(): void {
    if (this.#terminal) process.stderr.write('\r\x1b[K');
  }
}
