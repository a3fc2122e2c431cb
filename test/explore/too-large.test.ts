// What goes beyond a bound of the explorer's is no mistake of the user's: a part is explored, and that is said.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { explore, type Machines, type Search } from '../../lib/explore/index.ts';
import { scenarioProgram } from '../../lib/explore/scenario-program.ts';
import { shortestSchedule } from '../../lib/explore/shortest.ts';
import { exploreHtml } from '../../lib/report/explore-html.ts';
import type { ExploredScenario } from '../../lib/report/explore-result.ts';
import { coverageText, exploreStatus, exploreText } from '../../lib/report/explore-text.ts';
import { mergeExplored } from '../../lib/report/merge-explored.ts';
import { noPaint } from '../../lib/report/paint.ts';
import { discover, type Found } from '../../lib/stress/index.ts';

const ALL: Search = { kind: 'all' };

async function explored(name: string, search: Search, machines: Machines, maxStates = 1_000_000) {
  const file = fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
  const options = { search, machines: [machines], maxStates, seed: 1, timeMs: undefined, tool: '' };
  const result = explore(await discover([file]), options);
  const [machine] = result.scenarios[0]?.machines ?? [];
  if (!machine) throw new Error(`${name} was not explored`);
  return { ...machine, status: exploreStatus(result) };
}

/** Counted by hand: so many stores were made, and no more than that have left the buffer. */
function statesOfStores(stores: number): number {
  const fillings = ((stores + 1) * (stores + 2)) / 2;
  // the reader has not looked yet, or has; once all stores have left it may have seen either value
  return 2 * fillings + 1;
}

test('an actor may have any number of stores in its buffer', async () => {
  const { coverage, ends, status } = await explored('fills-a-large-array', ALL, 'tso');
  expect(coverage).toMatchObject({ kind: 'all', states: statesOfStores(257) });
  expect(ends.map(({ text }) => text).sort()).toEqual(['0', '257']);
  expect(status).toBe(0);
});

test('where the budget has no room for them that is said, and is no verdict', async () => {
  const { coverage, status } = await explored('fills-a-large-array', ALL, 'tso', 30_000);
  expect(coverageText(coverage)).toContain('a part only');
  expect(status).toBe(3);
});

const searches: readonly Search[] = [
  ALL,
  { kind: 'preemptions', bound: 1 },
  { kind: 'reduced' },
  { kind: 'random', executions: 20, strategy: 'uniform' },
  { kind: 'random', executions: 20, strategy: 'pct' },
];

test.each(searches)('more promises than are kept are a part only, by %o', async (search) => {
  const { coverage, status } = await explored('many-promises', search, 'sc');
  expect(coverageText(coverage)).toMatch(/a part only.*: more than 64 waits at the same time/);
  expect(status).toBe(3);
});

test.each([
  [1_000_000, 'more than 64 waits at the same time'],
  [10, 'more than 10 states; give a greater --max-states'],
])('why there is no shortest schedule with %i states is said', async (maxStates, why) => {
  const file = fileURLToPath(new URL('fixtures/many-promises.ts', import.meta.url));
  const [found] = await discover([file]);
  const program = scenarioProgram(found as Found, {});
  expect(shortestSchedule(program, 'sc', () => true, { maxStates })).toBe(why);
  expect(shortestSchedule(program, 'sc', () => true, { maxStates, isOver: () => true })).toBe(
    'the time was over; give more --time',
  );
});

/** All of its states: those of the search for the shortest schedule tell apart who ran last, too. */
const STATES_OF_TWICE_TWO_STEPS = 13;

test.each([
  [fileURLToPath(new URL('fixtures/lost-update.ts', import.meta.url)), undefined, '1'],
  ['litmus/sb', '1, 1', '1, 1'],
])(
  'where the budget has no room for the schedule of %s that is said',
  async (name, outcome, end) => {
    const found = await discover([name]);
    const run = (maxStates: number) => {
      const machines = ['sc'] as const;
      const budget = { maxStates, timeMs: undefined };
      const result = explore(found, {
        search: ALL,
        machines,
        seed: 1,
        tool: '',
        outcome,
        ...budget,
      });
      const [scenario] = result.scenarios as readonly [ExploredScenario];
      expect(scenario.machines[0]?.coverage.kind).toBe('all');
      return scenario;
    };
    const small = run(STATES_OF_TWICE_TWO_STEPS);
    const why = `no shortest schedule to ${end} is shown: more than ${STATES_OF_TWICE_TWO_STEPS} states; give`;
    expect(small.failure).toBeUndefined();
    expect(exploreText({ scenarios: [small] }, { paint: noPaint })).toContain(`  ${why}`);
    expect(exploreHtml([small])).toContain(why);
    const large = run(2 * STATES_OF_TWICE_TWO_STEPS);
    expect([large.failure?.end.text, large.noSchedule]).toEqual([end, undefined]);
    for (const two of [
      [small, large],
      [large, small],
    ]) {
      const runs = two.map((scenario) => ({ ...RUN, scenarios: [scenario] }));
      const [merged] = mergeExplored(runs);
      expect([merged?.failure, merged?.noSchedule]).toEqual([large.failure, undefined]);
    }
  },
);

const RUN = {
  format: 'syslets-explore',
  version: 1,
  tool: '',
  started: '',
  ms: 0,
  shard: null,
  options: '',
} as const;
