import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { rulesWithModel, scenarioProgram } from '../../lib/explore/index.ts';
import * as model from '../../lib/explore/model/model.ts';
import { discover, type Found } from '../../lib/stress/index.ts';

vi.mock(import('../../lib/explore/model/model.ts'), async (original) => {
  const { modelOf, ...rest } = await original();
  return { ...rest, modelOf: vi.fn(modelOf) };
});

async function find(name: string): Promise<Found> {
  const file = fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
  const [found] = await discover([file]);
  if (!found) throw new Error(`${name} is no scenario`);
  return found;
}

afterEach(() => {
  vi.mocked(model.modelOf).mockReset();
});

test.each([
  ['random', 'it calls Math.random'],
  [
    'needs-crypto',
    'it threw ReferenceError: crypto is not defined (test/explore/fixtures/needs-crypto.ts:5',
  ],
])('the table of %s, which cannot be explored, stays as it is', async (name, why) => {
  const found = await find(name);
  expect(rulesWithModel(found)).toEqual(found.scenario.rules);
  // the reason is for whoever explores
  const explored = () => scenarioProgram(found, { patienceMs: 100 }).trees.root(0);
  expect(explored).toThrow(why);
});

test('an actor that makes more steps than a model can look at leaves the table as it is', async () => {
  const found = await find('endless');
  expect(rulesWithModel(found)).toEqual(found.scenario.rules);
});

test('a fault of the explorer comes through', async () => {
  const fault = new TypeError('a fault of ours');
  vi.mocked(model.modelOf).mockImplementation(() => {
    throw fault;
  });
  const found = await find('torn');
  expect(() => rulesWithModel(found)).toThrow(fault);
});
