import { expect, test } from 'vitest';
import { DetachedError } from '../../lib/errors.ts';
import { Kernel, NR } from '../../lib/kernel/index.ts';
import { CompletionRing } from '../../lib/ring/index.ts';
import { Pipe } from './pipe.ts';

const kernel = Kernel.attach();
const call = kernel.newCall(NR.getpid);
const detached = kernel.detach();

const uses: readonly [string, () => unknown][] = [
  ['newCall', () => kernel.newCall(NR.getpid)],
  ['complete', () => kernel.complete(NR.getpid)],
  ['indirect', () => kernel.indirect(0n, 0n, 32)],
  ['ringWait', () => kernel.ringWait(kernel.ring, 0)],
  ['watcher', () => kernel.watcher()],
  ['detach', () => kernel.detach()],
  ['run of a call', () => call.run()],
  ['runOrThrow of a call', () => call.runOrThrow()],
];

test.each(uses)('%s after detach throws DetachedError', (_name, use) => {
  expect(use).toThrow(DetachedError);
  expect(use).toThrow('the kernel was detached: Kernel.attach() gives another one');
});

test('detach says how many calls it interrupted', () => {
  expect(detached).toEqual({ interrupted: 0 });
});

test('gettid, counters, functions and dispose work after detach', () => {
  expect(kernel.gettid()).toBe(process.pid);
  expect(kernel.counters().contexts).toBe(0n);
  expect(kernel.functions().park).toBeTypeOf('bigint');
  kernel[Symbol.dispose]();
  call.setCallerData(1).release();
});

test('a pending call is interrupted by detach, waited for, and counted', () => {
  const again = Kernel.attach();
  const pipe = new Pipe(again);
  const read = pipe.reader(again, new Uint8Array(8));
  read.run();
  expect(read.pending).toBe(true);
  expect(again.gettid()).not.toBe(process.pid);
  expect(again.detach()).toEqual({ interrupted: 1 });
  expect(again.gettid()).toBe(process.pid);
  expect(again.counters()).toMatchObject({ tasksAway: 0n, pins: 0n, contexts: 0n });
  const statuses: number[] = [];
  again.ring.reap((status) => statuses.push(status));
  expect(statuses).toEqual([-4]);
  pipe.close();
});

test('a ring outlives the kernel', () => {
  const ring = CompletionRing.create(2);
  Kernel.attach({ ring }).detach();
  expect(ring.unread).toBe(0);
});
