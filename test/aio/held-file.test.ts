import { closeSync, openSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  AIO_CANCELED,
  AIO_NOTCANCELED,
  Aiocb,
  aioCancel,
  aioError,
  aioFsync,
  aioRead,
  aioReturn,
  aioWrite,
  O_SYNC,
} from '../../lib/aio/index.ts';
import { type Arrival, HeldFile, noFuse } from './held-file.ts';
import { EINPROGRESS, errorOf, finish, thrown } from './world.ts';

// A real file of a file system whose answers come when the test says so.

const BYTES = 4096;
const EINTR = 4;
const EIO = 5;
const reason = noFuse();
let held: HeldFile;
let fd = -1;
let seen = 0;

beforeAll(async () => {
  if (reason) return;
  held = new HeldFile();
  await held.mounted();
  fd = openSync(held.path, 'r+');
});

afterAll(async () => {
  if (fd < 0) return;
  closeSync(fd);
  await held.end();
});

/** The next requests that the file system gets. */
async function next(count: number): Promise<readonly Arrival[]> {
  await held.came(seen + count);
  const arrivals = held.arrivals.slice(seen, seen + count);
  seen += count;
  return arrivals;
}

function request(start: (cb: Aiocb) => void, aio_offset = 0): Aiocb {
  const cb = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(BYTES, 'x'), aio_offset });
  start(cb);
  return cb;
}

const sync = (cb: Aiocb) => aioFsync(O_SYNC, cb);

test('requests on one descriptor of a slow file overlap, and end in any order', async ({
  skip,
}) => {
  if (reason) skip(reason);
  const cbs = [
    request(aioRead),
    request(aioWrite, BYTES),
    request(aioRead, 2 * BYTES),
    request(aioRead, 3 * BYTES),
  ];
  const arrivals = await next(cbs.length);
  expect(arrivals.map(({ kind, offset }) => `${kind} ${offset / BYTES}`).sort()).toEqual([
    'read 0',
    'read 2',
    'read 3',
    'write 1',
  ]);
  expect(cbs.map((cb) => aioError(cb))).toEqual(cbs.map(() => EINPROGRESS));
  const last = arrivals.find(({ offset }) => offset === 3 * BYTES) as Arrival;
  held.answer(last);
  expect(finish(cbs[3] as Aiocb)).toBe(BYTES);
  expect(cbs.slice(0, 3).map((cb) => aioError(cb))).toEqual(Array(3).fill(EINPROGRESS));
  for (const arrival of arrivals) if (arrival !== last) held.answer(arrival);
  expect(cbs.slice(0, 3).map((cb) => finish(cb))).toEqual([BYTES, BYTES, BYTES]);
});

test('the file system gets an fsync when the requests before it are over', async ({ skip }) => {
  if (reason) skip(reason);
  const before = [request(aioWrite), request(aioRead, BYTES)];
  const flush = request(sync);
  const [first, second] = (await next(2)) as [Arrival, Arrival];
  held.answer(first);
  await setTimeout(20);
  expect([aioError(flush), held.arrivals.length]).toEqual([EINPROGRESS, seen]);
  held.answer(second, EIO);
  const [third] = (await next(1)) as [Arrival];
  expect(third.kind).toBe('fsync');
  held.answer(third);
  expect(errorOf(flush)).toBe(EIO);
  expect(before.map((cb) => errorOf(cb)).sort()).toEqual([0, EIO]);
});

test('a call that does not heed a signal is AIO_NOTCANCELED, and succeeds later', async ({
  skip,
}) => {
  if (reason) skip(reason);
  const cb = request(aioRead);
  const [first] = (await next(1)) as [Arrival];
  expect(aioCancel(fd, cb)).toBe(AIO_NOTCANCELED);
  expect(aioError(cb)).toBe(EINPROGRESS);
  while (!held.interrupts.includes(first.id)) await setTimeout(1);
  held.answer(first, EINTR);
  const [again] = (await next(1)) as [Arrival];
  expect([again.kind, aioError(cb)]).toEqual(['read', EINPROGRESS]);
  held.answer(again);
  expect(finish(cb)).toBe(BYTES);
});

test('one that does is cancelled, and is not made again', async ({ skip }) => {
  if (reason) skip(reason);
  await held.beInterruptible(true);
  onTestFinished(() => held.beInterruptible(false));
  const cb = request(aioWrite);
  await next(1);
  expect(aioCancel(fd)).toBe(AIO_CANCELED);
  expect(thrown(() => aioReturn(cb)).code).toBe('ECANCELED');
  await setTimeout(20);
  expect(held.arrivals).toHaveLength(seen);
});
