import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Kernel } from '../../lib/kernel/index.ts';
import { CompletionRing } from '../../lib/ring/index.ts';
import { startWorker, stopWorker } from './workers.ts';

const COUNT = 400;
const GIVE_UP_MS = 120_000;

/** Reaps until there were so many, while the event loop runs: how often each came. */
async function collect(ring: CompletionRing, wanted: number): Promise<Map<number, number>> {
  const times = new Map<number, number>();
  const limit = performance.now() + GIVE_UP_MS;
  for (let found = 0; found < wanted && performance.now() < limit; await sleep(1)) {
    found += ring.reap((status, data) => {
      expect(status).toBe(0);
      times.set(data, (times.get(data) ?? 0) + 1);
    });
  }
  return times;
}

test.each(['reserve', 'block'] as const)(
  'two workers complete into one ring, each call once, with overflow %s',
  async (overflow) => {
    const kernel = Kernel.attach();
    const ring = CompletionRing.create(16);
    const load = { count: COUNT, overflow, microseconds: 300 };
    const workers = [
      startWorker(ring, { ...load, first: 1000 }),
      startWorker(ring, { ...load, first: 5000 }),
    ];
    const times = await collect(ring, 2 * COUNT);
    expect(times.size).toBe(2 * COUNT);
    expect([...times.values()].filter((count) => count !== 1)).toEqual([]);
    await Promise.all(workers.map(stopWorker));
    expect(ring.unread).toBe(0);
    kernel.detach();
    expect(kernel.counters()).toMatchObject({ contexts: 0n, completionsLost: 0n, overflows: 0n });
  },
);
