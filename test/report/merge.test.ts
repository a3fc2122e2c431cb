import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grade } from '../../lib/report/grade.ts';
import { mergeRuns } from '../../lib/report/merge.ts';
import type { RunResult } from '../../lib/report/result.ts';
import { TROUBLES } from '../../lib/report/scenario-tally.ts';
import { config, machine, run, scenario, trial } from './data.ts';
import { randomRun } from './random.ts';

function merged(...runs: readonly RunResult[]) {
  return mergeRuns(runs.map((one, i) => [one, `${i}.json`] as const));
}

/** Runs as distinct ones, whatever is in them: each has a file name of its own. */
const randomFiles = fc
  .array(randomRun, { maxLength: 6 })
  .map((runs) => runs.map((one, i) => [one, `${i}.json`] as const));

test('the order of files makes no difference', () => {
  fc.assert(
    fc.property(
      randomFiles.chain((files) =>
        fc.tuple(fc.constant(files), fc.shuffledSubarray(files, { minLength: files.length })),
      ),
      ([files, shuffled]) => {
        expect(mergeRuns(shuffled)).toEqual(mergeRuns(files));
      },
    ),
  );
});

test('how trials are spread over files makes no difference to what is counted', () => {
  fc.assert(
    fc.property(randomRun, fc.nat({ max: 5 }), (whole, at) => {
      const part = (from: number, to: number, started: string) => ({
        ...whole,
        started,
        scenarios: whole.scenarios.map((one) => ({ ...one, trials: one.trials.slice(from, to) })),
      });
      const parts = merged(part(0, at, '2026-01-01'), part(at, 99, '2026-01-02'));
      expect(parts.scenarios).toEqual(merged(whole).scenarios);
    }),
  );
});

test('files that are given twice count once, and the report says so', () => {
  fc.assert(
    fc.property(randomFiles, (files) => {
      const twice = mergeRuns([...files, ...files]);
      expect(twice).toEqual(mergeRuns(files));
    }),
  );
  const both = mergeRuns([
    [run(), 'a.json'],
    [run(), 'copy.json'],
  ]);
  expect(both.scenarios[0]?.samples).toBe(100);
  expect(grade(both).notes).toContain('a.json and copy.json hold the same run, which counts once');
});

test('seeds and machines add up; what differs is said', () => {
  const other = { ...machine, cpu: 'Other CPU', node: '22.1.0' };
  const report = grade(
    merged(run(), run({ seed: 8, machine: other, tool: '0.2.0', notes: ['no pin'] })),
  );
  expect(report.samples).toBe(200);
  expect(report.notes).toEqual([
    'more than one version of syslets: 0.1.0; 0.2.0',
    'more than one version of Node: 20.17.0; 22.1.0',
    'more than one machine: Example CPU @ 3.00GHz, 2 processors, linux 6.1.0 x64; Other CPU, 2 processors, linux 6.1.0 x64',
    'no pin',
  ]);
});

test('shards that are missing are named', () => {
  const shard = (index: number) => run({ shard: { index, count: 4 } });
  expect(grade(merged(shard(1), shard(3))).notes).toEqual(['of seed 7, 2/4, 4/4 are missing']);
  expect(grade(merged(shard(1))).notes).toEqual(['of seed 7, 2/4 to 4/4 are missing']);
  expect(grade(merged(shard(1), shard(2), shard(3), shard(4))).notes).toEqual([]);
});

test.each([
  ['source', { source: 'another' }],
  ['table of outcomes', { outcomes: [] }],
  ['registers', { registers: ['a'] }],
])('scenarios of one name that differ in their %s stay apart', (what, change) => {
  const report = grade(
    merged(run({ scenarios: [scenario()] }), run({ seed: 8, scenarios: [scenario(change)] })),
  );
  expect(report.scenarios.map(({ title }) => title)).toEqual([
    'SB (version 1 of 2)',
    'SB (version 2 of 2)',
  ]);
  expect(report.scenarios.map(({ samples }) => samples)).toEqual([100, 100]);
  expect(report.notes).toEqual([
    `SB is there in 2 versions, which differ in their ${what}: each is counted and graded by itself`,
  ]);
});

test('the same scenario from another folder is the same', () => {
  const [one, ...others] = merged(
    run(),
    run({ seed: 8, scenarios: [scenario({ file: 'elsewhere/sb.ts' })] }),
  ).scenarios;
  expect(others).toEqual([]);
  expect(one).toMatchObject({ samples: 200, files: ['elsewhere/sb.ts', 'litmus/sb.ts'] });
});

test('each configuration has its own sums', () => {
  const cold = { ...config, jit: 'cold' as const };
  const trials = [trial(), trial({ config: cold, counts: { '0, 0': 1 } }), trial({ seed: 2 })];
  const [only] = merged(run({ scenarios: [scenario({ trials })] })).scenarios;
  expect(only?.configs).toMatchObject([
    { config: cold, trials: 1, samples: 1, counts: { '0, 0': 1 } },
    { config, trials: 2, samples: 200, ms: 20, counts: { '0, 1': 120, '1, 0': 80 } },
  ]);
});

test('of many bad ends a part is kept, all are counted', () => {
  const trials = Array.from({ length: 200 }, (_, i) => trial({ end: 'died', seed: i }));
  const [only] = merged(run({ scenarios: [scenario({ trials })] })).scenarios;
  expect(only?.troubles).toHaveLength(TROUBLES);
  expect(only?.ends.died).toBe(200);
});
