import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { Expect, OutcomeRule } from '../../lib/scenario/index.ts';
import { DEFAULT_CONFIG, discover } from '../../lib/stress/index.ts';
import { refused } from './stress.ts';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

/** Cells of the rows whose first cell is code. */
function rows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll('\\|', '|')));
}

function outcomes(rules: readonly OutcomeRule[], expected: Expect): string {
  const texts = rules
    .filter((rule) => rule.expect === expected)
    .map(({ match }) => ('exact' in match ? match.exact : `/${match.pattern}/`));
  return texts.map((text) => `\`${text}\``).join(', ') || '-';
}

// each is loaded with all that it imports, compiled anew: about a minute on one processor
const ALL = 600_000;
let found: Awaited<ReturnType<typeof discover>> = [];

beforeAll(async () => {
  found = await discover([]);
}, ALL);

test('docs/scenarios.md has every shipped scenario as it is', async () => {
  const shipped = found.map(({ name, scenario: { definition, rules } }) => [
    `\`${name}\``,
    definition.description,
    outcomes(rules, 'interesting'),
    outcomes(rules, 'forbidden'),
  ]);
  expect(rows(read('scenarios.md'))).toEqual(shipped);
});

test('a shipped scenario is called like its folder and file', async () => {
  for (const { name, file } of found) expect(file).toMatch(new RegExp(`/${name}\\.ts$`));
});

test('docs/stress.md names every part of a configuration and every option', () => {
  const text = read('stress.md');
  const named = rows(text).flatMap(([first = '']) => first.match(/`[^`]+`/g) ?? []);
  for (const key of Object.keys(DEFAULT_CONFIG)) expect(named).toContain(`\`${key}\``);
  const options = refused('--help').stdout.match(/^ {2}--[\w-]+/gm) ?? [];
  expect(options.length).toBeGreaterThan(5);
  for (const option of options) expect(named).toContain(`\`${option.trim()}\``);
});
