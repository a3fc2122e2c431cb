import { expect, test } from 'vitest';
import { exploreVerdict } from '../../lib/report/explore-text.ts';
import { exploreScenario, testScenario } from '../../lib/vitest/index.ts';

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
