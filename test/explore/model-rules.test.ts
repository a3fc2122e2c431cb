import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
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
  vi.restoreAllMocks();
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

test('all runs of a scenario have one limit: each is a thread of V8', async () => {
  const run = vi.spyOn(Script.prototype, 'runInContext');
  rulesWithModel(await find('torn'));
  const limits = run.mock.calls.filter(([, options]) => options?.timeout !== undefined);
  expect(run.mock.calls.length).toBeGreaterThan(20);
  // more than one where it had no processor
  expect(limits.length).toBeLessThan(5);
});

test('an actor that never ends leaves the table as it is, also where it is begun again', async () => {
  const cpuUsage = vi.spyOn(process, 'cpuUsage');
  const limits: number[] = [];
  const run = Script.prototype.runInContext;
  vi.spyOn(Script.prototype, 'runInContext').mockImplementation(function (
    this: Script,
    context,
    options,
  ) {
    if (options?.timeout === undefined) return run.call(this, context, options);
    limits.push(options.timeout);
    return run.call(this, context, { ...options, timeout: 20 });
  });
  const found = await find('never-ends');
  // first the limit is over without a processor, then with one
  cpuUsage.mockReturnValueOnce({ user: 0, system: 0 });
  cpuUsage.mockReturnValueOnce({ user: 0, system: 0 });
  cpuUsage.mockReturnValue({ user: 60e6, system: 0 });
  expect(rulesWithModel(found)).toEqual(found.scenario.rules);
  expect(limits).toEqual([5000, 10_000]);
});

test('a fault of the explorer comes through', async () => {
  const fault = new TypeError('a fault of ours');
  vi.mocked(model.modelOf).mockImplementation(() => {
    throw fault;
  });
  const found = await find('torn');
  expect(() => rulesWithModel(found)).toThrow(fault);
});
