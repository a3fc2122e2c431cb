import pc from 'picocolors';

// picocolors alone would also colour the log of a CI machine
const colors = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);

export interface OutputOptions {
  readonly json?: boolean;
}

export type Facts = Readonly<Record<string, string | number | boolean | null>>;

/** Prints facts as one JSON object, or as aligned lines (bold names on a terminal). */
export function printFacts(facts: Facts, { json = false }: OutputOptions): void {
  process.stdout.write(json ? `${JSON.stringify(facts)}\n` : factLines(facts));
}

function factLines(facts: Facts): string {
  const names = Object.keys(facts);
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) => `${colors.bold(name.padEnd(width))}  ${facts[name]}\n`).join('');
}
