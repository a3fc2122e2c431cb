import { expect, test } from 'vitest';
import { emmeTests } from './emme.ts';
import { type Agent, allowed } from './published.ts';
import { wattTests } from './watt.ts';

test.each(wattTests)('Watt et al.: $name is $verdict', ({ agents, final, outcome, verdict }) => {
  const { outcomes, isComplete } = allowed(agents, final);
  expect(isComplete).toBe(true);
  expect(outcomes.includes(outcome) ? 'allowed' : 'forbidden').toBe(verdict);
});

test.each(emmeTests)('EMME: $name', ({ agents, outcomes }) => {
  const found = allowed(agents);
  expect(found).toMatchObject({ isComplete: true, outcomes: [...outcomes].sort() });
});

// Every order that is forced here comes from a read of zero, and none from happens-before: only the
// first condition of 29.7.4 keeps the store of 2 from coming between the store of 1 and its read.
test('a circle of seq-cst accesses that only the first condition of memory-order closes', () => {
  const [x, y, z] = [0, 8, 16];
  const agents: readonly Agent[] = [
    (m) => {
      m.atomicStore(x, 1, 1);
      return [m.atomicLoad(z, 1)];
    },
    (m) => {
      m.atomicStore(z, 1, 1);
      m.atomicStore(x, 1, 2);
      return [m.atomicLoad(y, 1)];
    },
    (m) => {
      m.atomicStore(y, 1, 1);
      return [m.atomicLoad(x, 1)];
    },
  ];
  const { outcomes } = allowed(agents, undefined, true);
  expect(outcomes).not.toContain('0 0 1');
  expect(outcomes).toEqual(allowed(agents).outcomes);
});

// The zero at the start cannot be what is read here, as in SB; the plain store of another zero can.
test('of writes that look alike the one counts that the order allows', () => {
  const [x, y] = [0, 8];
  const found = allowed([
    (m) => {
      m.atomicStore(x, 1, 5);
      return [m.atomicLoad(y, 1)];
    },
    (m) => {
      m.atomicStore(y, 1, 1);
      return [m.atomicLoad(x, 1)];
    },
    (m) => {
      m.store(x, 1, 0);
      return [];
    },
  ]);
  expect(found.outcomes).toContain('0 0');
});
