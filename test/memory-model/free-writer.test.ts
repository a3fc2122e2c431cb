import { expect, test } from 'vitest';
import { naiveOutcomes } from './naive.ts';
import { type Agent, allowed } from './published.ts';

// Store buffering with atomics, and two plain writes of the byte that the second agent reads. One
// happens before the read, by a flag, and before the first agent's atomic store, which must then
// come after the read; it comes before it where the first agent sees 0. The other is a third
// agent's, and nothing is asked of it. The bytes are alike, so a search that asks only for the
// first of the two finds no such execution. The plain writes are a DataView's: of writes that do
// not tear each is tried anyway.
const agents: readonly Agent[] = [
  (memory) => {
    memory.store(0, 1, 1, true);
    memory.atomicStore(2, 1, 1);
    memory.atomicStore(0, 1, 2);
    return [memory.atomicLoad(1, 1)];
  },
  (memory) => {
    memory.atomicStore(1, 1, 1);
    return [memory.atomicLoad(2, 1), memory.atomicLoad(0, 1)];
  },
  (memory) => {
    memory.store(0, 1, 1, true);
    return [];
  },
];

const nothing = () => [];

test('a byte may be from the second of two writes that are alike', () => {
  for (const found of [allowed(agents, nothing), allowed(agents, nothing, true)]) {
    expect(found.isComplete).toBe(true);
    expect(found.outcomes).toContain('0 1 1');
  }
});

test('without the third agent it may not', () => {
  const { outcomes, isComplete } = allowed(agents.slice(0, 2), nothing);
  expect(isComplete).toBe(true);
  expect(outcomes).not.toContain('0 1 1');
});

test('the naive axioms say so as well', () => {
  const plain = { size: 1, tears: true, isAtomic: false } as const;
  const atomic = { size: 1, tears: false, isAtomic: true } as const;
  const first = [
    { do: 'store', at: 0, byte: 1, ...plain },
    { do: 'store', at: 2, byte: 1, ...atomic },
    { do: 'store', at: 0, byte: 2, ...atomic },
    { do: 'load', at: 1, byte: 0, ...atomic },
  ] as const;
  const second = [
    { do: 'store', at: 1, byte: 1, ...atomic },
    { do: 'load', at: 2, byte: 0, ...atomic },
    { do: 'load', at: 0, byte: 0, ...atomic },
  ] as const;
  const third = [{ do: 'store', at: 0, byte: 1, ...plain }] as const;
  expect(naiveOutcomes([first, second, third], [])).toContain('0 1 1');
  expect(naiveOutcomes([first, second], [])).not.toContain('0 1 1');
});
