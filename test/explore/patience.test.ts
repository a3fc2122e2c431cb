import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { StateGraph, scenarioProgram } from '../../lib/explore/index.ts';
import { discover } from '../../lib/stress/index.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));

/** Its outcomes, where actors may go on for 2 ms without an access. */
async function outcomes(name: string): Promise<readonly string[]> {
  const [found] = await discover([fixture(name)]);
  if (!found) throw new Error(`${name} is no scenario`);
  const graph = new StateGraph(scenarioProgram(found, { patienceMs: 2 }), 'sc');
  graph.search({ maxStates: 1000 });
  return graph.result().ends.map(({ text }) => text);
}

afterEach(() => {
  vi.restoreAllMocks();
});

test('an actor that has used up its patience is refused', async () => {
  await expect(outcomes('computes')).rejects.toThrow(
    'actor slow has run for 0.002 s without an access',
  );
});

test('one that had no processor meanwhile is run again, with more time', async () => {
  vi.spyOn(process, 'cpuUsage').mockReturnValue({ user: 0, system: 0 });
  expect(await outcomes('computes')).toEqual(['1']);
});

test('setup that has used up its patience is refused', async () => {
  await expect(outcomes('computes-alone')).rejects.toThrow('setup has run for 0.002 s');
});

test('setup and arbiter that had no processor are begun again, and nothing of before is left', async () => {
  vi.spyOn(process, 'cpuUsage').mockReturnValue({ user: 0, system: 0 });
  expect(await outcomes('computes-alone')).toEqual(['4']);
});
