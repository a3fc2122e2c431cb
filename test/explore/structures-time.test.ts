// What a search of a structure says where its time ends, and what results of other options are told by.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type ExploreOptions, explore, optionsText } from '../../lib/explore/index.ts';
import { discover } from '../../lib/stress/index.ts';

const options: ExploreOptions = {
  machines: ['sc'],
  search: { kind: 'all' },
  seed: 1,
  timeMs: undefined,
  maxStates: 1_000_000,
};
/** A program with more states than are searched without a bound. */
const LARGE = 'push(1), push(2), pop(), push(3) | push(4), pop(), pop(), pop() | push(4), pop()';
const WHOLE_STATES = 20_000;

test('where the time was over behind the small search, that is why', async () => {
  const name = '../linearizability/fixtures/queue.linear.ts';
  const found = await discover([fileURLToPath(new URL(name, import.meta.url))]);
  let isStopped = false;
  const { scenarios } = explore(found, {
    ...options,
    tool: '',
    program: LARGE,
    isStopped: () => isStopped,
    onEvent: (event) => {
      isStopped ||= event.kind === 'progress' && (event.states ?? 0) > WHOLE_STATES;
    },
  });
  const coverage = scenarios[0]?.machines[0]?.coverage;
  expect(coverage?.why).toBe(`${LARGE}: the time was over`);
  expect(coverage?.kind).toBe('part');
});

test('a program that was asked for has all states of the budget, and a bound is claimed beside them', async () => {
  const name = '../linearizability/fixtures/queue.linear.ts';
  const found = await discover([fileURLToPath(new URL(name, import.meta.url))]);
  // with an outcome that nobody reaches no failure is made small
  const budget = { maxStates: WHOLE_STATES + 10_000, outcome: 'none' };
  const { scenarios } = explore(found, { ...options, ...budget, tool: '', program: LARGE });
  const coverage = scenarios[0]?.machines[0]?.coverage;
  expect(coverage?.why).toBe(`${LARGE}: more than 30000 states`);
  expect(coverage?.states).toBeGreaterThan(WHOLE_STATES);
  expect(coverage).toMatchObject({ kind: 'part', within: { preemptions: expect.any(Number) } });
});

test('programs are counted in the options that results have', () => {
  expect(optionsText({ ...options, programs: 1 })).toContain('; 1 program of seed 1');
  expect(optionsText({ ...options, programs: 2 })).toContain('; 2 programs of seed 1');
  expect(optionsText({ ...options, programs: 20 })).not.toContain('of seed');
});
