// Who gets no processor does not hang: the watch of a session over times that the test gives.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ACTING, AT_BARRIER, PHASE, threadWord } from '../../lib/stress/control.ts';
import { type ThreadTime, waitedMs } from '../../lib/stress/thread-time.ts';
import { Watch } from '../../lib/stress/watch.ts';

const LOOK_MS = 50;
const [ACTOR, OTHER] = [100, 101];
const SLEEPS: ThreadTime = {
  ranMs: 5,
  waitedMs: 0,
  isReady: false,
  isParked: true,
  isTask: false,
};
const READY: ThreadTime = { ...SLEEPS, isReady: true, isParked: false };

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** Two actors: the first acts, the other is at the barrier. `timeAt` says what the OS tells of both. */
function watched(timeAt: (ms: number) => readonly [ThreadTime, ThreadTime], timeoutMs = 5_000) {
  const control = new SharedArrayBuffer(4096);
  const words = new Int32Array(control);
  words[threadWord(0) + PHASE] = ACTING;
  words[threadWord(1) + PHASE] = AT_BARRIER;
  const start = performance.now();
  const tids = new Map([
    [0, ACTOR],
    [1, OTHER],
  ]);
  const times = () => {
    const [actor, other] = timeAt(performance.now() - start);
    return new Map([
      [ACTOR, actor],
      [OTHER, other],
    ]);
  };
  return new Watch({ control, threads: 2, timeoutMs, tids, times });
}

/** After how many milliseconds it is said to hang; undefined if never within a minute. */
function hangsAfter(watch: Watch): number | undefined {
  for (let ms = 0; ms <= 60_000; ms += LOOK_MS) {
    if (watch.look()) return ms;
    vi.advanceTimersByTime(LOOK_MS);
  }
  return undefined;
}

test('an actor that sleeps while all others do hangs soon', () => {
  expect(hangsAfter(watched(() => [SLEEPS, SLEEPS]))).toBeLessThan(500);
});

test('not while one that could wake it waits for a processor, which the OS adds up at the end only', () => {
  expect(hangsAfter(watched(() => [SLEEPS, READY]))).toBeUndefined();
});

test('nor while a task of the kernel side is there; then the time limit holds', () => {
  const task = { ...SLEEPS, isTask: true };
  expect(hangsAfter(watched(() => [SLEEPS, task]))).toBeGreaterThan(5_000);
});

test('what a spinning thread is given counts, and what it waits does not', () => {
  const half = (ms: number): ThreadTime => ({ ...READY, ranMs: ms / 2 });
  const after = hangsAfter(watched((ms) => [half(ms), SLEEPS], 5_000));
  expect(after).toBeGreaterThan(9_900);
  expect(after).toBeLessThan(10_500);
});

test('a wait that has ended counts for the look that sees it', () => {
  const before = new Map([[ACTOR, SLEEPS]]);
  const now = new Map([[ACTOR, { ...SLEEPS, waitedMs: 30 }]]);
  expect(waitedMs(ACTOR, before, now, LOOK_MS)).toBe(30);
  expect(waitedMs(OTHER, before, now, LOOK_MS)).toBe(0);
});
