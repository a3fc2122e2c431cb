// A run on a machine where processes start slowly: which scenarios have samples, and what is said of the others.
// The host is a stand-in that takes a while of a clock of the test's own.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { grade, mergeRuns, type Report } from '../../lib/report/index.ts';
import { epochMs } from '../../lib/stress/epoch.ts';
import {
  discover,
  runStress,
  type StressEvent,
  type StressOptions,
} from '../../lib/stress/index.ts';
import type {
  HostReport,
  SessionReport,
  SessionRequest,
} from '../../lib/stress/session-request.ts';

const COUNT = 8;
const RESULT = '0, 0';

/** Of the stand-in: how long each start takes, and the samples that it gives in a millisecond. */
let startMs = 0;
let perMs = 0;
let end: SessionReport['end'] = 'ok';
const PER_MS = 100;

/** When the next process was forked, and how long before its part each one was. */
let forkedAt: number | undefined;
let leads: number[] = [];

function prepareHost(): void {
  forkedAt ??= epochMs();
}

vi.mock('../../lib/stress/host.ts', () => ({
  prepareHost,
  dropHost: () => undefined,
  runHost: (request: SessionRequest) => Promise.resolve(session(request)),
}));

function session({ until, latest, leastMs, config, seed }: SessionRequest): HostReport {
  prepareHost();
  const forked = forkedAt as number;
  forkedAt = undefined;
  leads.push(epochMs() - forked);
  const report: SessionReport = {
    parts: [],
    sightings: [],
    notes: [],
    end,
    last: { config, seed },
  };
  const begunAt = Math.max(epochMs(), forked + startMs);
  if (begunAt > latest) {
    vi.advanceTimersByTime(latest - epochMs());
    return { ...report, startMs: epochMs() - forked };
  }
  const over = Math.max(until, Math.min(begunAt + leastMs, latest));
  vi.advanceTimersByTime(over - epochMs());
  const ms = over - begunAt;
  const samples = Math.floor(perMs * ms);
  const part = { config, seed, samples, ms, counts: { [RESULT]: samples } };
  return { ...report, begunAt, startMs, parts: samples === 0 ? [] : [part] };
}

beforeEach(() => {
  vi.useFakeTimers();
  perMs = PER_MS;
  end = 'ok';
  forkedAt = undefined;
  leads = [];
});
afterEach(() => void vi.useRealTimers());

/** Of so many scenarios that are alike. */
async function run(
  slowMs: number,
  timeMs: number,
  options: Partial<StressOptions> = {},
): Promise<Report & { readonly tookMs: number }> {
  startMs = slowMs;
  const [one] = await discover(['litmus/sb']);
  const found = Array.from({ length: COUNT }, (_, index) => ({
    ...(one as NonNullable<typeof one>),
    name: `test/${index}`,
  }));
  const result = await runStress(found, { timeMs, seed: 7, tool: 'test', ...options });
  return { ...grade(mergeRuns([[result, 'a file']])), tookMs: result.ms };
}

function unseen({ scenarios }: Report): number {
  return scenarios.filter(({ samples }) => samples === 0).length;
}

test.each([
  { slowMs: 200, timeMs: 20_000 },
  { slowMs: 3000, timeMs: 50_000 },
  { slowMs: 6000, timeMs: 60_000 },
  { slowMs: 6000, timeMs: 255_000 },
])('each scenario has samples where starts take $slowMs ms of $timeMs', async (times) => {
  const report = await run(times.slowMs, times.timeMs);
  expect(unseen(report)).toBe(0);
  for (const { ms } of report.scenarios) expect(ms).toBeGreaterThanOrEqual(1000);
  expect(report.runs[0]?.ended).toBeUndefined();
  expect(report.tookMs).toBeLessThanOrEqual(times.timeMs + 1);
});

test('where the time is not enough, the last scenarios say how slow a start is and what would suffice', async () => {
  const report = await run(12_000, 60_000);
  expect(unseen(report)).toBeGreaterThan(0);
  expect(unseen(report)).toBeLessThan(COUNT - 2);
  const last = report.scenarios.at(-1);
  expect(last?.verdict).toBe('not run');
  expect(last?.reasons).toEqual([
    'no sample was taken: the machine gave no time, a process took 12.0 s to start; --time 192s would suffice',
  ]);
  expect(report.runs[0]?.ended).toBe('time');
  expect(report.tookMs).toBeLessThanOrEqual(60_001);
});

test('where no process starts at all, each says so', async () => {
  const report = await run(90_000, 60_000);
  expect(unseen(report)).toBe(COUNT);
  for (const { reasons } of report.scenarios) {
    expect(reasons[0]).toContain('the machine gave no time, a process took 1:00 min to start');
  }
});

test('the time that is named as enough is enough', async () => {
  const slowMs = 12_000;
  expect(unseen(await run(slowMs, COUNT * 2 * slowMs))).toBe(0);
});

const MORE_TIME = /^no sample was taken: .* give more --time/;

test.each([
  ['no process was started', { slowMs: 120, timeMs: 0, rate: PER_MS }],
  ['threads started, and no sample came to its end', { slowMs: 1000, timeMs: 3000, rate: 0 }],
])('slow starts are not blamed where %s', async (_, { slowMs, timeMs, rate }) => {
  perMs = rate;
  const report = await run(slowMs, timeMs);
  expect(report.runs[0]?.ended).toBe('time');
  expect(report.scenarios[0]?.reasons).toEqual([expect.stringMatching(MORE_TIME)]);
});

test('a time that the run had is not named as enough', async () => {
  perMs = 0;
  const report = await run(120, 2000);
  for (const { reasons } of report.scenarios) {
    expect(reasons).toEqual([expect.stringMatching(MORE_TIME)]);
  }
});

test('slow starts are not blamed where the user stopped the run at its end', async () => {
  const stop = new AbortController();
  const onEvent = ({ kind }: StressEvent) => {
    if (kind === 'session') stop.abort();
  };
  const report = await run(90_000, 60_000, { signal: stop.signal, onEvent });
  expect(report.runs[0]?.ended).toBe('interrupted');
  expect(report.scenarios.at(-1)?.reasons[0]).not.toContain('a process took');
});

test('slow starts are not blamed where a failure stopped the run at its end', async () => {
  end = 'died';
  const report = await run(90_000, 60_000);
  expect(report.runs[0]?.ended).toBe('forbidden');
  expect(report.scenarios[0]?.verdict).toBe('failed');
  expect(report.scenarios.at(-1)?.reasons[0]).not.toContain('a process took');
});

test('each process is forked twice as long before its part as a start takes, however quick the last one seemed', async () => {
  const slowMs = 2000;
  await run(slowMs, 300_000);
  const ahead = leads.slice(2).map((ms) => Math.round(ms / 100) * 100);
  expect(ahead.length).toBeGreaterThan(COUNT);
  expect(new Set(ahead)).toEqual(new Set([2 * slowMs]));
});
