import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grade, UNLISTED } from '../../lib/report/grade.ts';
import { mergeRuns } from '../../lib/report/merge.ts';
import type { ScenarioResult, Trial } from '../../lib/report/result.ts';
import { ruleMatcher } from '../../lib/report/rule-matcher.ts';
import type { OutcomeRule } from '../../lib/scenario/index.ts';
import { rules, run, scenario, trial } from './data.ts';
import { randomCounts, randomRules, randomTrial } from './random.ts';

function graded(
  outcomes: readonly OutcomeRule[],
  trials: readonly Trial[],
  change: Partial<ScenarioResult> = {},
) {
  const [only] = grade(
    mergeRuns([[run({ scenarios: [scenario({ outcomes, trials, ...change })] }), 'a']]),
  ).scenarios;
  if (!only) throw new Error('no scenario');
  return only;
}

/** The definition, without any care for speed. */
function naive(table: readonly OutcomeRule[], trials: readonly Trial[]) {
  const sums = new Map<string, number>();
  for (const { counts } of trials) {
    for (const [outcome, count] of Object.entries(counts)) {
      sums.set(outcome, (sums.get(outcome) ?? 0) + count);
    }
  }
  return [...sums]
    .filter(([, samples]) => samples > 0)
    .map(([outcome, samples]) => {
      const rule = table.find(({ match }) =>
        'exact' in match
          ? match.exact === outcome
          : new RegExp(match.pattern, match.flags).test(outcome),
      );
      return [outcome, samples, rule?.expect ?? 'forbidden', rule?.reason ?? UNLISTED];
    })
    .sort();
}

test('random tables and counts are graded as by the definition', () => {
  fc.assert(
    fc.property(randomRules, fc.array(randomTrial, { maxLength: 6 }), (table, trials) => {
      const seen = graded(table, trials).outcomes.filter(({ samples }) => samples > 0);
      const ours = seen.map((one) => [one.outcome, one.samples, one.expect, one.reason]).sort();
      expect(ours).toEqual(naive(table, trials));
    }),
  );
});

test('frequencies add up to one, and rules that nobody met are there with none', () => {
  fc.assert(
    fc.property(randomRules, randomCounts, (table, counts) => {
      const { outcomes, samples } = graded(table, [trial({ counts })]);
      const sum = outcomes.reduce((total, { frequency }) => total + frequency, 0);
      expect(sum).toBeCloseTo(samples === 0 ? 0 : 1, 9);
      const ruleOf = ruleMatcher(table);
      const met = Object.keys(counts).filter((outcome) => (counts[outcome] ?? 0) > 0);
      const used = new Set(met.map(ruleOf));
      const unmet = table.filter((rule) => !used.has(rule)).length;
      expect(outcomes.filter((one) => one.samples === 0)).toHaveLength(unmet);
    }),
  );
});

test('the first rule that matches holds, exact or not', () => {
  const exact: OutcomeRule = { match: { exact: '0' }, expect: 'acceptable', reason: 'exact' };
  const any: OutcomeRule = {
    match: { pattern: '.', flags: '' },
    expect: 'forbidden',
    reason: 'any',
  };
  expect(ruleMatcher([exact, any])('0')?.reason).toBe('exact');
  expect(ruleMatcher([any, exact])('0')?.reason).toBe('any');
  expect(ruleMatcher([exact])('1')).toBeUndefined();
});

test('what was seen and is worst comes first, then the most frequent, then what was not seen', () => {
  const counts = { '0, 0': 3, '1, 1': 5, '0, 1': 9, '7, 7': 1 };
  const { outcomes } = graded(rules, [trial({ counts })]);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['7, 7', '0, 0', '0, 1', '1, 1']);
  expect(outcomes[0]).toMatchObject({ expect: 'forbidden', listed: false, reason: UNLISTED });
});

test.each<[string, Partial<Trial>, string]>([
  ['only what is acceptable', { counts: { '1, 1': 5 } }, 'passed'],
  ['something interesting', { counts: { '0, 0': 1, '1, 1': 5 } }, 'interesting'],
  ['something that no rule names', { counts: { '3, 3': 1, '0, 0': 5 } }, 'failed'],
  ['a count of zero', { counts: { '3, 3': 0, '1, 1': 1 } }, 'passed'],
  ['a trial that died', { counts: { '1, 1': 5 }, end: 'died' }, 'failed'],
  ['a trial that hung before its first sample', { counts: {}, end: 'hung' }, 'failed'],
  ['no sample', { counts: {} }, 'inconclusive'],
  ['a trial that was cut while actors stood still', { end: 'cut' }, 'inconclusive'],
])('verdict: %s', (_name, change, verdict) => {
  expect(graded(rules, [trial(change)]).verdict).toBe(verdict);
});

test.each([
  [
    49,
    'inconclusive',
    [
      '49 programs, 50 are wanted: 1.0 s more of --time at this rate, or set minPrograms of the scenario',
    ],
  ],
  [50, 'passed', []],
])('a structure with %i programs of 50 is %s', (programs, verdict, reasons) => {
  const change = { minSamples: 1, minPrograms: 50 };
  const trials = [
    trial({ counts: { '1, 1': 5 }, programs: programs - 7 }),
    trial({ counts: { '1, 1': 5 }, programs: 7 }),
  ];
  expect(graded(rules, trials, change)).toMatchObject({ verdict, reasons });
});

test('a failure names the trial in which the forbidden outcome was the most frequent', () => {
  const { rerun } = graded(rules, [
    trial({ counts: { '3, 3': 1, '1, 1': 99 }, command: 'rare' }),
    trial({ counts: { '3, 3': 1, '1, 1': 1 }, command: 'often' }),
    trial({ counts: { '1, 1': 1 }, end: 'threw', command: 'threw' }),
  ]);
  expect(rerun).toBe('often');
});

test('without a forbidden outcome it names a trial that did not end well', () => {
  const bad = trial({ end: 'hung', command: 'hung', detail: { message: 'no progress' } });
  const { rerun, ends } = graded(rules, [trial(), bad]);
  expect(rerun).toBe('hung');
  expect(ends).toEqual({ ok: 1, hung: 1, died: 0, threw: 0, cut: 0 });
});

test('the report has the worst verdict of its scenarios', () => {
  const failed = scenario({ name: 'bad', trials: [trial({ counts: { no: 1 } })] });
  const verdictOf = (...scenarios: ReturnType<typeof scenario>[]) =>
    grade(mergeRuns([[run({ scenarios }), 'a']])).verdict;
  expect(verdictOf(scenario(), failed)).toBe('failed');
  expect(verdictOf(scenario())).toBe('passed');
  expect(verdictOf()).toBe('not run');
});
