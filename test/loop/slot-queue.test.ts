import { expect, test } from 'vitest';
import { Queue } from '../../lib/loop/queue.ts';
import type { Slot } from '../../lib/loop/slot.ts';

const slot = (id: number) => ({ id }) as Slot;

test('a slot that is not in the queue takes no other out', () => {
  const queue = new Queue();
  const [first, second, gone, never] = [1, 2, 3, 4].map(slot) as [Slot, Slot, Slot, Slot];
  for (const one of [gone, first, second]) queue.push(one);
  queue.takeOut(gone);
  expect(queue.remove(never)).toBe(never);
  expect(queue.remove(gone)).toBe(gone);
  expect(queue.takeAll()).toEqual([first, second]);
});
