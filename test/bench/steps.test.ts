import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { STEPS } from '../../lib/bench/steps.ts';
import { native } from '../../lib/native.ts';
import { runProgram } from '../cli/run.ts';

const DOCS = fileURLToPath(new URL('../../docs/architecture.md', import.meta.url));

test('each step of a hand-off is measured, by both watchers, and docs/architecture.md has it', ({
  skip,
}) => {
  const { perf } = native().doctor();
  if (perf !== 'ok') skip(`the watchers that are measured need perf events: ${perf}`);
  const { status, stdout, stderr } = runProgram('bench/main.js', ['steps', '--json', '--ci']);
  expect([status, stderr]).toEqual([0, '']);
  const rows = stdout
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { case: string; value: number });
  const names = ['whole', ...STEPS.map(({ name }) => name)];
  const wanted = ['spin', 'perf'].flatMap((watcher) => names.map((name) => `${watcher}: ${name}`));
  expect(rows.map((row) => row.case).slice(0, -1)).toEqual(wanted);
  for (const { value } of rows) expect(value).toBeGreaterThan(0);
  const docs = readFileSync(DOCS, 'utf8');
  for (const name of names) expect(docs).toContain(`| ${name} |`);
});
