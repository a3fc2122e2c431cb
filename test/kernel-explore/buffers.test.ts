// What a replay says of store buffers: what waits in them, and what leaves them.

import { describe, expect, test } from 'vitest';
import {
  explainedSteps,
  explore,
  KERNEL_SCENARIOS,
  type KernelModel,
  type KernelSearch,
  type KernelStep,
  replay,
} from '../../lib/kernel-explore/index.ts';
import { SeenStores } from '../../lib/kernel-explore/seen-stores.ts';
import { useExplorer } from './tools.ts';

const program = useExplorer();

/** One execution by chance, made again. */
async function traceOf(scenario: string, model: KernelModel, seed: number) {
  const random = { executions: 1, seed };
  const search: KernelSearch = await explore(program(), scenario, { model }, { random });
  const [outcome] = search.outcomes;
  const found = KERNEL_SCENARIOS.find(({ name }) => name === scenario);
  if (!found || !outcome) throw new Error(`${scenario}: no outcome`);
  // it was too long to be kept
  if (!outcome.schedule.startsWith('k2.')) return [];
  const { trace = [], replay: note } = await replay(program(), found, model, outcome.schedule);
  expect(note).toBeUndefined();
  return trace;
}

interface Counts {
  flushes: number;
  barriers: number;
}

/** Goes through a trace with buffers of its own, which must be as the trace says. */
function checked(trace: readonly KernelStep[], counts: Counts): void {
  const buffers = new Map<number, KernelStep[]>();
  const of = (actor: number) => {
    const buffer = buffers.get(actor) ?? [];
    buffers.set(actor, buffer);
    return buffer;
  };
  for (const step of trace) {
    const { actor, op, what, value, store, waiting = 0, everywhere } = step;
    if (op === 'flush') {
      counts.flushes++;
      const left = of(actor).shift();
      expect({ what, value }).toEqual({ what: left?.what, value: left?.value });
    }
    if (store === 'waits') of(actor).push(step);
    // every other step but a store leaves a buffer as it is, or drains it
    if (waiting === 0 && store !== 'waits') of(actor).length = 0;
    everywhere?.forEach((count, other) => {
      if (other === actor || of(other).length === count) return;
      counts.barriers++;
      expect(count).toBe(0);
      of(other).length = 0;
    });
    expect(of(actor).length).toBe(waiting);
  }
  for (const buffer of buffers.values()) expect(buffer).toEqual([]);
}

describe('a replay', () => {
  test('of a compare-and-swap that was told to wait and failed says no store', async () => {
    const trace = await traceOf('kernel/watcher-away', 'weak', 4);
    expect(trace.length).toBeGreaterThan(0);
    const { steps } = await explainedSteps(program(), trace);
    expect(steps.length).toBeGreaterThan(0);
    checked(trace, { flushes: 0, barriers: 0 });
  });

  test('has each store leave its buffer as it came in', async () => {
    const counts = { flushes: 0, barriers: 0 };
    for (const { name, explore: all } of KERNEL_SCENARIOS) {
      for (const model of ['tso', 'weak'] as const) {
        if (!all.some((one) => one.model === model)) continue;
        checked(await traceOf(name, model, 1), counts);
      }
    }
    expect(counts.flushes).toBeGreaterThan(0);
    expect(counts.barriers).toBeGreaterThan(0);
  }, 300_000);
});

describe('whose store is seen', () => {
  const store = { name: '', op: 'write', what: 'word', store: 'waits', waiting: 1 } as const;
  const read = { name: '', op: 'read', what: 'word' } as const;

  test("a barrier of everyone's lets out what waits with another actor", () => {
    const stores = new SeenStores();
    stores.made({ ...store, actor: 0 }, 0);
    expect(stores.isNewerElsewhere({ ...read, actor: 1 })).toBe(true);
    stores.made({ name: '', actor: 1, op: 'fence', everywhere: [0, 0] }, 1);
    expect(stores.isNewerElsewhere({ ...read, actor: 1 })).toBe(false);
    expect(stores.sourceOf({ ...read, actor: 1 })).toBe(1);
  });

  test("a fence of the actor's own leaves what waits with others", () => {
    const stores = new SeenStores();
    stores.made({ ...store, actor: 0 }, 0);
    stores.made({ name: '', actor: 1, op: 'fence', everywhere: [1, 0] }, 1);
    expect(stores.isNewerElsewhere({ ...read, actor: 1 })).toBe(true);
  });
});
