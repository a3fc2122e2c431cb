import { afterEach, expect, test, vi } from 'vitest';
import { exploreCommand } from '../../lib/cli/explore.ts';
import { exploreKernel } from '../../lib/cli/explore-kernel.ts';

// What is asked here is what the command asks for: a search of so many states takes a while.
vi.mock('../../lib/cli/explore-kernel.ts', () => ({
  isKernelName: () => true,
  exploreKernel: vi.fn(async () => 0),
}));

afterEach(() => {
  process.exitCode = undefined;
});

test.each([
  [[], undefined],
  [['--max-states', '1000000'], 1_000_000],
  [['--max-states', '20000000'], 20_000_000],
])('of the kernel side %j is a limit of %s states', async (options, maxStates) => {
  const names = ['kernel/hand-over'];
  await exploreCommand().parseAsync([...names, ...options], { from: 'user' });
  expect(exploreKernel).toHaveBeenLastCalledWith(names, expect.objectContaining({ maxStates }));
});
