// Who gets no processor does not hang: the watch of a session over times that the test gives.
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ACTING, AT_BARRIER, PHASE, SAMPLE, threadWord } from '../../lib/stress/control.ts';
import { type ThreadTime, threadTimes, waitedMs } from '../../lib/stress/thread-time.ts';
import { Watch } from '../../lib/stress/watch.ts';

const LOOK_MS = 50;
const [ACTOR, OTHER] = [100, 101];
const SLEEPS: ThreadTime = {
  ranMs: 5,
  waitedMs: 0,
  turns: 1,
  isReady: false,
  isParked: true,
  isAtEvents: false,
  isTask: false,
};
const READY: ThreadTime = { ...SLEEPS, isReady: true, isParked: false };

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

interface Watched {
  readonly timeoutMs?: number;
  readonly mayTellEarly?: boolean;
  /** Which sample the actor is in. */
  readonly sampleAt?: (ms: number) => number;
}

/** Two actors: the first acts, the other is at the barrier. `timeAt` says what the OS tells of both. */
function watched(
  timeAt: (ms: number) => readonly [ThreadTime, ThreadTime],
  { timeoutMs = 5_000, mayTellEarly = true, sampleAt = () => 50 }: Watched = {},
) {
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
  const watch = new Watch({ control, threads: 2, timeoutMs, mayTellEarly, tids, times });
  const look = () => {
    words[threadWord(0) + SAMPLE] = sampleAt(performance.now() - start);
    return watch.look();
  };
  return { look };
}

/** After how many milliseconds it is said to hang; undefined if never within a minute. */
function hangsAfter(watch: Pick<Watch, 'look'>): number | undefined {
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

/** Looks for a moment every ten milliseconds. */
const looking = (ms: number): ThreadTime => ({
  ...SLEEPS,
  isParked: false,
  ranMs: ms / 1000,
  turns: ms / 10,
});
const spinning = (ms: number): ThreadTime => ({ ...SLEEPS, isParked: false, ranMs: ms });
const asTask = (time: ThreadTime): ThreadTime => ({ ...time, isTask: true });

test.each([
  ['looks', looking],
  ['spins', spinning],
  ['sleeps', () => SLEEPS],
])('where a task looks on and the actor %s, a second without a change is enough', (_, actor) => {
  const after = hangsAfter(watched((ms) => [actor(ms), asTask(looking(ms))]));
  expect(after).toBeGreaterThan(1_000);
  expect(after).toBeLessThan(1_500);
});

test('nor is a thread in the way that has no events', () => {
  const events = { ...SLEEPS, isParked: false, isAtEvents: true };
  const times = (ms: number) => [asTask(looking(ms)), events] as const;
  expect(hangsAfter(watched(times))).toBeLessThan(1_500);
});

const inCall = { ...SLEEPS, isParked: false };
const atEvents = { ...inCall, isAtEvents: true };

test.each<[string, (ms: number) => readonly [ThreadTime, ThreadTime], Watched]>([
  ['a task is in a call that may end', (ms) => [looking(ms), asTask(inCall)], {}],
  ['a task waits for events', (ms) => [looking(ms), asTask(atEvents)], {}],
  ['another thread is in such a call', (ms) => [asTask(looking(ms)), inCall], {}],
  ['the actor waits for events', (ms) => [atEvents, asTask(looking(ms))], {}],
  ['there is no task', (ms) => [looking(ms), looking(ms)], {}],
  ['a limit was given', (ms) => [looking(ms), asTask(looking(ms))], { mayTellEarly: false }],
])('the time limit holds where %s', (_, timeAt, how) => {
  expect(hangsAfter(watched(timeAt, how))).toBeGreaterThan(5_000);
});

test('after a few samples it takes three seconds: they do not tell how long a step takes', () => {
  const times = (ms: number) => [looking(ms), asTask(looking(ms))] as const;
  const after = hangsAfter(watched(times, { sampleAt: () => 3 }));
  expect(after).toBeGreaterThan(3_000);
  expect(after).toBeLessThan(3_500);
});

test('it holds off by far longer than a step took before', () => {
  const sampleAt = (ms: number) => 50 + Math.floor(Math.min(ms, 1_000) / 200);
  const times = (ms: number) => [looking(ms), asTask(looking(ms))] as const;
  const after = hangsAfter(watched(times, { sampleAt, timeoutMs: 20_000 }));
  expect(after).toBeGreaterThan(1_000 + 20 * 100);
  expect(after).toBeLessThan(1_000 + 20 * 200 + 500);
});

test('never while a task that could go on gets no processor', () => {
  const ready = { ...READY, isTask: true };
  expect(hangsAfter(watched((ms) => [looking(ms), ready]))).toBeUndefined();
});

test('what a spinning thread is given counts, and what it waits does not', () => {
  const half = (ms: number): ThreadTime => ({ ...READY, ranMs: ms / 2 });
  const after = hangsAfter(watched((ms) => [half(ms), SLEEPS]));
  expect(after).toBeGreaterThan(9_900);
  expect(after).toBeLessThan(10_500);
});

test('a wait that has ended counts for the look that sees it', () => {
  const before = new Map([[ACTOR, SLEEPS]]);
  const now = new Map([[ACTOR, { ...SLEEPS, waitedMs: 30 }]]);
  expect(waitedMs(ACTOR, before, now, LOOK_MS)).toBe(30);
  expect(waitedMs(OTHER, before, now, LOOK_MS)).toBe(0);
});

test('the OS tells which threads sleep until another wakes them, and which wait for events', async () => {
  vi.useRealTimers();
  const word = new Int32Array(new SharedArrayBuffer(4));
  const sleeper = new Worker('Atomics.wait(require("worker_threads").workerData, 0, 0)', {
    eval: true,
    workerData: word,
  });
  const idler = new Worker('setInterval(() => undefined, 2 ** 30)', { eval: true });
  const others = () => [...threadTimes()].filter(([tid]) => tid !== process.pid);
  try {
    // these and other threads of Node's: all that matters is that both kinds are told
    await vi.waitFor(() => {
      expect(others().some(([, { isParked }]) => isParked)).toBe(true);
      expect(others().some(([, { isAtEvents }]) => isAtEvents)).toBe(true);
    }, 30_000);
    const own = threadTimes().get(process.pid);
    expect(own?.turns).toBeGreaterThan(0);
  } finally {
    await Promise.all([sleeper.terminate(), idler.terminate()]);
  }
});
