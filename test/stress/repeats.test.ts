import { expect, test } from 'vitest';
import { epochMs } from '../../lib/stress/epoch.ts';
import { DEFAULT_CONFIG } from '../../lib/stress/plan.ts';
import { Repeats } from '../../lib/stress/repeats.ts';
import { SessionTally } from '../../lib/stress/session-tally.ts';

const ROUND = { config: DEFAULT_CONFIG, seed: 7, ms: 20, untilFound: false };
const FIRST = 3;
const TOOK_MS = 5;

test('rounds from the first repetition on are counted, and those that showed it', () => {
  const repeats = new Repeats(ROUND, FIRST, TOOK_MS, epochMs() + 60_000);
  repeats.see(FIRST - 1, 20, true);
  repeats.see(FIRST, 3, true);
  repeats.see(FIRST + 1, 20, false);
  expect(repeats.result).toEqual({ runs: 2, shown: 1, ms: 20, tookMs: 23 });
});

test('where the time is over before a repetition is, nothing was measured', () => {
  const repeats = new Repeats(ROUND, FIRST, TOOK_MS, epochMs() - 1);
  expect(repeats.isOver).toBe(true);
  expect(repeats.result).toBeUndefined();
  const tally = new SessionTally();
  tally.add(ROUND, 20, { '1, 0': 1 });
  tally.setAgain(ROUND, repeats.result);
  expect(tally.parts()[0]).not.toHaveProperty('again');
});
