import fc from 'fast-check';
import type { RunResult, ScenarioResult, Trial, TrialEnd } from '../../lib/report/result.ts';
import type { Expect, OutcomeRule } from '../../lib/scenario/index.ts';
import { config, run, scenario, trial } from './data.ts';

/** Few outcomes, so that rules and counts meet often; with names that objects have already. */
const OUTCOMES = ['0, 0', '0, 1', '1, 0', '1, 1', '2, 2', '__proto__', 'constructor', 'a b', ''];
const PATTERNS = ['^0', '1$', '.', '^(0|1), \\1$', 'o', '^$'];
const EXPECTS: readonly Expect[] = ['acceptable', 'interesting', 'forbidden'];
const ENDS: readonly TrialEnd[] = ['ok', 'ok', 'ok', 'hung', 'died', 'threw'];

const match: fc.Arbitrary<OutcomeRule['match']> = fc.oneof(
  fc.record({ exact: fc.constantFrom(...OUTCOMES) }),
  fc.record({ pattern: fc.constantFrom(...PATTERNS), flags: fc.constantFrom('', 'i', 'g', 'y') }),
);

export const randomRules: fc.Arbitrary<OutcomeRule[]> = fc.array(
  fc.record({ match, expect: fc.constantFrom(...EXPECTS), reason: fc.string({ maxLength: 5 }) }),
  { maxLength: 8 },
);

export const randomCounts: fc.Arbitrary<Record<string, number>> = fc
  .array(fc.tuple(fc.constantFrom(...OUTCOMES), fc.nat({ max: 1_000_000 })), { maxLength: 6 })
  .map((entries) => Object.fromEntries(entries));

export const randomTrial: fc.Arbitrary<Trial> = fc
  .record({
    counts: randomCounts,
    end: fc.constantFrom(...ENDS),
    seed: fc.nat({ max: 5 }),
    ms: fc.double({ min: 0, max: 1e4, noNaN: true }),
    stride: fc.constantFrom(10, 100),
    command: fc.constantFrom('syslets stress a', 'syslets stress b'),
    notes: fc.subarray(['one', 'two']),
  })
  .map(({ stride, ...rest }) => trial({ ...rest, config: { ...config, stride } }));

/** Scenarios of few names and sources: some are the same one, some namesakes. */
export const randomScenario: fc.Arbitrary<ScenarioResult> = fc
  .record({
    name: fc.constantFrom('SB', 'MP'),
    source: fc.constantFrom('x', 'y'),
    file: fc.constantFrom('a.ts', 'b.ts'),
    trials: fc.array(randomTrial, { maxLength: 4 }),
  })
  .map((change) => scenario(change));

export const randomRun: fc.Arbitrary<RunResult> = fc
  .record({
    seed: fc.nat({ max: 3 }),
    started: fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'),
    shard: fc.constantFrom(null, { index: 1, count: 2 }, { index: 2, count: 2 }),
    scenarios: fc.array(randomScenario, { maxLength: 3 }),
  })
  .map((change) => run(change));
