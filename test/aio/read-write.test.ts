import { writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  Aiocb,
  aioCancel,
  aioError,
  aioRead,
  aioReturn,
  aioWrite,
  LIO_WRITE,
} from '../../lib/aio/index.ts';
import { bytes, EINPROGRESS, file, finish, pipe, socketPair, thrown } from './world.ts';

const ENOENT_FD = 1_000_000;
const EBADF = 9;
const EFAULT = 14;
const EINVAL = 22;
const EFBIG = 27;
const UNMAPPED = 4096n;

test('a read that does not block is over at once', () => {
  const cb = new Aiocb({ aio_fildes: file('hello, world').fd, aio_buf: Buffer.alloc(5) });
  aioRead(cb);
  expect(aioError(cb)).toBe(0);
  expect(aioReturn(cb)).toBe(5);
  expect(String(cb.aio_buf)).toBe('hello');
});

test('reads and writes are at aio_offset, and the file offset stays', () => {
  const { fd, text } = file('0123456789');
  const reader = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(3), aio_offset: 4 });
  const writer = new Aiocb({ aio_fildes: fd, aio_buf: bytes('ab'), aio_offset: 8n });
  aioRead(reader);
  aioWrite(writer);
  expect([finish(reader), finish(writer)]).toEqual([3, 2]);
  expect(String(reader.aio_buf)).toBe('456');
  expect(writeSync(fd, 'X')).toBe(1);
  expect(text()).toBe('X1234567ab');
});

test('aio_read and aio_write do not look at aio_lio_opcode', () => {
  const { fd } = file('text');
  const cb = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(4), aio_lio_opcode: LIO_WRITE });
  aioRead(cb);
  expect(finish(cb)).toBe(4);
  expect(String(cb.aio_buf)).toBe('text');
});

test('a read is short at the end of the file, and 0 behind it', () => {
  const { fd } = file('12345');
  const short = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(8), aio_offset: 3 });
  const none = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(8), aio_offset: 5 });
  aioRead(short);
  aioRead(none);
  expect([finish(short), finish(none)]).toEqual([2, 0]);
});

test('where a descriptor cannot seek, aio_offset is not looked at', () => {
  const [reading, writing] = pipe();
  const writer = new Aiocb({ aio_fildes: writing, aio_buf: bytes('pipe'), aio_offset: 999 });
  const reader = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(4), aio_offset: 77 });
  aioWrite(writer);
  aioRead(reader);
  expect([finish(writer), finish(reader)]).toEqual([4, 4]);
  expect(String(reader.aio_buf)).toBe('pipe');
});

test('a read that blocks is in progress until there is something', () => {
  const [reading, writing] = pipe();
  const cb = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(8) });
  aioRead(cb);
  expect(aioError(cb)).toBe(EINPROGRESS);
  writeSync(writing, 'late');
  expect(finish(cb)).toBe(4);
  expect(cb.aio_buf?.toString().slice(0, 4)).toBe('late');
});

test('a write is not behind a pending read of the same socket', () => {
  const [own, peer] = socketPair();
  const reader = new Aiocb({ aio_fildes: own, aio_buf: Buffer.alloc(1) });
  const writer = new Aiocb({ aio_fildes: own, aio_buf: bytes('w') });
  aioRead(reader);
  aioWrite(writer);
  expect(finish(writer)).toBe(1);
  expect(aioError(reader)).toBe(EINPROGRESS);
  const echo = new Aiocb({ aio_fildes: peer, aio_buf: Buffer.alloc(1) });
  aioRead(echo);
  expect([finish(echo), String(echo.aio_buf)]).toEqual([1, 'w']);
  writeSync(peer, 'r');
  expect(finish(reader)).toBe(1);
});

test('a file write is not behind 40 pending socket reads', () => {
  const readers = Array.from({ length: 40 }, () => {
    const [own, peer] = socketPair();
    const cb = new Aiocb({ aio_fildes: own, aio_buf: Buffer.alloc(1) });
    aioRead(cb);
    return { cb, peer };
  });
  const { fd, text } = file('');
  const writer = new Aiocb({ aio_fildes: fd, aio_buf: bytes('written') });
  aioWrite(writer);
  expect(finish(writer)).toBe(7);
  expect(text()).toBe('written');
  expect(readers.map(({ cb }) => aioError(cb))).toEqual(readers.map(() => EINPROGRESS));
  for (const { peer } of readers) writeSync(peer, 'r');
  expect(readers.map(({ cb }) => finish(cb))).toEqual(readers.map(() => 1));
});

test('reads of a stream get its bytes in the order of the calls', () => {
  const [reading, writing] = pipe();
  const readers = Array.from({ length: 20 }, () => {
    const cb = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(1) });
    aioRead(cb);
    return cb;
  });
  writeSync(writing, 'abcdefghijklmnopqrst');
  readers.forEach(finish);
  expect(readers.map((cb) => String(cb.aio_buf)).join('')).toBe('abcdefghijklmnopqrst');
});

