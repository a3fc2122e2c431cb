import { closeSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Loop, Site } from '../../lib/loop/index.ts';
import { native } from '../../lib/native.ts';
import { type SysOptions, sys } from '../../lib/posix/index.ts';
import { newPipe } from '../posix/pipes.ts';

/** A read that asks nobody first, and waits for no descriptor: it needs a thread if it blocks. */
const read = (fd: number, buffer: Buffer, options: SysOptions = {}) =>
  sys.call('read', fd, buffer, buffer.length, options);

const soon = (ms = 10) => new Promise((resolve) => setTimeout(resolve, ms));

test('before: it rejects at once, and nothing is run', async () => {
  const pipe = newPipe();
  pipe.write('data');
  const signal = AbortSignal.abort(new Error('too late'));
  const before = sys.counters();
  await expect(sys.read(pipe.readEnd, Buffer.alloc(8), { signal })).rejects.toMatchObject({
    name: 'AbortError',
    code: 'ABORT_ERR',
    cause: new Error('too late'),
    message: 'read was aborted',
  });
  expect(sys.counters()).toEqual(before);
  expect(sys.read.sync(pipe.readEnd, Buffer.alloc(8))).toBe(4);
  pipe.close();
});

// Blocked calls are interrupted whether they were handed over or dispatched
test('during: the call is interrupted, over and over, and its data stay where they were', async () => {
  const pipe = newPipe();
  for (let i = 0; i < 60; i++) {
    const controller = new AbortController();
    const reading = read(pipe.readEnd, Buffer.alloc(8), { signal: controller.signal });
    expect(reading).toBeInstanceOf(Promise);
    if (i % 3 === 0) await soon(1);
    controller.abort('enough');
    await expect(reading).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' });
  }
  const { handOffs, dispatches } = sys.counters();
  expect([handOffs > 0, dispatches > 0]).toEqual([true, true]);
  pipe.write('still here');
  expect(await sys.read(pipe.readEnd, Buffer.alloc(16))).toBe(10);
  pipe.close();
});

test('during: one that had succeeded keeps its result', async () => {
  const pipe = newPipe();
  for (let i = 0; i < 50; i++) {
    const controller = new AbortController();
    const buffer = Buffer.alloc(8);
    const reading = sys.read(pipe.readEnd, buffer, { signal: controller.signal });
    pipe.write('data');
    controller.abort();
    const result = await Promise.resolve(reading).catch((error: Error) => error.name);
    if (result === 'AbortError') expect(sys.read.sync(pipe.readEnd, buffer)).toBe(4);
    else expect([result, buffer.toString('utf8', 0, 4)]).toEqual([4, 'data']);
  }
  pipe.close();
});

test('after: it has no effect', async () => {
  const pipe = newPipe();
  const controller = new AbortController();
  const reading = sys.read(pipe.readEnd, Buffer.alloc(8), { signal: controller.signal });
  pipe.write('data');
  expect(await reading).toBe(4);
  const next = sys.read(pipe.readEnd, Buffer.alloc(8));
  controller.abort();
  await soon();
  pipe.write('more!');
  expect(await next).toBe(5);
  pipe.write('x');
  expect(await sys.read(pipe.readEnd, Buffer.alloc(8), { timeoutMs: 1000 })).toBe(1);
  pipe.close();
});

test('a time that is up rejects with a TimeoutError', async () => {
  const pipe = newPipe();
  const start = performance.now();
  const reading = sys.read.async(pipe.readEnd, Buffer.alloc(8), { timeoutMs: 30 });
  await expect(reading).rejects.toMatchObject({
    name: 'TimeoutError',
    code: 'ETIMEDOUT',
    syscall: 'read',
    message: 'ETIMEDOUT: read took longer than 30 ms and was interrupted',
  });
  expect(performance.now() - start).toBeGreaterThanOrEqual(29);
  pipe.close();
});

test('one signal serves any number of calls', async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error) => warnings.push(warning.message);
  process.on('warning', onWarning);
  const pipe = newPipe();
  const controller = new AbortController();
  const reads = Array.from({ length: 50 }, () =>
    sys.read.async(pipe.readEnd, Buffer.alloc(1), { signal: controller.signal }),
  );
  controller.abort();
  const ends = await Promise.allSettled(reads);
  expect(new Set(ends.map((end) => end.status))).toEqual(new Set(['rejected']));
  await soon();
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
  pipe.close();
});

