import { expect, test } from 'vitest';
import type { TrialConfig } from '../../lib/report/result.ts';
import { type PlannedScenario, planSessions, sessionTime } from '../../lib/stress/plan.ts';

const NATIVE: PlannedScenario = { index: 0, kind: 'native' };
const SCRIPTED: PlannedScenario = { index: 0, kind: 'scripted' };
const COMMON = { seed: 7, shard: null };

function shares(scenarios: readonly PlannedScenario[], timeMs: number): readonly number[] {
  return planSessions({ ...COMMON, scenarios, timeMs }).map(({ share }) => share);
}

test('where a process keeps its configuration, each has a short turn before any has a long one', () => {
  const plan = planSessions({ ...COMMON, scenarios: [NATIVE], timeMs: 60_000 });
  expect(plan.map(({ share }) => share)).toEqual([...Array(8).fill(1), ...Array(8).fill(4)]);
  const first = plan.slice(0, 8).map(({ config }) => config.placement);
  expect(new Set(first)).toEqual(new Set(['spread', 'free', 'one']));
  expect(plan.every(({ isFixed }) => isFixed)).toBe(true);
});

test('threads of a structure are apart first, and nothing is fixed that means nothing to them', () => {
  const scenarios = [{ index: 0, kind: 'structure' }] as const;
  const configs = planSessions({ ...COMMON, scenarios, timeMs: 60_000 }).map(
    ({ config }) => config,
  );
  expect(configs.length).toBeGreaterThan(8);
  expect(configs.slice(0, 2).map(({ placement }) => placement)).toEqual(['spread', 'free']);
  for (const config of configs) {
    expect(config).toMatchObject({ order: 'sequential', padding: 'packed' });
    expect(config.stride).toBeLessThanOrEqual(512);
  }
  const config = { ...(configs[0] as TrialConfig), stride: 4096, order: 'shuffled' } as const;
  const [only] = planSessions({ ...COMMON, scenarios, timeMs: 2000, config });
  expect(only?.config).toEqual({ ...config, stride: 512, order: 'sequential' });
});

test('a short turn is a second at least, and there is always one', () => {
  expect(shares([NATIVE], 100)).toEqual([1]);
  expect(shares([NATIVE], 3500)).toEqual([1, 1, 1]);
  expect(shares([NATIVE], 12_000)).toEqual([...Array(8).fill(1), 4]);
  expect(shares([NATIVE, { ...NATIVE, index: 1 }], 4000)).toEqual([1, 1, 1, 1]);
});

test('threads that change their configuration have turns that are alike', () => {
  expect(shares([SCRIPTED], 10_000)).toEqual([1, 1, 1, 1, 1]);
  expect(shares([SCRIPTED, { ...NATIVE, index: 1 }], 8000)).toEqual([1, 1, 1, 1]);
});

test('one configuration has all the time, and the seed of the user', () => {
  const [{ config } = {}] = planSessions({ ...COMMON, scenarios: [NATIVE], timeMs: 2000 });
  const plan = planSessions({ ...COMMON, scenarios: [NATIVE], timeMs: 60_000, config });
  expect(plan).toMatchObject([{ config, seed: 7, share: 1, isFixed: true }]);
});

test('shards deal the sessions out', () => {
  const options = { ...COMMON, scenarios: [NATIVE], timeMs: 6000 };
  const shard = (index: number) => planSessions({ ...options, shard: { index, count: 2 } });
  const whole = planSessions({ ...options, timeMs: 12_000 });
  const dealt = [...shard(1), ...shard(2)].map(({ seed }) => seed).sort();
  expect(dealt).toEqual(whole.map(({ seed }) => seed).sort());
});

/** The part of the next session, of so many alike, in seconds. */
function next(sessions: number, time: { left: number; start: number; waiting: number }) {
  const rest = planSessions({ ...COMMON, scenarios: [SCRIPTED], timeMs: 2000 * sessions });
  expect(rest).toHaveLength(sessions);
  const { left, start, waiting } = time;
  const { ms, leastMs } = sessionTime(rest, {
    leftMs: left * 1000,
    startMs: start * 1000,
    waiting,
  });
  return [ms / 1000, leastMs / 1000];
}

test('quick starts leave each session its part, and half of that for samples', () => {
  expect(next(5, { left: 10, start: 0, waiting: 5 })).toEqual([2, 1]);
  expect(next(5, { left: 10, start: 0.2, waiting: 5 })).toEqual([2, 1]);
});

test('where starts are slow, scenarios that have samples have fewer sessions', () => {
  expect(next(16, { left: 32, start: 4, waiting: 0 })).toEqual([8, 4]);
  expect(next(16, { left: 32, start: 4, waiting: 3 })).toEqual([8, 4]);
});

test('where the time is short, each that waits has a moment for samples', () => {
  expect(next(8, { left: 32, start: 3, waiting: 8 })).toEqual([4, 1]);
  expect(next(8, { left: 32, start: 8, waiting: 8 })).toEqual([10, 2]);
  // as long as the time lasts
  expect(next(8, { left: 6, start: 8, waiting: 8 })).toEqual([6, 1.2]);
});
