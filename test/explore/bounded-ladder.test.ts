import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { explore, type Search } from '../../lib/explore/index.ts';
import { coverageText, exploreStatus } from '../../lib/report/explore-text.ts';
import { discover } from '../../lib/stress/index.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
const lostUpdate = fixture('lost-update');

async function explored(
  name: string,
  search: Search,
  maxStates: number,
  machines: 'sc' | 'tso' = 'sc',
) {
  const options = { search, machines: [machines], seed: 1, timeMs: undefined, tool: '' } as const;
  const result = explore(await discover([name]), { ...options, maxStates });
  const [machine] = result.scenarios[0]?.machines ?? [];
  if (!machine) throw new Error(`${name} was not explored`);
  return { ...machine, status: exploreStatus(result), failure: result.scenarios[0]?.failure };
}

test('a search that is too large says within which bound it is all, and is no verdict', async () => {
  const { coverage, ends, status } = await explored('wait/mutex', { kind: 'all' }, 3000);
  expect(coverage).toMatchObject({ kind: 'part', why: 'more than 3000 states' });
  const { preemptions = -1, executions, states } = coverage.within ?? {};
  const bounded = await explored(
    'wait/mutex',
    { kind: 'preemptions', bound: preemptions },
    1_000_000,
  );
  expect(bounded.coverage).toEqual({ kind: 'preemptions', preemptions, executions, states });
  expect(bounded.status).toBe(0);
  expect(status).toBe(3);
  // the table counts what the headline does
  expect(ends[0]?.executions).toBe('78');
  expect(coverageText(coverage)).toMatch(
    /^all with up to 1 preemption: 78 \(493 states\); with more a part only: more than 3000 states/,
  );
});

test('a bound that the budget leaves no room for is said, with what has room', async () => {
  const { coverage } = await explored('wait/mutex', { kind: 'all' }, 1000);
  expect(coverage.within).toMatchObject({ preemptions: 1, states: 493 });
  const text = coverageText(coverage);
  const [, bound = '', room = ''] = text.match(/: --preemptions (\d) --max-states (\d+)$/) ?? [];
  expect(text).toContain(`; 2 would take some `);
  expect(bound).toBe('2');
  // and it has
  const wanted = { kind: 'preemptions', bound: Number(bound) } as const;
  const { coverage: whole } = await explored('wait/mutex', wanted, Number(room));
  expect(whole).toMatchObject({ kind: 'preemptions', preemptions: 2 });
});

test('a bound that is too large falls back to a lower one', async () => {
  const { coverage } = await explored('wait/mutex', { kind: 'preemptions', bound: 3 }, 1000);
  expect(coverage).toMatchObject({ kind: 'part', preemptions: 3, within: { preemptions: 1 } });
});

test('the table counts no less than the headline, wherever the budget cuts a bound', async () => {
  for (let maxStates = 330; maxStates <= 400; maxStates += 5) {
    const { coverage, ends } = await explored('wait/mutex', { kind: 'all' }, maxStates);
    const counted = ends.reduce((sum, { executions }) => sum + Number(executions), 0);
    expect(coverage.kind).toBe('part');
    expect(counted, `${maxStates} states`).toBeGreaterThanOrEqual(
      Number(coverage.within?.executions),
    );
  }
});

test('one in which nobody can be preempted more often is searched whole all the same', async () => {
  const filled = fixture('fills-an-array');
  const { coverage, ends } = await explored(filled, { kind: 'all' }, 1_000_000, 'tso');
  expect(coverage).toMatchObject({ kind: 'all', states: 44_732 });
  expect(ends.map(({ text }) => text)).toEqual(['0']);
});

test('one that no bound fits into claims nothing', async () => {
  const { coverage } = await explored('wait/mutex', { kind: 'all' }, 10);
  expect(coverage.within).toBeUndefined();
  expect(coverageText(coverage)).toMatch(/^a part only, no claim: more than 10 states/);
});

test('what a bound has shown is not forgotten', async () => {
  const whole = await explored(lostUpdate, { kind: 'all' }, 1000);
  const budgets = Array.from({ length: whole.coverage.states - 1 }, (_, index) => index + 1);
  for (const maxStates of budgets) {
    const { coverage, ends, status } = await explored(lostUpdate, { kind: 'all' }, maxStates);
    const isShown = (coverage.within?.preemptions ?? 0) > 0;
    if (isShown) expect(ends.map(({ text }) => text)).toContain('1');
    const isWrong = ends.some(({ text }) => text === '1');
    expect(status, `${maxStates} states`).toBe(isWrong ? 1 : coverage.kind === 'part' ? 3 : 0);
  }
});
