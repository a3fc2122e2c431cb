import { closeSync, openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { native } from '../../lib/native.ts';
import { fileLock, type SysOptions, sys } from '../../lib/posix/index.ts';
import { newPipe, newSocketPair } from '../posix/pipes.ts';

const TASKS = 6;
/** Kept for calls that block unexpectedly. */
const SPARE = 1;
const IN_FLIGHT = TASKS - 2 - SPARE;
const letter = (index: number) => String.fromCharCode(65 + index);

/** A read that asks nobody first, and waits for no descriptor: it needs a thread if it blocks. */
const read = (fd: number, buffer: Buffer, options: SysOptions = {}) =>
  sys.call('read', fd, buffer, buffer.length, options);
const readAsync = (fd: number, buffer: Buffer, options: SysOptions = {}) =>
  sys.call.async('read', fd, buffer, buffer.length, options);

afterEach(() => {
  sys.detach();
  sys.configure({});
});

test('calls beyond the cap of tasks wait, and go out in their order', async () => {
  sys.configure({ maxTasks: TASKS });
  const pipe = newPipe();
  const count = 40;
  const buffers = Array.from({ length: count }, () => Buffer.alloc(1));
  const order: number[] = [];
  const reads = buffers.map(async (buffer, index) => {
    expect(await read(pipe.readEnd, buffer)).toBe(1);
    order.push(index);
  });
  expect(sys.counters()).toMatchObject({ inFlight: IN_FLIGHT, waiting: count - IN_FLIGHT });
  expect(sys.pending).toBe(count);
  expect(native().counters().tasks).toBeLessThanOrEqual(TASKS);
  // one byte at a time: whoever of those in flight gets it, the next in the queue goes out
  for (let i = 0; i < count; i++) {
    pipe.write(letter(i));
    while (order.length === i) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(reads);
  const letters = buffers.map((buffer) => buffer.toString()).sort();
  expect(letters).toEqual(Array.from({ length: count }, (_, i) => letter(i)).sort());
  // nobody overtakes more than those that were in flight with him
  for (const [at, index] of order.entries()) expect(index).toBeLessThan(at + IN_FLIGHT);
  pipe.close();
});

test('while calls wait, what can be made at once is made at once', async () => {
  sys.configure({ maxTasks: TASKS });
  const pipe = newPipe();
  const reads = Array.from({ length: IN_FLIGHT + 20 }, () => read(pipe.readEnd, Buffer.alloc(1)));
  const before = sys.counters();
  expect(before).toMatchObject({ inFlight: IN_FLIGHT, waiting: 20 });
  expect(sys.call('getpid')).toBe(process.pid);
  expect(sys.call.sync('getpid')).toBe(process.pid);
  const other = newPipe();
  expect(sys.write(other.writeEnd, Buffer.from('hello'))).toBe(5);
  expect(sys.read(other.readEnd, Buffer.alloc(8))).toBe(5);
  const [left, right] = newSocketPair();
  expect(sys.sendto(left, Buffer.from('x'))).toBe(1);
  expect(sys.recvfrom(right, Buffer.alloc(8))).toBe(1);
  expect(sys.counters()).toMatchObject({ inFlight: IN_FLIGHT, waiting: 20 });
  // one waits for its descriptor, and takes nobody's place; the other waits behind the others
  const behind = [sys.read(other.readEnd, Buffer.alloc(8)), sys.nanosleep(0)];
  expect(sys.counters()).toMatchObject({
    inFlight: IN_FLIGHT,
    waiting: 21,
    awaitingReadiness: 1,
  });
  // the write that the reads wait for
  expect(await sys.write(pipe.writeEnd, Buffer.alloc(reads.length))).toBe(reads.length);
  expect(sys.write(other.writeEnd, Buffer.from('!'))).toBe(1);
  expect(await Promise.all(reads)).toEqual(reads.map(() => 1));
  expect(await Promise.all(behind)).toEqual([1, 0]);
  for (const fd of [left, right]) closeSync(fd);
  pipe.close();
  other.close();
});

test('some tasks are kept for calls that block all the same; then they wait, too', async () => {
  sys.configure({ maxTasks: TASKS });
  const pipe = newPipe();
  const reads = Array.from({ length: IN_FLIGHT }, () => read(pipe.readEnd, Buffer.alloc(1)));
  const [F_OFD_SETLKW, F_OFD_SETLK] = [38, 37];
  const file = join(tmpdir(), `syslets-queue-${process.pid}`);
  const [one, other] = [1, 2].map(() => openSync(file, 'w')) as [number, number];
  unlinkSync(file);
  await sys.fcntl(one, F_OFD_SETLK, fileLock(1));
  const locks = [1, 2, 3].map(() => sys.fcntl(other, F_OFD_SETLKW, fileLock(1)));
  expect(sys.counters()).toMatchObject({ inFlight: IN_FLIGHT + SPARE, waiting: 3 - SPARE });
  // nothing blocks now that no task is left; what would not block waits as well
  const last = sys.fcntl(one, F_OFD_SETLK, fileLock(2));
  expect(last).toBeInstanceOf(Promise);
  pipe.write('x'.repeat(IN_FLIGHT));
  expect(await Promise.all([...reads, ...locks, last])).toEqual([1, 1, 1, 0, 0, 0, 0]);
  closeSync(one);
  closeSync(other);
  pipe.close();
});

test('a call that waits is aborted without ever being made', async () => {
  sys.configure({ maxTasks: TASKS });
  const pipe = newPipe();
  const reads = Array.from({ length: IN_FLIGHT }, () => read(pipe.readEnd, Buffer.alloc(1)));
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = readAsync(pipe.readEnd, Buffer.alloc(1), { signal });
  const timed = readAsync(pipe.readEnd, Buffer.alloc(1), { timeoutMs: 5 });
  await expect(timed).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'ABORT_ERR' });
  expect(sys.counters()).toMatchObject({ inFlight: IN_FLIGHT, waiting: 0 });
  pipe.write('x'.repeat(IN_FLIGHT));
  await Promise.all(reads);
  pipe.close();
});

