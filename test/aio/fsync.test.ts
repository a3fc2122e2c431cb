import { openSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  AIO_NOTCANCELED,
  Aiocb,
  aioCancel,
  aioError,
  aioFsync,
  aioRead,
  aioReturn,
  aioWrite,
  O_DSYNC,
  O_SYNC,
} from '../../lib/aio/index.ts';
import { NR } from '../../lib/kernel/index.ts';
import { withSlowLoop } from './slow-loop.ts';
import { bytes, EINPROGRESS, errorOf, file, finish, opened, pipe, thrown } from './world.ts';

const EIO = 5;
const EBADF = 9;
const EINVAL = 22;

function write(fd: number, text: string, aio_offset = 0): Aiocb {
  const cb = new Aiocb({ aio_fildes: fd, aio_buf: bytes(text), aio_offset });
  aioWrite(cb);
  return cb;
}

function fsync(fd: number, op: typeof O_SYNC | typeof O_DSYNC = O_SYNC): Aiocb {
  const cb = new Aiocb({ aio_fildes: fd });
  aioFsync(op, cb);
  return cb;
}

test('aio_fsync with O_SYNC and with O_DSYNC succeeds with 0', () => {
  const { fd } = file('');
  const cbs = [write(fd, 'data'), fsync(fd), fsync(fd, O_DSYNC)];
  expect(cbs.map(finish)).toEqual([4, 0, 0]);
});

test('O_SYNC is fsync, O_DSYNC is fdatasync', () => {
  const { fd } = file('');
  withSlowLoop((loop) => {
    const cbs = [fsync(fd), fsync(fd, O_DSYNC)];
    expect(loop.held.map(({ nr }) => nr)).toEqual([NR.fsync]);
    loop.goOn(0);
    expect(loop.held.map(({ nr }) => nr)).toEqual([NR.fdatasync]);
    loop.goOn(0);
    expect(cbs.map(aioReturn)).toEqual([0, 0]);
  });
});

test('aio_fsync with any other op is EINVAL', () => {
  const { fd } = file('');
  for (const op of [0, O_SYNC | 1]) {
    const cb = new Aiocb({ aio_fildes: fd });
    const error = thrown(() => aioFsync(op as never, cb));
    expect(error).toEqual({ code: 'EINVAL', syscall: 'aio_fsync' });
  }
});

test('aio_fsync waits for all requests on its file that were queued before, in any order', () => {
  const { fd, path } = file('');
  const again = opened(openSync(path, 'r+'));
  const { fd: other } = file('');
  withSlowLoop((loop) => {
    const before = [write(fd, 'a'), write(again, 'b', 1), write(other, 'c')];
    const sync = fsync(fd);
    const after = write(fd, 'd', 2);
    expect(loop.held.map(({ nr }) => nr)).toEqual(Array(4).fill(NR.pwrite64));
    loop.goOn(3);
    expect(aioReturn(after)).toBe(1);
    loop.goOn(1);
    expect(aioError(sync)).toBe(EINPROGRESS);
    loop.goOn(0);
    expect(loop.held.map(({ nr }) => nr)).toEqual([NR.pwrite64, NR.fsync]);
    loop.goOn(1);
    expect(aioReturn(sync)).toBe(0);
    loop.goOn(0);
    expect(before.map(aioReturn)).toEqual([1, 1, 1]);
  });
});

test('aio_fsync has the errno of a request that it waited for and that failed', () => {
  const { fd } = file('');
  withSlowLoop((loop) => {
    const writers = [write(fd, 'a'), write(fd, 'b', 1)];
    const sync = fsync(fd);
    loop.goOn(0, -EIO);
    loop.goOn(0);
    loop.goOn(0);
    expect([...writers, sync].map(aioError)).toEqual([EIO, 0, EIO]);
    expect(thrown(() => aioReturn(sync))).toEqual({ code: 'EIO', syscall: 'aio_fsync' });
  });
});

test('aio_fsync on what cannot be synchronized is EINVAL, once those before it are over', () => {
  const [reading, writing] = pipe();
  const reader = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(1) });
  aioRead(reader);
  const sync = fsync(reading);
  expect(aioError(sync)).toBe(EINPROGRESS);
  writeSync(writing, 'x');
  expect(finish(reader)).toBe(1);
  expect(errorOf(sync)).toBe(EINVAL);
});

test('aio_fsync on a descriptor that is not open is EBADF', () => {
  expect(errorOf(fsync(1_000_000))).toBe(EBADF);
});

test('aio_fsync is cancelled while it waits; what it waited for goes on', () => {
  const [reading, writing] = pipe();
  const reader = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(1) });
  aioRead(reader);
  const sync = fsync(reading);
  aioCancel(reading, sync);
  expect(thrown(() => aioReturn(sync))).toEqual({ code: 'ECANCELED', syscall: 'aio_fsync' });
  writeSync(writing, 'x');
  expect(finish(reader)).toBe(1);
});

test('file requests overlap: they end in any order, reads and writes', () => {
  const { fd, text } = file('0123');
  withSlowLoop((loop) => {
    const reader = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(1), aio_offset: 3 });
    const writers = [write(fd, 'a'), write(fd, 'b', 1)];
    aioRead(reader);
    expect(loop.held).toHaveLength(3);
    loop.goOn(2);
    loop.goOn(1);
    expect([aioError(reader), ...writers.map(aioError)]).toEqual([0, EINPROGRESS, 0]);
    loop.goOn(0);
  });
  expect(text()).toBe('ab23');
});

test('in append mode a write waits for the one before it, and a read does not', () => {
  const { fd, text } = file('>', 'a+');
  withSlowLoop((loop) => {
    const writers = [...'abc'].map((letter) => write(fd, letter));
    const reader = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(1) });
    aioRead(reader);
    expect(loop.held.map(({ nr }) => nr)).toEqual([NR.pwrite64, NR.pread64]);
    loop.goOn(1);
    for (let i = 0; i < 3; i++) loop.goOn(0);
    expect([...writers, reader].map(aioReturn)).toEqual([1, 1, 1, 1]);
  });
  expect(text()).toBe('>abc');
});

test('what cannot be interrupted is AIO_NOTCANCELED, goes on, and succeeds', () => {
  const { fd, text } = file('');
  withSlowLoop((loop) => {
    const cb = write(fd, 'written');
    expect(aioCancel(fd, cb)).toBe(AIO_NOTCANCELED);
    expect(loop.interrupted.length).toBeGreaterThan(1);
    expect(aioError(cb)).toBe(EINPROGRESS);
    loop.goOn(0);
    expect(aioReturn(cb)).toBe(7);
  });
  expect(text()).toBe('written');
});

test('a signal that ends a call late, after AIO_NOTCANCELED, starts it anew', () => {
  const EINTR = 4;
  const { fd, text } = file('');
  withSlowLoop((loop) => {
    const cb = write(fd, 'written');
    expect(aioCancel(fd, cb)).toBe(AIO_NOTCANCELED);
    for (let i = 0; i < 10; i++) loop.goOn(0, -EINTR);
    expect(aioError(cb)).toBe(EINPROGRESS);
    loop.goOn(0);
    expect(aioReturn(cb)).toBe(7);
  });
  expect(text()).toBe('written');
});
