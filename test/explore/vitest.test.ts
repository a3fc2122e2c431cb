import { expect, test } from 'vitest';
import { exploreScenario, runScenario, testScenario } from '../../dist/vitest/index.js';
import { exploreVerdict } from '../../lib/report/explore-text.ts';

testScenario('litmus/sb-atomics has no weak outcome in any schedule', 'litmus/sb-atomics', {
  explore: true,
});

const fixture = (name: string) => new URL(`fixtures/${name}.ts`, import.meta.url);

test('a scenario that can go wrong has its schedule in the result', async () => {
  const scenario = await exploreScenario(fixture('lost-update'));
  expect(exploreVerdict(scenario)).toBe('failed');
  expect(scenario.failure?.cause?.kind).toBe('lost update');
});

test('not enough is no success', async () => {
  const scenario = await exploreScenario(fixture('eight'), { explore: { maxStates: 1000 } });
  expect(exploreVerdict(scenario)).toBe('not enough');
});

test('of a table of parameters every row is explored, and params chooses', async () => {
  const file = fixture('versions/versions');
  await expect(exploreScenario(file)).rejects.toThrow(
    'has several scenarios: choose one by params',
  );
  const old = await exploreScenario(file, { params: { version: 'old', by: 2 } });
  expect(exploreVerdict(old)).toBe('failed');
  const fresh = await exploreScenario(file, { params: { version: 'new', by: 2 } });
  expect(exploreVerdict(fresh)).toBe('passed');
});

test('what is wrong with a file is said', async () => {
  await expect(exploreScenario(fixture('random'))).rejects.toThrow('it calls Math.random');
});

test('an option that would mean nothing is refused', async () => {
  const explored = (options: object) => exploreScenario(fixture('lost-update'), options);
  await expect(explored({ keepGoing: true })).rejects.toThrow('keepGoing means nothing');
  await expect(explored({ explore: { preemptions: 1 } })).rejects.toThrow(
    'preemptions means nothing where schedules are explored; explore takes machines, model, search',
  );
  const cut = await exploreScenario(fixture('lost-update'), { explore: { maxSteps: 1 } });
  expect(exploreVerdict(cut)).not.toBe('passed');
  const run = { explore: true } as object;
  await expect(runScenario(fixture('lost-update'), run)).rejects.toThrow('call exploreScenario');
});

test('timeMs is the budget', async () => {
  const scenario = await exploreScenario(fixture('eight'), { timeMs: 1 });
  expect(exploreVerdict(scenario)).toBe('not enough');
});
