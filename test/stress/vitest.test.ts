import { expect, test } from 'vitest';
import { runScenario, ScenarioFailure, testScenario } from '../../dist/vitest/index.js';
import { fixture } from './stress.ts';

const file = (name: string) => new URL(`fixtures/${name}`, import.meta.url);

// what a user writes
testScenario("a user's queue keeps its order", file('ring-buffer.scenario.ts'), { timeMs: 8000 });

test('a scenario that fails has its table and the command in the error', async () => {
  const scenario = await runScenario(file('unlisted.ts'), { timeMs: 60_000, seed: 4 });
  expect(scenario.verdict).toBe('failed');
  const { message } = new ScenarioFailure(scenario);
  expect(message).toContain('123456, -7');
  expect(message).toMatch(/again: syslets stress \S*unlisted\.ts --config placement=/);
});

test('a configuration, a path, and a limit', async () => {
  const config = { placement: 'free', jit: 'cold' } as const;
  const scenario = await runScenario(fixture('hangs.ts'), {
    timeMs: 60_000,
    config,
    timeoutMs: 200,
  });
  expect(scenario.troubles[0]).toMatchObject({ end: 'hung', config });
});

test('a structure has time enough for a verdict, and no option that means nothing', async () => {
  const queue = new URL('../linearizability/fixtures/queue.linear.ts', import.meta.url);
  const scenario = await runScenario(queue, { seed: 3 });
  expect(scenario.verdict).not.toBe('failed');
  expect(scenario.minPrograms).toBe(50);
  await expect(runScenario(queue, { config: { padding: 'lines' } })).rejects.toThrow(
    "config: 'padding' means nothing for a structure",
  );
});

test('a file that is no scenario throws what is wrong with it', async () => {
  await expect(runScenario(file('no-scenario.ts'))).rejects.toThrow('has no scenario');
});
