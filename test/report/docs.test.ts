import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SHOWN_PER_PATTERN, SHOWN_UNLISTED } from '../../lib/report/shortened.ts';
import { TRACE_KINDS } from '../../lib/report/trace-data.ts';
import { config, machine, run, scenario, trial } from './data.ts';

const DOC = readFileSync(new URL('../../docs/report.md', import.meta.url), 'utf8');

/** First cells of the table that follows a line. */
function firstCells(line: string): string[] {
  const [, after = ''] = DOC.split(`\n${line}\n`);
  const rows = (after.split('\n#')[0] ?? '').split('\n').filter((row) => row.startsWith('| `'));
  return rows.map((row) => row.match(/`([^`]+)`/)?.[1] ?? '');
}

test.each<[string, object]>([
  ['run', { ...run(), ended: '' }],
  ['machine', machine],
  [
    'scenario',
    { ...scenario(), minSamples: 1, minPrograms: 1, seen: {}, skipped: '', notBegun: {} },
  ],
  ['trial', { ...trial(), programs: 1, detail: {}, again: {} }],
  ['config', config],
])('docs/report.md has the members of a %s', (name, value) => {
  expect(firstCells(`### ${name}`).sort()).toEqual(Object.keys(value).sort());
});

test('docs/report.md has the kinds of events of a trace', () => {
  const [, after = ''] = DOC.split('\n| event | what happened to the task |\n');
  const kinds = [...after.matchAll(/^\| `(\w+)`/gm)].map((match) => match[1]);
  expect(kinds).toEqual(TRACE_KINDS);
});

test('docs/report.md says how many outcomes are shown', () => {
  expect(DOC).toContain(
    `${SHOWN_PER_PATTERN} of each pattern are shown, ${SHOWN_UNLISTED} of those`,
  );
});
