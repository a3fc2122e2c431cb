import { Script } from 'node:vm';
import { afterEach, expect, test, vi } from 'vitest';
import { explore } from '../../lib/explore/index.ts';
import { discover } from '../../lib/stress/index.ts';

const OPTIONS = {
  tool: '',
  machines: ['sc', 'tso'],
  model: true,
  search: { kind: 'all' },
  seed: 1,
  timeMs: undefined,
  maxStates: 4000,
} as const;

/** How many limits V8 was asked for: each is a thread. */
function countLimits(): () => number {
  const runs = vi.spyOn(Script.prototype, 'runInContext');
  return () => runs.mock.calls.filter(([, options]) => Object(options).timeout > 0).length;
}

async function exploredSb() {
  const { scenarios } = explore(await discover(['litmus/sb']), OPTIONS);
  return scenarios;
}

afterEach(() => {
  vi.restoreAllMocks();
});

test('a limit is for all short runs of a scenario, not for each of them', async () => {
  vi.spyOn(process, 'cpuUsage').mockReturnValue({ user: 0, system: 0 });
  // the limit by the clock, which a busy machine reaches, is not meant here
  const { runInContext } = Script.prototype;
  vi.spyOn(Script.prototype, 'runInContext').mockImplementation(function (
    this: Script,
    context,
    options,
  ) {
    const { timeout = 0, ...others } = Object(options);
    if (timeout > 0) limits++;
    return runInContext.call(this, context, others);
  });
  let limits = 0;
  await exploredSb();
  // the file in three realms, and one for all that comes then
  expect(limits).toBe(4);
});

test('what takes longer begins anew with a limit for each run, and finds the same', async () => {
  const quick = await exploredSb();
  const limits = countLimits();
  let user = 0;
  // each look at the processor time is two seconds after the one before
  vi.spyOn(process, 'cpuUsage').mockImplementation(() => {
    user += 2_000_000;
    return { user, system: 0 };
  });
  expect(await exploredSb()).toEqual(quick);
  // the file in six realms, one for all, and one for each run
  expect(limits()).toBeGreaterThan(10);
});
