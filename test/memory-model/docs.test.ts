import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { emmeTests } from './emme.ts';
import { wattTests } from './watt.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(`${ROOT}docs/memory-model.md`, 'utf8');

/** Cells of the rows of the one table with this head. */
function rows(head: string): string[][] {
  const lines = text.split('\n');
  const first = lines.indexOf(head);
  expect(first, head).toBeGreaterThan(0);
  const length = lines.slice(first).findIndex((line) => !line.startsWith('|'));
  return lines.slice(first + 2, first + length).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

test('each clause is in the function that the table names', () => {
  const table = rows('| clause | what it says | file | function |');
  expect(table).toHaveLength(12);
  for (const [clause, , file, name] of table as [string, string, string, string][]) {
    const source = readFileSync(`${ROOT}${file}`, 'utf8');
    expect(source, file).toContain(`export function ${name}(`);
    expect(source, file).toMatch(new RegExp(`\\* ${clause?.replaceAll('.', '\\.')} `));
  }
});

test('no axiom is missing in the table', () => {
  const named = rows('| clause | what it says | file | function |').map(([, , file]) => file);
  const folder = 'lib/memory-model';
  const axioms = readdirSync(`${ROOT}${folder}`)
    .map((file) => `${folder}/${file}`)
    .filter((file) => /\b29\.\d/.test(readFileSync(`${ROOT}${file}`, 'utf8')))
    .filter((file) => !/(event|candidate-execution)\.ts$/.test(file));
  expect(axioms.sort()).toEqual([...named].sort());
});

test('the tables of the literature are the tests', () => {
  const watt = rows('| name | execution | verdict |').map(([name, , verdict]) => [name, verdict]);
  const elsewhere = ['mixed/R_poll_pola', 'forbidden'];
  const tests = [...wattTests.map(({ name, verdict }) => [name, verdict]), elsewhere];
  expect(watt.sort()).toEqual(tests.sort());
  const emme = rows('| name | outcomes |');
  expect(emme).toEqual(emmeTests.map(({ name, outcomes }) => [name, String(outcomes.length)]));
  expect(watt.length + emme.length).toBeGreaterThanOrEqual(29);
});
