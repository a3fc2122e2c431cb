// A run of a program on a machine that gives it no time: how long it goes on.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { STOP } from '../../lib/stress/control.ts';
import { Rounds } from '../../lib/stress/histories/rounds.ts';

const ROUND_MS = 30;

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** After how many rounds, each of which takes a while and has `stride` histories, it is over. */
function roundsUntilOver({ ms, least, stride }: Record<'ms' | 'least' | 'stride', number>): number {
  const words = new Int32Array(new SharedArrayBuffer(4096));
  const program = { threads: [] };
  const request = { program, seed: 1, ms, least, sync: 0, isToEnd: false, stride };
  const rounds = new Rounds(words, request);
  for (let number = 1; ; number++) {
    vi.advanceTimersByTime(ROUND_MS);
    rounds.end();
    if (words[STOP] === 1) return number;
  }
}

test('it ends when its time is up', () => {
  expect(roundsUntilOver({ ms: 60, least: 0, stride: 16 })).toBe(2);
  expect(roundsUntilOver({ ms: 60, least: 32, stride: 16 })).toBe(2);
});

test('with too few histories it goes on until there are enough', () => {
  expect(roundsUntilOver({ ms: 120, least: 100, stride: 16 })).toBe(7);
});

test('but three times as long at most', () => {
  expect(roundsUntilOver({ ms: 60, least: 100_000, stride: 16 })).toBe(6);
});