/** How often a storm may begin anew: one hits the threads that were there when it began. */
const STORMS = 20;

/**
 * Signals to all threads of the process, V8's profiler's among them, while `body` runs; again until
 * one has ended a call, which is made again.
 */
async function underForeignSignals(body: () => Promise<void>): Promise<void> {
  process.on('SIGUSR2', () => {}); // for good: one may come late
  process.on('SIGPROF', () => {});
  const restarted = () => native().counters().restarted ?? 0n;
  const before = restarted();
  for (let storm = 0; storm < STORMS && restarted() === before; storm++) {
    const tids = Int32Array.from(readdirSync('/proc/self/task'), Number);
    native().startStorm(tids, 50_000);
    await body();
    native().stopStorm();
  }
  expect(restarted()).toBeGreaterThan(before);
}

test('a storm of foreign signals: calls go on, lose nothing, and sleeps are not cut short', async () => {
  const pipe = newPipe();
  const buffer = Buffer.alloc(8);
  sys.nanosleep(1); // its task is there, to be signalled
  await underForeignSignals(async () => {
    for (let round = 0; round < 20; round++) {
      const start = performance.now();
      const sleeping = sys.nanosleep.async(20);
      const reading = read(pipe.readEnd, buffer);
      expect(await sleeping).toBe(0);
      expect(performance.now() - start).toBeGreaterThan(19);
      pipe.write(`round${String(round).padStart(2, '0')}`);
      expect(await reading).toBe(7);
      expect(buffer.toString('utf8', 0, 7)).toBe(`round${String(round).padStart(2, '0')}`);
    }
  });
  pipe.close();
});

test.each([
  ['nanosleep', () => sys.nanosleep.async(60_000)],
  ['read', async () => read(newPipe().readEnd, Buffer.alloc(8))],
] as const)('an interrupt by the raw layer ends a %s with EINTR', async (_, begin) => {
  const ended = begin().catch((error: NodeJS.ErrnoException) => error.code);
  const timer = setInterval(() => {
    for (let i = 0; i < 64; i++) native().interrupt(Loop.current().ring.address, i);
  }, 1);
  expect(await ended).toBe('EINTR');
  clearInterval(timer);
});

// The kernel holds the file, not the descriptor, once a call has begun: a site of its own has it
// begin on this thread
test('a descriptor that is closed while a read on it blocks: the read goes on, an abort ends it', async () => {
  const pipe = newPipe();
  const buffer = Buffer.alloc(8);
  const reading = sys.read(pipe.readEnd, buffer, { site: new Site() });
  expect(reading).toBeInstanceOf(Promise);
  closeSync(pipe.readEnd);
  pipe.write('hello');
  expect(await reading).toBe(5);
  const other = newPipe();
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = sys.read.async(other.readEnd, buffer, { signal, site: new Site() });
  closeSync(other.readEnd);
  await soon();
  controller.abort();
  await expect(aborted).rejects.toThrow('read was aborted');
  closeSync(pipe.writeEnd);
  closeSync(other.writeEnd);
});

test('a descriptor that is closed before', async () => {
  const pipe = newPipe();
  pipe.close();
  await expect(sys.read.async(pipe.readEnd, Buffer.alloc(1))).rejects.toMatchObject({
    code: 'EBADF',
    message: 'EBADF: bad file descriptor, read',
  });
});

test.each([
  [{ signal: {} }, 'signal is {}, expected an AbortSignal'],
  [{ timeoutMs: -1 }, 'timeoutMs is -1, expected a number from 0'],
  [{ timeoutMs: '5' }, "timeoutMs is '5'"],
  [{ site: {} }, 'site is {}, expected new Site()'],
  [{ singal: 1 }, 'there is no option singal: there are signal, timeoutMs, unref, site'],
  ['x', "options is 'x', expected an object"],
])('options %o are refused', (options, message) => {
  expect(() => sys.read(0, Buffer.alloc(1), options as never)).toThrow(message);
});
