import { writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  AIO_CANCELED,
  Aiocb,
  aioCancel,
  aioError,
  aioRead,
  aioReturn,
} from '../../lib/aio/index.ts';
import { NR } from '../../lib/kernel/index.ts';
import { Loop } from '../../lib/loop/index.ts';
import { native } from '../../lib/native.ts';
import { EINPROGRESS, file, finish, pipe, socketPair, thrown } from './world.ts';

// More requests than there may be threads: the others wait for their turn.
const MAX_TASKS = 6;
const MAX_CALLS = 40;
Loop.configure({ maxTasks: MAX_TASKS, maxCalls: MAX_CALLS });

const [SOL_SOCKET, SO_RCVTIMEO] = [1, 20];

/** A receive that has a limit of its own waits for no descriptor: it needs a thread. */
function limited(): [number, number] {
  const [reading, writing] = socketPair();
  const limit = new BigInt64Array([1000n, 0n]); // seconds, microseconds
  Loop.current().kernel.complete(NR.setsockopt, reading, SOL_SOCKET, SO_RCVTIMEO, limit, 16);
  return [reading, writing];
}

/** Requests that each need a thread. */
function pending(count: number) {
  return Array.from({ length: count }, () => {
    const [reading, writing] = limited();
    const cb = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(1) });
    aioRead(cb);
    return { cb, reading, writing };
  });
}

test('beyond the limit of threads requests wait, and all of them end', () => {
  const all = pending(30);
  expect(Number(native().counters().tasks)).toBeLessThanOrEqual(MAX_TASKS);
  expect(Loop.current().counters().waiting).toBeGreaterThan(0);
  for (const { writing } of all) writeSync(writing, 'x');
  expect(all.map(({ cb }) => finish(cb))).toEqual(all.map(() => 1));
});

test('a request that waits for a thread is in progress, and is cancelled', () => {
  const all = pending(10);
  const last = all.at(-1) as (typeof all)[number];
  expect(aioError(last.cb)).toBe(EINPROGRESS);
  expect(aioCancel(last.reading, last.cb)).toBe(AIO_CANCELED);
  for (const { reading } of all) aioCancel(reading);
  expect(all.map(({ cb }) => aioError(cb))).toEqual(all.map(() => 125));
});

test('a file read that need not wait is made at once, while the others wait for a thread', () => {
  const all = pending(8);
  const cb = new Aiocb({ aio_fildes: file('x').fd, aio_buf: Buffer.alloc(1) });
  aioRead(cb);
  expect(Loop.current().counters().waiting).toBeGreaterThan(0);
  expect(finish(cb)).toBe(1);
  for (const { writing } of all) writeSync(writing, 'x');
  expect(all.map((one) => finish(one.cb))).toEqual(all.map(() => 1));
  expect(() => aioReturn(cb)).toThrow('EINVAL');
});

test('as many calls as the loop may have: EAGAIN, and the others are not disturbed', () => {
  const all = pending(MAX_CALLS);
  const [reading] = pipe();
  const cb = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(1) });
  expect(thrown(() => aioRead(cb))).toEqual({ code: 'EAGAIN', syscall: 'aio_read' });
  for (const { writing } of all) writeSync(writing, 'x');
  expect(all.map((one) => finish(one.cb))).toEqual(all.map(() => 1));
});
