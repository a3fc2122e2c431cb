import { expect, test } from 'vitest';
import { grade } from '../../lib/report/grade.ts';
import { mergeRuns } from '../../lib/report/merge.ts';
import { duration, percent, short } from '../../lib/report/numbers.ts';
import { noPaint, terminalPaint } from '../../lib/report/paint.ts';
import type { ScenarioResult } from '../../lib/report/result.ts';
import { textReport } from '../../lib/report/text-report.ts';
import { run, scenario, trial } from './data.ts';

function text(...scenarios: ScenarioResult[]): string {
  return textReport(grade(mergeRuns([[run({ scenarios }), 'a.json']])), { paint: noPaint });
}

test('the table has the columns of jcstress, aligned, the worst first, and the model where given', () => {
  const counts = { '0, 1': 1_234_567, '0, 0': 3, '9, 9': 1 };
  expect(text(scenario({ trials: [trial({ counts, samples: 1_234_571, ms: 1000 })] }))).toBe(
    `FAILED        SB  1,234,571 samples in 1 trial, 1.23 M/s
  RESULT    SAMPLES       FREQ  EXPECT       MODEL    DESCRIPTION
    9, 9          1  <0.0001 %  forbidden    -        not in the table of outcomes
    0, 0          3  0.00024 %  interesting  allowed  both stores were late
    0, 1  1,234,567   >99.99 %  acceptable   -        one came first
    1, 1          0        0 %  acceptable   allowed  both stores came first
  again: syslets stress litmus/sb.ts --seed 1 --config 'spread,1000'  (1 of its 1,234,571 samples showed it)

1 scenario: 1 failed, 0 inconclusive, 0 interesting, 0 passed, 0 not run
1,234,571 samples in 1 trial of 1 run, 1.5 s; seed 7
the first failure again (1 of its 1,234,571 samples showed it):
  syslets stress litmus/sb.ts --seed 1 --config 'spread,1000'
`,
  );
});

test('an actor that threw: which one, the iteration, the stack', () => {
  const detail = {
    message: 'TypeError: x',
    actor: 'left',
    iteration: 12_345,
    stack: 'TypeError: x\n  at f',
  };
  expect(text(scenario({ trials: [trial({ end: 'threw', detail, seed: 99 })] }))).toContain(
    `  trials that did not end well: 1 threw
    threw: TypeError: x (actor left, iteration 12,345, seed 99)
      TypeError: x
        at f
  again: syslets stress`,
  );
});

test('scenarios that passed may be a line each, close to each other', () => {
  const given = [
    scenario({ name: 'a' }),
    scenario({ name: 'b', trials: [trial({ counts: { x: 1 } })] }),
    scenario({ name: 'c' }),
  ];
  const report = grade(mergeRuns([[run({ scenarios: given }), 'a.json']]));
  const lines = textReport(report, { paint: noPaint, all: false }).split('\n');
  const places = ['PASSED        a', 'FAILED        b', 'PASSED        c'].map((head) =>
    lines.findIndex((line) => line.startsWith(head)),
  );
  expect(places.slice(0, 2)).toEqual([0, 1]);
  expect(lines[2]).toMatch(/^ +RESULT/);
  expect(lines.indexOf('')).toBe((places[2] ?? 0) - 1);
  expect(lines[(places[2] ?? 0) + 1]).toBe('');
});

test('a scenario that could not run says why', () => {
  expect(text(scenario({ trials: [], skipped: 'no C compiler' }))).toMatch(
    /^NOT RUN {7}SB {2}no C compiler\n\n1 scenario: 0 failed, 0 inconclusive, 0 interesting, 0 passed, 1 not run/,
  );
});

test('an outcome that no rule names is printed whole, however long', () => {
  const outcome = Array.from({ length: 100 }, (_, i) => `value ${i}`).join(', ');
  expect(text(scenario({ trials: [trial({ counts: { [outcome]: 1 } })] }))).toContain(outcome);
});

test('outcomes of one pattern are shown in part and counted', () => {
  const counts = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}`, 100 - i]));
  const any = {
    match: { pattern: '\\d', flags: '' },
    expect: 'acceptable',
    reason: 'any',
  } as const;
  const shown = text(scenario({ outcomes: [any], trials: [trial({ counts })] }));
  expect(shown.match(/acceptable/g)).toHaveLength(13);
  expect(shown).toMatch(/28 more outcomes by \/\\d\/ +2,086 +64\.78 % {2}acceptable {2}any/);
});

test('names that would move a terminal are written out', () => {
  const name = 'a\x1b[2Jb\nc';
  const shown = text(scenario({ name, trials: [trial({ counts: { '\x1b]0;x\x07': 1 } })] }));
  expect(shown).toContain('a\\x1b[2Jb\\nc');
  expect(shown).toContain('\\x1b]0;x\\x07');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
  expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
});

test('colours change nothing but the colours', () => {
  const given = scenario({ trials: [trial({ counts: { '0, 0': 1, x: 1, '1, 1': 1 } })] });
  const report = grade(mergeRuns([[run({ scenarios: [given] }), 'a.json']]));
  const painted = textReport(report, { paint: terminalPaint });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences
  expect(painted.replaceAll(/\x1b\[\d+m/g, '')).toBe(textReport(report, { paint: noPaint }));
  expect(painted).toContain('\x1b[31m');
});

test.each([
  [0, '0 %'],
  [1e-9, '<0.0001 %'],
  [0.00012, '0.012 %'],
  [0.5, '50.00 %'],
  [0.99999, '>99.99 %'],
  [1, '100.00 %'],
])('percent(%d) is %s', (part, shown) => {
  expect(percent(part)).toBe(shown);
});

test('short counts and durations', () => {
  expect([0, 999, 1234, 12_345_678, 5e9].map(short)).toEqual([
    '0',
    '999',
    '1.23 k',
    '12.3 M',
    '5.00 G',
  ]);
  expect([5, 1500, 65_000, 3_900_000].map(duration)).toEqual([
    '5 ms',
    '1.5 s',
    '1:05 min',
    '1:05 h',
  ]);
});
