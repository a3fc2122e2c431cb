import { writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Aiocb, aioCancel, aioError, aioRead, aioReturn, aioSuspend } from '../../lib/aio/index.ts';
import { EINPROGRESS, file, pipe, thrown } from './world.ts';

function reader(): { cb: Aiocb; end: number } {
  const [reading, end] = pipe();
  const cb = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(1) });
  aioRead(cb);
  return { cb, end };
}

test('aio_suspend returns at once if one of the list is over', () => {
  const done = new Aiocb({ aio_fildes: file('a').fd, aio_buf: Buffer.alloc(1) });
  aioRead(done);
  const { cb } = reader();
  aioSuspend([cb, done], { timeoutMs: 0 });
  expect([aioError(cb), aioError(done)]).toEqual([EINPROGRESS, 0]);
});

test('aio_suspend sleeps until any one of the list is over', () => {
  const [first, second] = [reader(), reader()];
  setTimeout(() => undefined, 0);
  writeSync(second.end, 'x');
  aioSuspend([first.cb, second.cb]);
  expect([aioError(first.cb), aioError(second.cb)]).toEqual([EINPROGRESS, 0]);
});

test('aio_suspend passes over null entries, and returns with nothing to wait for', () => {
  const { cb, end } = reader();
  writeSync(end, 'x');
  aioSuspend([null, cb, null]);
  expect(aioReturn(cb)).toBe(1);
  aioSuspend([]);
  aioSuspend([null, null]);
});

test('aio_suspend is EAGAIN when the time is over, 0 only looks', () => {
  const { cb } = reader();
  for (const timeoutMs of [0, 5]) {
    const start = performance.now();
    const error = thrown(() => aioSuspend([cb], { timeoutMs }));
    expect(error).toEqual({ code: 'EAGAIN', syscall: 'aio_suspend' });
    expect(performance.now() - start).toBeGreaterThanOrEqual(timeoutMs);
  }
  expect(aioError(cb)).toBe(EINPROGRESS);
});

test('aio_suspend ends other requests that complete meanwhile too', () => {
  const [first, other] = [reader(), reader()];
  writeSync(other.end, 'x');
  // a busy machine may not get to it in the first 50 ms
  for (let tries = 0; tries < 1000 && other.cb.struct.__error_code === EINPROGRESS; tries++) {
    expect(thrown(() => aioSuspend([first.cb], { timeoutMs: 50 })).code).toBe('EAGAIN');
  }
  expect(other.cb.struct.__error_code).toBe(0);
  aioCancel(first.cb.aio_fildes);
});

test.each([
  [undefined, TypeError, /^list is undefined, expected an array of Aiocb or null$/],
  [[3], TypeError, /^aiocbp is 3, expected an Aiocb$/],
])('aio_suspend of %s says what it expected', (list, type, message) => {
  const run = () => aioSuspend(list as never);
  expect(run).toThrow(type);
  expect(run).toThrow(message);
});

test.each([-1, Number.NaN, '1'])('a timeout of %s is refused', (timeoutMs) => {
  expect(() => aioSuspend([], { timeoutMs: timeoutMs as never })).toThrow(/^timeoutMs is/);
});

test('options that are no object are refused: aioSuspend(list, 5) would sleep for ever', () => {
  expect(() => aioSuspend([], 5 as never)).toThrow('options is 5, expected an object');
});
