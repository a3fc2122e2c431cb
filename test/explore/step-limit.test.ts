import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { explore, type Search } from '../../lib/explore/index.ts';
import { exploreStatus, exploreText } from '../../lib/report/explore-text.ts';
import { discover } from '../../lib/stress/index.ts';

const plain = (text: string) => text;
const paint = new Proxy({}, { get: () => plain }) as never;
const file = fileURLToPath(new URL('fixtures/endless.ts', import.meta.url));
const found = await discover([file]);

const searches: readonly Search[] = [
  { kind: 'all' },
  { kind: 'reduced' },
  { kind: 'preemptions', bound: 1 },
  { kind: 'random', executions: 20, strategy: 'uniform' },
  { kind: 'random', executions: 20, strategy: 'pct' },
];

test.each(searches)('an actor that goes on beyond the limit is no verdict, by %o', (search) => {
  const options = { search, maxSteps: 30, maxStates: 10_000, seed: 1, timeMs: undefined, tool: '' };
  const result = explore(found, { ...options, machines: ['sc', 'tso'] });
  for (const { ends } of result.scenarios[0]?.machines ?? []) {
    expect(ends.map(({ kind }) => kind)).toEqual(['step limit']);
    expect(ends[0]?.text).toMatch(/^count has made 30 accesses and goes on .*endless\.ts:\d+:\d+/);
  }
  expect(result.scenarios[0]?.failure).toBeUndefined();
  expect(exploreStatus(result)).toBe(3);
  expect(exploreText(result, { paint })).toContain('greater --max-steps');
  // no line calls them all that there are
  expect(exploreText(result, { paint })).toMatch(
    / {2}sc .*; cut: [\d,]+ at --max-steps\n {2}tso .*; cut: /,
  );
});