test('more calls than maxCalls are refused, with what to do', async () => {
  sys.configure({ maxTasks: TASKS, maxCalls: 10 });
  const pipe = newPipe();
  const reads = Array.from({ length: 10 }, () => read(pipe.readEnd, Buffer.alloc(1)));
  expect(() => read(pipe.readEnd, Buffer.alloc(1))).toThrow(
    '10 calls are pending, as many as maxCalls allows: await some of them',
  );
  pipe.write('0123456789');
  expect(await Promise.all(reads)).toEqual(reads.map(() => 1));
  pipe.write('x');
  expect(await read(pipe.readEnd, Buffer.alloc(1))).toBe(1);
  pipe.close();
});

test('calls that are pending, in flight or waiting, reject when sys detaches', async () => {
  sys.configure({ maxTasks: TASKS });
  const pipe = newPipe();
  const reads = Array.from({ length: 20 }, () => readAsync(pipe.readEnd, Buffer.alloc(1)));
  const settled = Promise.allSettled(reads);
  await new Promise((resolve) => setTimeout(resolve, 5));
  sys.detach();
  for (const end of await settled) {
    expect(end).toMatchObject({
      status: 'rejected',
      reason: { code: 'ERR_SYSLETS_DETACHED', message: /^read was pending at sys\.detach\(\)/ },
    });
  }
  pipe.write('x');
  expect(await read(pipe.readEnd, Buffer.alloc(1))).toBe(1);
  pipe.close();
});

test.each([
  [{ maxTasks: 3 }, 'maxTasks is 3, expected an integer from 4'],
  [{ maxCalls: 0 }, 'maxCalls is 0'],
  [{ watcher: 'eye' }, "watcher is 'eye'"],
  [{ predict: 1 }, 'predict is 1, expected true or false'],
  [{ tasks: 5 }, 'there is no option tasks: there are watcher, maxTasks'],
  [null, 'options is null, expected an object'],
])('configure(%o) is refused', (options, message) => {
  expect(() => sys.configure(options as never)).toThrow(message);
});

test('configure is for before the first call', () => {
  sys.call('getpid');
  expect(() => sys.configure({})).toThrow('sys is in use: call configure() before the first call');
});
