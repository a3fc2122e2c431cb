import { expect, test } from 'vitest';
import { MeetChoice } from '../../lib/stress/meet-choice.ts';
import { ARMS, type Arm, Schedule } from '../../lib/stress/schedule.ts';
import { StrideSize } from '../../lib/stress/stride-size.ts';

/** How often threads meet before each sample, of so many strides that cost this much. */
function meetings(strides: number, { walking, meeting }: Record<'walking' | 'meeting', number>) {
  const choice = new MeetChoice(0, true);
  let met = 0;
  for (let stride = 0; stride < strides; stride++) {
    met += choice.sync;
    choice.learn(choice.sync === 1 ? meeting : walking);
  }
  return met;
}

test('threads that share processors meet before each sample where that takes more of them', () => {
  expect(meetings(320, { walking: 1, meeting: 0.1 })).toBeGreaterThan(300);
  expect(meetings(320, { walking: 1, meeting: 2 })).toBeLessThan(20);
  // what is quick is never held up
  expect(meetings(320, { walking: 0.001, meeting: 0.0001 })).toBe(0);
});

test('with a `sync` of their own, or on processors of their own, they meet as they are told', () => {
  for (const [sync, isFree] of [
    [8, true],
    [0, false],
  ] as const) {
    const choice = new MeetChoice(sync, isFree);
    choice.learn(1);
    choice.learn(1);
    expect(choice.sync).toBe(sync);
  }
});

/** States of the stride after so many whose samples cost each thread this, in ns. */
function sizeAfter(strides: number, costs: readonly number[]): number {
  const size = new StrideSize(2, 16_384);
  for (let stride = 0; stride < strides; stride++) size.learn(costs);
  return size.active;
}

test('quick samples have long strides, slow ones short strides, down to a single state', () => {
  expect(sizeAfter(10, [10, 10])).toBe(16_384);
  expect(sizeAfter(10, [20_000, 10])).toBeLessThan(500);
  expect(sizeAfter(10, [50e6, 10])).toBe(1);
});

test('a thread that has waited for a processor once does not shorten them', () => {
  const size = new StrideSize(2, 16_384);
  for (let stride = 0; stride < 10; stride++) size.learn([10, 10]);
  size.learn([5e6, 10]);
  expect(size.active).toBe(16_384);
});

/** How many rounds each arm has, where one alone shows an outcome that the others do not. */
function rounds(count: number, lone: Arm): ReadonlyMap<Arm, number> {
  const schedule = new Schedule(ARMS, 7);
  const had = new Map<Arm, number>();
  for (let round = 0; round < count; round++) {
    const { arm, ms } = schedule.next();
    had.set(arm, (had.get(arm) ?? 0) + 1);
    schedule.learn(arm, ms, arm === lone ? { usual: 1000, rare: 1 } : { usual: 1000 });
  }
  return had;
}

test('the arm that shows what no other shows has most rounds, and each has its turns', () => {
  const lone = ARMS[5] as Arm;
  const had = rounds(400, lone);
  const others = ARMS.filter((arm) => arm !== lone).map((arm) => had.get(arm) ?? 0);
  expect(had.get(lone)).toBeGreaterThan(2 * Math.max(...others));
  expect(Math.min(...others)).toBeGreaterThan(400 / ARMS.length / 2 - 1);
});
