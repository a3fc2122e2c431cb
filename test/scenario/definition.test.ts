import { expect, test } from 'vitest';
import { i32 } from '../../lib/abi/index.ts';
import {
  acceptable,
  DEFAULT_MIN_SAMPLES,
  forbidden,
  isScenario,
  isScenarioFamily,
  minSamplesOf,
  nameWith,
  repeat,
  scenario,
} from '../../lib/scenario/index.ts';

const base = {
  name: 'test/some',
  description: 'Some',
  state: { x: i32 },
  result: { r: i32 },
  actors: repeat(2, () => undefined),
  outcomes: [acceptable('0', 'always')],
} as const;

test('repeat names actors by the function and their number', () => {
  function worker() {}
  expect(Object.keys(repeat(3, worker))).toEqual(['worker1', 'worker2', 'worker3']);
  expect(Object.keys(repeat(2, () => undefined))).toEqual(['actor1', 'actor2']);
  expect(Object.values(repeat(2, worker))).toEqual([worker, worker]);
  expect(() => repeat(9, worker)).toThrow('repeat: count is 9, expected an integer from 1 to 8');
});

test('a table of parameters: all combinations, or the rows themselves', async () => {
  const family = scenario.with({ version: ['old', 'new'], size: [1, 2] }, ({ version, size }) =>
    scenario({ ...base, description: `${version.toUpperCase()} ${size + 1}` }),
  );
  expect(isScenarioFamily(family)).toBe(true);
  expect(isScenario(family)).toBe(false);
  expect(family.rows).toEqual([
    { version: 'old', size: 1 },
    { version: 'old', size: 2 },
    { version: 'new', size: 1 },
    { version: 'new', size: 2 },
  ]);
  const made = await family.make({ version: 'x', size: 4 });
  expect(made.definition.description).toBe('X 5');
  const rows = [{ version: 'old' }, { version: 'new' }];
  expect(scenario.with(rows, () => scenario(base)).rows).toEqual(rows);
  expect(nameWith('a/b', { version: 'old', size: 1 })).toBe('a/b[version=old,size=1]');
  expect(nameWith('a/b', undefined)).toBe('a/b');
});

test.each([
  [{ version: [] }, 'its table has no rows'],
  [{ version: 'old' }, "version is 'old', expected a list of values"],
  [{ 'a b': [1] }, "there is a parameter 'a b'"],
  [{ a: [{}] }, 'a is {}, expected a text, a number or a boolean'],
  [[{ a: 1 }, { b: 1 }], 'its rows have different parameters: a; b'],
])('refuses the table %j', (table, message) => {
  expect(() => scenario.with(table as never, () => scenario(base))).toThrow(message);
});

test('how many samples a verdict needs', () => {
  expect(minSamplesOf(scenario(base))).toBe(DEFAULT_MIN_SAMPLES);
  expect(minSamplesOf(scenario({ ...base, minSamples: 5 }))).toBe(5);
  const witness = acceptable('0', 'always', { witness: true });
  expect(minSamplesOf(scenario({ ...base, outcomes: [witness] }))).toBe(1);
  expect(scenario({ ...base, outcomes: [witness] }).rules[0]?.witness).toBe(true);
});

test.each([
  [{ minSamples: 0 }, 'minSamples is 0, expected an integer from 1'],
  [{ needs: ['call'] as never }, "needs is [ 'call' ], expected a list of 'addon', 'calls'"],
  [{ samplesPerState: 1.5 }, 'samplesPerState is 1.5, expected an integer from 1'],
  [{ outcomes: [forbidden('0', 'no', { witness: true })] }, 'a forbidden outcome is a witness'],
  [
    { outcomes: [acceptable('0', 'no', { witness: 'x' as never })] },
    "witness is 'x', expected true",
  ],
])('refuses %j', (part, message) => {
  expect(() => scenario({ ...base, ...part })).toThrow(message);
});
