import { closeSync, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import {
  Aiocb,
  aio_error,
  aio_read,
  aio_return,
  aioError,
  aioRead,
  aioReturn,
  aioSuspend,
  aioWrite,
} from '../../lib/aio/index.ts';
import { bytes, close, EINPROGRESS, errorOf, file, finish, opened, pipe, thrown } from './world.ts';

const EISDIR = 21;
const EPIPE = 32;

test('aio_error is EINPROGRESS, then 0, without the event loop', () => {
  const [reading, writing] = pipe();
  const cb = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(1) });
  aioRead(cb);
  expect(aioError(cb)).toBe(EINPROGRESS);
  writeSync(writing, 'x');
  while (aioError(cb) === EINPROGRESS);
  expect(aioError(cb)).toBe(0);
  expect(aioReturn(cb)).toBe(1);
});

test('aio_error is the errno of a request that failed', () => {
  const cb = new Aiocb({ aio_fildes: opened(openSync(tmpdir(), 'r')), aio_buf: Buffer.alloc(1) });
  aioRead(cb);
  expect(aioError(cb)).toBe(EISDIR);
  expect(aioError(cb)).toBe(EISDIR);
  expect(thrown(() => aioReturn(cb))).toEqual({ code: 'EISDIR', syscall: 'aio_read' });
});

test('aio_return while in progress is EINPROGRESS, and changes nothing', () => {
  const [reading, writing] = pipe();
  const cb = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(1) });
  aioRead(cb);
  expect(thrown(() => aioReturn(cb))).toEqual({ code: 'EINPROGRESS', syscall: 'aio_return' });
  writeSync(writing, 'x');
  expect(finish(cb)).toBe(1);
});

test('aio_return gives a status once: then it is EINVAL, and aio_error too', () => {
  const cb = new Aiocb({ aio_fildes: file('abc').fd, aio_buf: Buffer.alloc(3) });
  aioRead(cb);
  expect(aioReturn(cb)).toBe(3);
  expect(thrown(() => aioReturn(cb))).toEqual({ code: 'EINVAL', syscall: 'aio_return' });
  expect(thrown(() => aioError(cb))).toEqual({ code: 'EINVAL', syscall: 'aio_error' });
});

test('a block that was never submitted has no status: EINVAL', () => {
  const cb = new Aiocb({ aio_fildes: 0 });
  expect(thrown(() => aioError(cb))).toEqual({ code: 'EINVAL', syscall: 'aio_error' });
  expect(thrown(() => aioReturn(cb))).toEqual({ code: 'EINVAL', syscall: 'aio_return' });
});

test('__error_code and __return_value hold the state, as in glibc', () => {
  const [reading, writing] = pipe();
  const cb = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(4) });
  aioRead(cb);
  expect(cb.struct.__error_code).toBe(EINPROGRESS);
  writeSync(writing, 'four');
  aioSuspend([cb]);
  expect([cb.struct.__error_code, cb.struct.__return_value]).toEqual([0, 4n]);
  aioReturn(cb);
});

test('a request goes on when its descriptor is closed, and completes', () => {
  const [reading, writing] = pipe();
  const fd = openSync(`/proc/self/fd/${reading}`, 'r');
  const cb = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(5) });
  aioRead(cb);
  closeSync(fd);
  writeSync(writing, 'still');
  expect(finish(cb)).toBe(5);
  expect(String(cb.aio_buf)).toBe('still');
});

test('the number of a closed descriptor is another file: requests on it wait for nothing', () => {
  const [reading, writing] = pipe();
  const fd = openSync(`/proc/self/fd/${reading}`, 'r');
  const old = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(1) });
  aioRead(old);
  const [other, end] = pipe();
  closeSync(fd);
  const reused = openSync(`/proc/self/fd/${other}`, 'r');
  expect(reused).toBe(fd);
  writeSync(end, 'n');
  const cb = new Aiocb({ aio_fildes: opened(reused), aio_buf: Buffer.alloc(1) });
  aioRead(cb);
  expect([errorOf(cb), aioError(old)]).toEqual([0, EINPROGRESS]);
  writeSync(writing, 'o');
  expect([finish(old), finish(cb)]).toEqual([1, 1]);
});

test('many are in flight at once, and each has its own status', () => {
  const all = Array.from({ length: 200 }, (_, i) => {
    const [reading, writing] = pipe();
    const cb = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(300) });
    aioRead(cb);
    return { cb, writing, i };
  });
  for (const { writing, i } of all) writeSync(writing, Buffer.alloc(i + 1, 'x'));
  expect(all.map(({ cb }) => finish(cb))).toEqual(all.map(({ i }) => i + 1));
});

test('a write to a pipe that nobody reads is EPIPE', () => {
  const [reading, writing] = pipe();
  const filler = new Aiocb({ aio_fildes: writing, aio_buf: Buffer.alloc(100_000) });
  aioWrite(filler);
  expect(aioError(filler)).toBe(EINPROGRESS);
  const behind = new Aiocb({ aio_fildes: writing, aio_buf: bytes('x') });
  aioWrite(behind);
  close(reading);
  expect(errorOf(behind)).toBe(EPIPE);
  expect(finish(filler)).toBe(65_536);
});

test("each function has POSIX's name too", () => {
  const cb = new Aiocb({ aio_fildes: file('abc').fd, aio_buf: bytes('___') });
  aio_read(cb);
  expect([aio_error(cb), aio_return(cb)]).toEqual([0, 3]);
});

test('a long queue on one stream ends in its order, however long it is', () => {
  const [reading, writing] = pipe();
  const readers = Array.from({ length: 20_000 }, () => {
    const cb = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(1) });
    aioRead(cb);
    return cb;
  });
  writeSync(writing, Buffer.from(readers.map((_, i) => i % 251)));
  aioSuspend([readers.at(-1) ?? null]);
  expect(readers.every((cb, i) => finish(cb) === 1 && (cb.aio_buf as Buffer)[0] === i % 251)).toBe(
    true,
  );
});
