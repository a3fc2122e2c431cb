import { AsyncLocalStorage } from 'node:async_hooks';
import { writeSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import {
  Aiocb,
  aioFsync,
  aioRead,
  aioWrite,
  LIO_NOWAIT,
  LIO_READ,
  lioListio,
  O_SYNC,
  SIGEV_THREAD,
  type Sigevent,
} from '../../lib/aio/index.ts';
import { sys } from '../../lib/posix/index.ts';
import { file, pipe } from './world.ts';

const storage = new AsyncLocalStorage<string>();
afterEach(() => sys.detach());

/** Lets the event loop turn until something is true. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Tells `seen` its name and whose context it runs in. */
function telling(seen: string[], name: string): Sigevent {
  return {
    sigev_notify: SIGEV_THREAD,
    sigev_notify_function: () => seen.push(`${name} for ${storage.getStore()}`),
  };
}

function reader(fd: number, event?: Sigevent): Aiocb {
  const notify = event === undefined ? {} : { aio_sigevent: event };
  return new Aiocb({
    aio_fildes: fd,
    aio_buf: Buffer.alloc(1),
    aio_lio_opcode: LIO_READ,
    ...notify,
  });
}

test('a function is called in the context of who submitted, whoever attached first', async () => {
  const [reading, writing] = pipe();
  const { fd } = file('x');
  const seen: string[] = [];
  storage.run('first', () => aioRead(reader(reading, telling(seen, 'read'))));
  storage.run('second', () => aioRead(reader(reading, telling(seen, 'read'))));
  storage.run('third', () => aioRead(reader(fd, telling(seen, 'at once'))));
  storage.run('fourth', () => aioFsync(O_SYNC, reader(fd, telling(seen, 'fsync'))));
  storage.run('fifth', () => {
    lioListio(LIO_NOWAIT, [reader(reading), reader(reading)], telling(seen, 'list'));
  });
  aioRead(reader(reading, telling(seen, 'read')));
  storage.run('writer', () => writeSync(writing, '12345'));
  await until(() => seen.length === 6);
  expect(seen.filter((one) => !one.startsWith('fsync'))).toEqual([
    'at once for third',
    'read for first',
    'read for second',
    'list for fifth',
    'read for undefined',
  ]);
  expect(seen).toContain('fsync for fourth');
});

test('a block that is used again is bound anew, and made once belongs to no context', async () => {
  const [reading, writing] = pipe();
  const seen: string[] = [];
  const cb = storage.run('maker', () => reader(reading, telling(seen, 'read')));
  for (const name of ['one', 'two']) {
    storage.run(name, () => aioRead(cb));
    writeSync(writing, 'x');
    await until(() => seen.length === (name === 'one' ? 1 : 2));
  }
  expect(seen).toEqual(['read for one', 'read for two']);
});

test.each([1, 5, 64])(
  '%d reads that are queued on one pipe are told in their order',
  async (count) => {
    const [reading, writing] = pipe();
    const told: number[] = [];
    for (let i = 0; i < count; i++) {
      aioRead(
        reader(reading, { sigev_notify: SIGEV_THREAD, sigev_notify_function: () => told.push(i) }),
      );
    }
    writeSync(writing, 'x'.repeat(count));
    await until(() => told.length === count);
    expect(told).toEqual(Array.from({ length: count }, (_, i) => i));
  },
);

test('writes that are queued on one pipe, and an fsync behind writes, are told in their order', async () => {
  const [reading, writing] = pipe();
  const told: number[] = [];
  const bytes = 40_000;
  for (let i = 0; i < 5; i++) {
    const sigev_notify_function = () => told.push(i);
    const aio_sigevent = { sigev_notify: SIGEV_THREAD, sigev_notify_function } as const;
    aioWrite(new Aiocb({ aio_fildes: writing, aio_buf: Buffer.alloc(bytes), aio_sigevent }));
  }
  const buffer = Buffer.alloc(bytes);
  for (let got = 0; got < 5 * bytes; ) got += await sys.read(reading, buffer);
  await until(() => told.length === 5);
  expect(told).toEqual([0, 1, 2, 3, 4]);
});
