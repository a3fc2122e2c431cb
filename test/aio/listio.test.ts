import { writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  AIO_LISTIO_MAX,
  AIO_MAX,
  Aiocb,
  type AiocbOptions,
  aioError,
  aioInit,
  aioRead,
  aioReturn,
  LIO_NOP,
  LIO_NOWAIT,
  LIO_READ,
  LIO_WAIT,
  LIO_WRITE,
  lioListio,
  SIGEV_NONE,
  SIGEV_THREAD,
  type Sigevent,
  type Sigval,
} from '../../lib/aio/index.ts';
import { bytes, EINPROGRESS, file, finish, pipe, thrown } from './world.ts';

const EAGAIN = 11;
const EINVAL = 22;

function reader(aio_fildes: number, more: Partial<AiocbOptions> = {}): Aiocb {
  return new Aiocb({ aio_fildes, aio_buf: Buffer.alloc(1), aio_lio_opcode: LIO_READ, ...more });
}

function writer(aio_fildes: number, text: string, aio_offset: number): Aiocb {
  return new Aiocb({ aio_fildes, aio_buf: bytes(text), aio_offset, aio_lio_opcode: LIO_WRITE });
}

/** Lets the event loop turn until something is true. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 1));
}

test('LIO_WAIT returns when all requests of the list are over', () => {
  const { fd, text } = file('0123456789');
  const [reading, writing] = pipe();
  writeSync(writing, 'p');
  const list = [writer(fd, 'ab', 0), reader(fd, { aio_offset: 9 }), reader(reading)];
  lioListio(LIO_WAIT, list);
  expect(list.map((cb) => cb.struct.__error_code)).toEqual([0, 0, 0]);
  expect(list.map(aioReturn)).toEqual([2, 1, 1]);
  expect(text()).toBe('ab23456789');
});

test('LIO_WAIT waits also for those that block', () => {
  const { fd } = file('x');
  const [reading, writing] = pipe();
  const late = new Aiocb({
    aio_fildes: writing,
    aio_buf: Buffer.alloc(100_000),
    aio_lio_opcode: LIO_WRITE,
  });
  const drain = reader(reading, { aio_buf: Buffer.alloc(100_000) });
  lioListio(LIO_WAIT, [
    late,
    reader(fd),
    drain,
    reader(reading, { aio_buf: Buffer.alloc(65_536) }),
  ]);
  expect(aioReturn(late)).toBe(100_000);
});

test('LIO_NOWAIT returns while requests are in flight', () => {
  const [reading, writing] = pipe();
  const cb = reader(reading);
  lioListio(LIO_NOWAIT, [cb]);
  expect(aioError(cb)).toBe(EINPROGRESS);
  writeSync(writing, 'x');
  expect(finish(cb)).toBe(1);
});

test('null entries and LIO_NOP are passed over', () => {
  const { fd } = file('x');
  const nop = reader(fd, { aio_lio_opcode: LIO_NOP });
  const cb = reader(fd);
  lioListio(LIO_WAIT, [null, nop, cb]);
  expect(aioReturn(cb)).toBe(1);
  expect(thrown(() => aioError(nop)).code).toBe('EINVAL');
});

test('sig tells once when all requests of a LIO_NOWAIT list are over, after their own', async () => {
  const [reading, writing] = pipe();
  const seen: string[] = [];
  const told = (name: string): Sigevent => ({
    sigev_notify: SIGEV_THREAD,
    sigev_notify_function: ({ sival_int }: Sigval) => seen.push(`${name} ${sival_int}`),
    sigev_value: name.length,
  });
  const list = [reader(reading, { aio_sigevent: told('one') }), reader(file('x').fd)];
  lioListio(LIO_NOWAIT, list, told('list'));
  expect(seen).toEqual([]);
  writeSync(writing, 'x');
  await until(() => seen.length > 0);
  expect(seen).toEqual(['one 3', 'list 4']);
  expect(list.map(aioReturn)).toEqual([1, 1]);
});

test('a list without requests tells at once; LIO_WAIT does not look at sig', async () => {
  let calls = 0;
  const sig = { sigev_notify: SIGEV_THREAD, sigev_notify_function: () => calls++ } as const;
  lioListio(LIO_NOWAIT, [null], sig);
  expect(calls).toBe(0);
  await until(() => calls > 0);
  lioListio(LIO_WAIT, [reader(file('x').fd)], sig);
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toBe(1);
});

test('a failed request of a LIO_WAIT list is EIO, and the others are done', () => {
  const { fd, text } = file('');
  const list = [writer(fd, 'a', 0), reader(1_000_000), writer(fd, 'b', 1)];
  expect(thrown(() => lioListio(LIO_WAIT, list))).toEqual({ code: 'EIO', syscall: 'lio_listio' });
  expect(list.map(aioError)).toEqual([0, 9, 0]);
  expect(text()).toBe('ab');
});

test('an entry with a bad member has the status EINVAL: EIO, the others are done', () => {
  const { fd, text } = file('');
  const bad = [
    reader(fd, { aio_lio_opcode: 3 }),
    reader(fd, { aio_reqprio: 99 }),
    writer(fd, 'x', 0),
  ];
  for (const mode of [LIO_NOWAIT, LIO_WAIT] as const) {
    expect(thrown(() => lioListio(mode, bad)).code).toBe('EIO');
    expect(bad.map(finishError)).toEqual([EINVAL, EINVAL, 0]);
  }
  expect(text()).toBe('x');
});

function finishError(cb: Aiocb): number {
  const error = aioError(cb);
  expect(error).not.toBe(EINPROGRESS);
  return error;
}

test('beyond the limit: EAGAIN, which is also the status of those that were not submitted', () => {
  const [reading, writing] = pipe();
  aioInit({ aio_num: 2 });
  try {
    const list = [reader(reading), reader(reading), reader(reading)];
    const error = thrown(() => lioListio(LIO_NOWAIT, list));
    expect(error).toEqual({ code: 'EAGAIN', syscall: 'lio_listio' });
    expect(list.map(aioError)).toEqual([EINPROGRESS, EINPROGRESS, EAGAIN]);
    expect(thrown(() => aioRead(reader(reading)))).toEqual({ code: 'EAGAIN', syscall: 'aio_read' });
    writeSync(writing, 'xy');
    expect([list[0], list[1]].map((cb) => finish(cb as Aiocb))).toEqual([1, 1]);
    const next = reader(file('x').fd);
    aioRead(next);
    expect(aioReturn(next)).toBe(1);
  } finally {
    aioInit({ aio_num: AIO_MAX });
  }
});

test('a mode, list or sig that is wrong is EINVAL, and nothing starts', () => {
  const { fd, text } = file('');
  const cb = writer(fd, 'x', 0);
  const wrong = [
    () => lioListio(2 as never, [cb]),
    () => lioListio(LIO_WAIT, [cb, ...new Array<null>(AIO_LISTIO_MAX).fill(null)]),
    () => lioListio(LIO_NOWAIT, [cb], { sigev_notify: 4 } as never),
    () => lioListio(LIO_WAIT, [cb, cb]),
  ];
  for (const run of wrong) {
    expect(thrown(run)).toEqual({ code: 'EINVAL', syscall: 'lio_listio' });
  }
  expect(thrown(() => aioError(cb)).code).toBe('EINVAL');
  expect(text()).toBe('');
});

test('a block of the list that is in flight is EINPROGRESS, and nothing starts', () => {
  const [reading, writing] = pipe();
  const busy = reader(reading);
  aioRead(busy);
  const { fd, text } = file('');
  expect(thrown(() => lioListio(LIO_WAIT, [writer(fd, 'x', 0), busy])).code).toBe('EINPROGRESS');
  expect(text()).toBe('');
  writeSync(writing, 'x');
  expect(finish(busy)).toBe(1);
});

test('no sig, and SIGEV_NONE, tell nobody', () => {
  const cb = reader(file('x').fd);
  lioListio(LIO_NOWAIT, [cb], { sigev_notify: SIGEV_NONE });
  expect(aioReturn(cb)).toBe(1);
});