test('writes to a stream that is full keep their order', () => {
  const [reading, writing] = pipe();
  const filler = new Aiocb({ aio_fildes: writing, aio_buf: Buffer.alloc(200_000, 'a') });
  aioWrite(filler);
  expect(aioError(filler)).toBe(EINPROGRESS);
  const later = [...'bcd'].map((letter) => {
    const cb = new Aiocb({ aio_fildes: writing, aio_buf: Buffer.alloc(5000, letter) });
    aioWrite(cb);
    return cb;
  });
  let seen = '';
  while (seen.length < 215_000) {
    const reader = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(65_536) });
    aioRead(reader);
    seen += String(reader.aio_buf?.buffer && Buffer.from(reader.aio_buf.buffer, 0, finish(reader)));
  }
  expect([filler, ...later].map(finish)).toEqual([200_000, 5000, 5000, 5000]);
  expect(seen.replace(/(.)\1*/g, '$1')).toBe('abcd');
});

test('in append mode writes append in the order of the calls, wherever aio_offset is', () => {
  const { fd, text } = file('start:', 'a');
  const writers = [...'abc'].map(
    (letter) => new Aiocb({ aio_fildes: fd, aio_buf: bytes(letter), aio_offset: 0 }),
  );
  writers.forEach(aioWrite);
  expect(writers.map(finish)).toEqual([1, 1, 1]);
  expect(text()).toBe('start:abc');
});

test('a block that is in flight is not submitted again, nor changed', () => {
  const [reading] = pipe();
  const cb = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(1) });
  aioRead(cb);
  expect(thrown(() => aioRead(cb))).toEqual({ code: 'EINPROGRESS', syscall: 'aio_read' });
  expect(thrown(() => aioWrite(cb))).toEqual({ code: 'EINPROGRESS', syscall: 'aio_write' });
  expect(thrown(() => Object.assign(cb, { aio_offset: 3 })).code).toBe('EINPROGRESS');
  aioCancel(reading);
});

test('a block can be used again once it is over', () => {
  const { fd } = file('abc');
  const cb = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(1) });
  const seen = [0, 1, 2].map((offset) => {
    cb.aio_offset = offset;
    aioRead(cb);
    finish(cb);
    return String(cb.aio_buf);
  });
  expect(seen).toEqual(['a', 'b', 'c']);
});

test.each([
  ['EBADF', EBADF, { aio_fildes: ENOENT_FD, aio_buf: Buffer.alloc(1) }],
  ['EBADF', EBADF, { aio_fildes: -1, aio_buf: Buffer.alloc(1) }],
  ['EINVAL', EINVAL, { aio_fildes: 0, aio_buf: Buffer.alloc(1), aio_offset: -1 }],
  ['EINVAL', EINVAL, { aio_fildes: 0, aio_buf: Buffer.alloc(1), aio_offset: -(2n ** 63n) }],
])('%s is the status of a read, and its aio_return throws', (code, errno, options) => {
  const cb = new Aiocb(options);
  aioRead(cb);
  expect(aioError(cb)).toBe(errno);
  expect(thrown(() => aioReturn(cb))).toEqual({ code, syscall: 'aio_read' });
  expect(cb.struct.__return_value).toBe(-1n);
});

test('a write past the largest file is EFBIG', () => {
  const { fd } = file('');
  const cb = new Aiocb({ aio_fildes: fd, aio_buf: bytes('x'), aio_offset: 2n ** 63n - 2n });
  aioWrite(cb);
  expect(aioError(cb)).toBe(EFBIG);
});

test('an address without memory is EFAULT', () => {
  const { fd } = file('text');
  const wild = new Aiocb({ aio_fildes: fd });
  wild.struct.aio_buf = UNMAPPED;
  wild.aio_nbytes = 4;
  aioRead(wild);
  expect(aioError(wild)).toBe(EFAULT);
});

test('aio_reqprio outside of its range is EINVAL, and nothing starts', () => {
  const { fd } = file('text');
  for (const aio_reqprio of [-1, 21]) {
    const cb = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(4), aio_reqprio });
    expect(thrown(() => aioRead(cb))).toEqual({ code: 'EINVAL', syscall: 'aio_read' });
    expect(thrown(() => aioWrite(cb))).toEqual({ code: 'EINVAL', syscall: 'aio_write' });
    expect(String(cb.aio_buf)).toBe('\0\0\0\0');
  }
  const highest = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(4), aio_reqprio: 20 });
  aioRead(highest);
  expect(finish(highest)).toBe(4);
});

// The memory of a request that waits for others is held by nobody yet
test('a request whose buffer was transferred while it waited is EFAULT, and its call is not made', () => {
  const [reading, writing] = pipe();
  const first = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(1) });
  const view = new Uint8Array(64);
  const second = new Aiocb({ aio_fildes: reading, aio_buf: view });
  const third = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(1) });
  for (const one of [first, second, third]) aioRead(one);
  expect(aioError(second)).toBe(EINPROGRESS);
  const taken = structuredClone(view, { transfer: [view.buffer] });
  writeSync(writing, 'ab');
  expect(finish(first)).toBe(1);
  expect(finish(third)).toBe(1);
  expect(aioError(second)).toBe(EFAULT);
  expect(() => aioReturn(second)).toThrow('EFAULT');
  expect(taken.every((byte) => byte === 0)).toBe(true);
});
