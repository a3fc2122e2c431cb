import { expect, test, vi } from 'vitest';

const shown = vi.hoisted(() => [] as string[]);
vi.mock('../../lib/cli/write-out.ts', async (original) => ({
  ...(await original<object>()),
  terminalOfErrors: () => ({ write: (text: string) => shown.push(text) }),
}));

import { ExploreOutput } from '../../lib/cli/explore-output.ts';

test('the line of progress names each machine, however short the search before it was', () => {
  vi.spyOn(performance, 'now').mockReturnValue(1000);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const output = new ExploreOutput({});
  const where = { kind: 'progress', scenario: 'one', index: 1, count: 1 } as const;
  for (const machine of ['sc', 'tso'] as const) output.onEvent({ ...where, machine });
  for (const states of [1, 2]) output.onEvent({ ...where, states, executions: 0 });
  vi.restoreAllMocks();
  expect(shown.filter((text) => text.includes('one'))).toEqual(
    ['sc', 'tso'].map((machine) => expect.stringContaining(`one (1 of 1): ${machine}`)),
  );
});
