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
  [['--reduce'], '--reduce means nothing for the kernel side'],
  [['--programs', '3'], '--programs means nothing for the kernel side'],
  [['--strategy', 'pct'], '--strategy means nothing for the kernel side'],
  [['--max-steps', '3'], '--max-steps means nothing for the kernel side'],
  [['--replay', 'k2', '--lenient'], '--lenient means nothing for the kernel side'],
  [['--seed', '3'], '--seed is of --random: give both, or none'],
  [['--random', '3', '--delays', '1'], '--delays means nothing beside --random'],
  [['--replay', 'k2', '--time', '1s'], '--time means nothing beside --replay'],
  [['--replay', 'k2', '--json', 'x'], '--json means nothing beside --replay'],
  [['--list', '--max-states', '5'], '--max-states means nothing beside --list'],
  [['--machine', 'sc', '--delays', '1'], '--delays means nothing under sc'],
])('of the kernel side %j is a mistake', async (options, message) => {
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await exploreCommand().parseAsync(['kernel/hand-over', ...options], { from: 'user' });
  expect(told).toHaveBeenCalledWith(expect.stringContaining(message));
  expect(process.exitCode).toBe(2);
  told.mockRestore();
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
