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

test('a walk misses no slot when one before it leaves', () => {
  const queue = new Queue();
  const all = [1, 2, 3, 4, 5].map(slot) as [Slot, Slot, Slot, Slot, Slot];
  for (const one of all) queue.push(one);
  queue.cursor = 3;
  queue.takeOut(all[0]);
  expect(queue.at(queue.cursor)).toBe(all[3]);
  queue.putLast(all[2]);
  expect(queue.at(queue.cursor)).toBe(all[3]);
  queue.remove(all[4]);
  expect(queue.at(queue.cursor)).toBe(all[3]);
  queue.takeAll();
  expect(queue.cursor).toBe(0);
});
