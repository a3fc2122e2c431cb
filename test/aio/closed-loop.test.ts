import { expect, test } from 'vitest';
import { Aiocb, aioError, aioRead, aioReturn, aioSuspend } from '../../lib/aio/index.ts';
import { Loop } from '../../lib/loop/index.ts';
import { file, finish, pipe, thrown } from './world.ts';

const ECANCELED = 125;

test("the end of the thread's loop cancels its requests, and the next one makes a new loop", () => {
  const [reading] = pipe();
  const cbs = Array.from({ length: 5 }, () => {
    const cb = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(1) });
    aioRead(cb);
    return cb;
  });
  Loop.current().close();
  aioSuspend(cbs);
  expect(cbs.map((cb) => aioError(cb))).toEqual(cbs.map(() => ECANCELED));
  expect(thrown(() => aioReturn(cbs[0] as Aiocb)).code).toBe('ECANCELED');
  const next = new Aiocb({ aio_fildes: file('x').fd, aio_buf: Buffer.alloc(1) });
  aioRead(next);
  expect(finish(next)).toBe(1);
});
