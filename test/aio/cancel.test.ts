import { writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  AIO_ALLDONE,
  AIO_CANCELED,
  Aiocb,
  aioCancel,
  aioError,
  aioRead,
  aioReturn,
  aioWrite,
} from '../../lib/aio/index.ts';
import { bytes, EINPROGRESS, file, finish, pipe, socketPair, thrown } from './world.ts';

const ECANCELED = 125;

function reads(fd: number, count: number): readonly Aiocb[] {
  return Array.from({ length: count }, () => {
    const cb = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(1) });
    aioRead(cb);
    return cb;
  });
}

test('a request that blocks is cancelled: AIO_CANCELED, its status ECANCELED', () => {
  const [reading, writing] = pipe();
  const [cb] = reads(reading, 1) as [Aiocb];
  expect(aioCancel(reading, cb)).toBe(AIO_CANCELED);
  expect(aioError(cb)).toBe(ECANCELED);
  expect(cb.struct.__return_value).toBe(-1n);
  expect(thrown(() => aioReturn(cb))).toEqual({ code: 'ECANCELED', syscall: 'aio_read' });
  writeSync(writing, 'x');
  const [next] = reads(reading, 1) as [Aiocb];
  expect(finish(next)).toBe(1);
});

test('without an aiocb all requests on the descriptor are cancelled, and no others', () => {
  const [own, peer] = socketPair();
  const [other] = pipe();
  const mine = reads(own, 5);
  const [theirs] = reads(other, 1) as [Aiocb];
  expect(aioCancel(own)).toBe(AIO_CANCELED);
  expect(mine.map(aioError)).toEqual([ECANCELED, ECANCELED, ECANCELED, ECANCELED, ECANCELED]);
  expect(aioError(theirs)).toBe(EINPROGRESS);
  writeSync(peer, 'x');
  expect(finish(...(reads(own, 1) as [Aiocb]))).toBe(1);
});

test('one that waits for others is cancelled, and those behind it keep their order', () => {
  const [reading, writing] = pipe();
  const [first, second, third] = reads(reading, 3) as [Aiocb, Aiocb, Aiocb];
  expect(aioCancel(reading, second)).toBe(AIO_CANCELED);
  expect([first, second, third].map(aioError)).toEqual([EINPROGRESS, ECANCELED, EINPROGRESS]);
  writeSync(writing, 'ab');
  expect([finish(first), finish(third)]).toEqual([1, 1]);
  expect([String(first.aio_buf), String(third.aio_buf)]).toEqual(['a', 'b']);
});

test('when the last in the order is cancelled, the next one is behind the one before it', () => {
  const [reading, writing] = pipe();
  const [first, second] = reads(reading, 2) as [Aiocb, Aiocb];
  expect(aioCancel(reading, second)).toBe(AIO_CANCELED);
  const [third] = reads(reading, 1) as [Aiocb];
  writeSync(writing, 'ab');
  expect([finish(first), finish(third)]).toEqual([1, 1]);
  expect([String(first.aio_buf), String(third.aio_buf)]).toEqual(['a', 'b']);
});

test('requests that are over are not cancelled: AIO_ALLDONE', () => {
  const { fd } = file('abc');
  const [cb] = reads(fd, 1) as [Aiocb];
  expect(aioCancel(fd, cb)).toBe(AIO_ALLDONE);
  expect(aioError(cb)).toBe(0);
  expect(aioCancel(fd)).toBe(AIO_ALLDONE);
});

test('one whose completion has come before the cancellation is done: AIO_ALLDONE', () => {
  const [reading, writing] = pipe();
  const [cb] = reads(reading, 1) as [Aiocb];
  writeSync(writing, 'x');
  while (aioError(cb) === EINPROGRESS);
  expect(aioCancel(reading, cb)).toBe(AIO_ALLDONE);
  expect(aioReturn(cb)).toBe(1);
});

test('a write that was made in part is not cancelled: it says how much', () => {
  const [, writing] = pipe();
  const cb = new Aiocb({ aio_fildes: writing, aio_buf: Buffer.alloc(200_000) });
  aioWrite(cb);
  expect(aioError(cb)).toBe(EINPROGRESS);
  expect(aioCancel(writing, cb)).toBe(AIO_ALLDONE);
  const written = aioReturn(cb);
  expect(written).toBeGreaterThan(0);
  expect(written).toBeLessThan(200_000);
});

test('aio_cancel on a descriptor that is not open is EBADF', () => {
  expect(thrown(() => aioCancel(1_000_000))).toEqual({ code: 'EBADF', syscall: 'aio_cancel' });
  expect(thrown(() => aioCancel(-1)).code).toBe('EBADF');
});

test("aio_cancel with another descriptor than the request's is EINVAL", () => {
  const [reading, writing] = pipe();
  const [cb] = reads(reading, 1) as [Aiocb];
  expect(thrown(() => aioCancel(writing, cb))).toEqual({ code: 'EINVAL', syscall: 'aio_cancel' });
  expect(aioError(cb)).toBe(EINPROGRESS);
});

test('a cancelled write leaves nothing in the stream', () => {
  const [reading, writing] = pipe();
  const filler = new Aiocb({ aio_fildes: writing, aio_buf: Buffer.alloc(65_536, '.') });
  aioWrite(filler);
  expect(finish(filler)).toBe(65_536);
  const cb = new Aiocb({ aio_fildes: writing, aio_buf: bytes('never') });
  aioWrite(cb);
  expect(aioCancel(writing, cb)).toBe(AIO_CANCELED);
  const all = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(100_000) });
  aioRead(all);
  expect(finish(all)).toBe(65_536);
});
