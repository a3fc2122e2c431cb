import { expect, test } from 'vitest';
import { newHistory } from '../../lib/linearizability/index.ts';
import { mixSeed, random } from '../../lib/random.ts';
import { canonical } from '../../lib/stress/histories/canonical.ts';
import { scheduleOf } from '../../lib/stress/histories/schedule.ts';
import { SeenHistories } from '../../lib/stress/histories/seen-histories.ts';

const SEED = Number(process.env.SYSLETS_TEST_SEED ?? Date.now() % 2 ** 32);
const ROUNDS = 2000;
const CALLS = 8;

/** Calls that begin and end at random; stamps as walkers take them. */
function stamped(round: number) {
  const next = random(mixSeed(SEED, round));
  const history = newHistory(CALLS);
  let ended = 0;
  const going: number[] = [];
  for (let begun = 0; begun < CALLS || going.length > 0; ) {
    if (begun < CALLS && (going.length === 0 || next() % 2 === 0)) {
      history.begin[begun] = ended;
      going.push(begun++);
    } else {
      const [call] = going.splice(next() % going.length, 1);
      history.end[call as number] = ended++;
    }
  }
  return history;
}

function order({ begin, end }: { begin: Int32Array; end: Int32Array }): string {
  return [...end].map((one) => [...begin].map((other) => (one < other ? 1 : 0)).join('')).join();
}

test('renumbered stamps say the same of each two calls, and are the same where that is', () => {
  console.log(`SYSLETS_TEST_SEED=${SEED}`);
  const known = new Map<string, string>();
  for (let round = 0; round < ROUNDS; round++) {
    const history = stamped(round);
    const before = order(history);
    canonical(history);
    expect(order(history)).toBe(before);
    const text = `${history.begin} ${history.end}`;
    expect(known.get(before) ?? text).toBe(text);
    known.set(before, text);
  }
});

test('each different history is checked once, and none is taken for another', () => {
  const seen = new SeenHistories(2);
  const checked: string[] = [];
  const history = newHistory(2);
  const verdictOf = (a: number, b: number) => {
    history.result.set([a, b]);
    return seen.verdict(history, () => {
      checked.push(`${a} ${b}`);
      return (a + b) % 3;
    });
  };
  let wrong = 0;
  for (let times = 0; times < 2; times++) {
    for (let a = 0; a < 120; a++) {
      for (let b = 0; b < 120; b++) if (verdictOf(a, b) !== (a + b) % 3) wrong++;
    }
  }
  expect(wrong).toBe(0);
  expect(checked.length).toBe(120 * 120);
  expect(seen.size).toBe(120 * 120);
});

test('a schedule makes each call once, in the order of its thread, on processors that are there', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const calls = [3, 4, 1];
    const schedule = scheduleOf({
      seed: SEED,
      round,
      calls,
      cpus: [0, 1, 0],
      together: 2,
      isWhole: false,
      sync: 0,
    });
    const made: number[] = [0, 0, 0];
    for (const { parts, before, after } of schedule.phases) {
      expect(before).toBe(made.reduce((sum, one) => sum + one, 0));
      const threads = parts.map(({ thread }) => thread);
      expect(threads.includes(0) && threads.includes(2)).toBe(false);
      for (const { thread, from, to } of parts) {
        expect(from).toBe(made[thread]);
        expect(to).toBeGreaterThan(from);
        made[thread] = to;
      }
      expect(after).toBe(made.reduce((sum, one) => sum + one, 0));
    }
    expect(made).toEqual(calls);
  }
});
