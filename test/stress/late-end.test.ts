// The end of a trial of a structure whose threads started late. Its threads are a stand-in.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { epochMs } from '../../lib/stress/epoch.ts';
import { HistoryTrial } from '../../lib/stress/histories/history-trial.ts';
import { DEFAULT_CONFIG } from '../../lib/stress/index.ts';
import type { SessionReport } from '../../lib/stress/session-request.ts';
import queue from '../linearizability/fixtures/queue.linear.ts';

/** The parent kills a process that has counted something so long after the end. */
const GRACE_MS = 550;
const START_MS = 1000;
const COUNTS = { histories: 100, undecided: 0, misfits: 0 };

let runs = 0;

vi.mock('../../lib/stress/histories/pool.ts', () => {
  /** Its first program ends at once, and the second never. */
  class HistoryPool {
    readonly notes = new Set<string>();
    readonly stride = 1;
    readonly stillMs = 0;

    async start(): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, START_MS));
    }

    run(): Promise<unknown> {
      runs += 1;
      if (runs > 1) return new Promise(() => undefined);
      return Promise.resolve({ kind: 'done', counts: [COUNTS] });
    }
  }
  return { HistoryPool };
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([true, false])(
  'a late start does not move the end behind that of the process, keepGoing %s',
  async (keepGoing) => {
    runs = 0;
    const latest = epochMs() + START_MS - 20;
    let report: SessionReport | undefined;
    const request = {
      file: '',
      params: undefined,
      config: DEFAULT_CONFIG,
      isFixed: true,
      seed: 1,
      until: latest,
      latest,
      leastMs: 100,
      timeoutMs: 5000,
      isLimitGiven: false,
      keepGoing,
    };
    const onOver = (one: SessionReport) => {
      report = one;
    };
    new HistoryTrial(request, queue, [], { onWrong: () => undefined, onOver }).start();
    await vi.advanceTimersByTimeAsync(latest + GRACE_MS - 100 - epochMs());
    expect(runs).toBe(2);
    expect(report?.parts[0]?.samples).toBe(COUNTS.histories);
  },
);
