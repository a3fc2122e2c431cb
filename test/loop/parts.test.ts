import { closeSync, readSync, writeSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { constants } from '../../lib/kernel/index.ts';
import { Loop } from '../../lib/loop/index.ts';
import { sys } from '../../lib/posix/index.ts';
import { random } from '../../lib/random.ts';
import { newPipe, newSocketPair } from '../posix/pipes.ts';

// Writes and sends for which there is no room: they go in parts, and need no thread.

const MIB = 1 << 20;
const turn = () => new Promise((resolve) => setImmediate(resolve));
const code = (error: NodeJS.ErrnoException) => error.code;

afterEach(() => {
  sys.detach();
  sys.configure({});
});

/** Bytes that tell where they belong. */
function pattern(bytes: number, seed: number): Buffer {
  const next = random(seed);
  return Buffer.from(Uint32Array.from({ length: Math.ceil(bytes / 4) }, next).buffer, 0, bytes);
}

/** So many calls wait: a part that the kernel slept in, for memory, has had a thread and is over. */
async function allWait(count: number): Promise<void> {
  while (sys.counters().awaitingReadiness < count) await turn();
  expect(sys.counters().inFlight).toBe(0);
}

/** As when a call has taken the last task unforeseen: those whose descriptors are ready wait too. */
async function overFull<T>(body: () => Promise<T>): Promise<T> {
  const settings = Loop.current().settings as { crowdedAt: number; mostInFlight: number };
  const before = { ...settings };
  Object.assign(settings, { crowdedAt: 0, mostInFlight: 0 });
  try {
    return await body();
  } finally {
    Object.assign(settings, before);
  }
}

/** All of so many bytes, read while the other side goes on: it never waits, for that side may need us. */
async function drain(fd: number, bytes: number): Promise<Buffer> {
  const all = Buffer.alloc(bytes);
  sys.call.sync('fcntl', fd, constants.F_SETFL, constants.O_NONBLOCK);
  for (let at = 0; at < bytes; at += readNow(fd, all, at, Math.min(bytes - at, 50_000)))
    await turn();
  return all;
}

function readNow(fd: number, into: Buffer, at: number, bytes: number): number {
  try {
    return readSync(fd, into, at, bytes, null);
  } catch (error) {
    if (code(error as NodeJS.ErrnoException) !== 'EAGAIN') throw error;
    return 0;
  }
}

interface Stream {
  readonly name: string;
  open(): { readonly to: number; readonly from: number };
  write(fd: number, bytes: Buffer, options?: object): Promise<number>;
}

const socket = () => {
  const [to, from] = newSocketPair();
  return { to, from };
};

const streams: readonly Stream[] = [
  {
    name: 'sendto on a socket',
    open: socket,
    write: (fd, bytes, options) => sys.sendto.async(fd, bytes, 0, null, options),
  },
  { name: 'write on a socket', open: socket, write: sys.write.async },
  {
    name: 'write on a pipe',
    open: () => {
      const { readEnd, writeEnd } = newPipe();
      return { to: writeEnd, from: readEnd };
    },
    write: sys.write.async,
  },
];

describe.each(streams)('$name', ({ open, write }) => {
  test('1 MiB ends when all of it is written, in its order, and without a thread', async () => {
    const { to, from } = open();
    const sent = [pattern(MIB, 1), pattern(5, 2), pattern(100_000, 3), Buffer.alloc(0)];
    const counts = sent.map((bytes) => write(to, bytes));
    let ended = false;
    void (counts[0] as Promise<number>).then(() => {
      ended = true;
    });
    await turn();
    expect(ended).toBe(false);
    const whole = Buffer.concat(sent);
    expect((await drain(from, whole.length)).equals(whole)).toBe(true);
    expect(await Promise.all(counts)).toEqual(sent.map(({ length }) => length));
    expect(sys.counters()).toMatchObject({ dispatches: 0, queued: 0, inFlight: 0 });
    for (const fd of [to, from]) closeSync(fd);
  });

  test('a write that has begun is the next on its descriptor, when the house is over-full too', async () => {
    const { to, from } = open();
    const controller = new AbortController();
    const { signal } = controller;
    const sleeping = sys.nanosleep.async(600_000, null, { signal }).catch(code);
    const sent = [pattern(MIB, 7), pattern(MIB, 8), pattern(1000, 9)];
    const [first, second, third] = sent as [Buffer, Buffer, Buffer];
    const counts = [write(to, first), write(to, second)];
    const begun = await overFull(async () => {
      const read: Buffer[] = [];
      // a socket tells that there is room when most of what it had is gone
      while (sys.counters().waiting < 1) {
        read.push(await drain(from, 10_000));
        await turn();
      }
      counts.push(write(to, third));
      for (let i = 0; i < 10; i++) await turn();
      return Buffer.concat(read);
    });
    controller.abort();
    expect(await sleeping).toBe('ABORT_ERR');
    const rest = await drain(from, 2 * MIB + 1000 - begun.length);
    expect(Buffer.concat([begun, rest]).equals(Buffer.concat(sent))).toBe(true);
    expect(await Promise.all(counts)).toEqual(sent.map(({ length }) => length));
    for (const fd of [to, from]) closeSync(fd);
  });

  test('writes that come when the house is over-full keep their order, in a stall too', async () => {
    const { to, from } = open();
    const sleep = new AbortController();
    const third = new AbortController();
    const { signal } = sleep;
    const sleeping = sys.nanosleep.async(600_000, null, { signal }).catch(code);
    const sent = Array.from({ length: 12 }, (_, i) => pattern(40_000, i));
    const counts = await overFull(async () =>
      sent.map((bytes, i) => write(to, bytes, i === 2 ? { signal: third.signal } : {}).catch(code)),
    );
    const { stalls } = sys.counters();
    while (sys.counters().stalls === stalls) await turn();
    third.abort();
    sleep.abort();
    expect(await sleeping).toBe('ABORT_ERR');
    const made = sent.filter((_, i) => i !== 2);
    const got = await drain(from, made.length * 40_000);
    expect(got.equals(Buffer.concat(made))).toBe(true);
    const ends = sent.map(({ length }, i) => (i === 2 ? 'ABORT_ERR' : length));
    expect(await Promise.all(counts)).toEqual(ends);
    for (const fd of [to, from]) closeSync(fd);
  });

  test('40 readers that are slow: no writer has a thread', async () => {
    const all = Array.from({ length: 40 }, open);
    const bytes = pattern(MIB, 4);
    const counts = all.map(({ to }) => write(to, bytes));
    await allWait(40);
    for (const got of await Promise.all(all.map(({ from }) => drain(from, MIB)))) {
      expect(got.equals(bytes)).toBe(true);
    }
    expect(await Promise.all(counts)).toEqual(all.map(() => MIB));
    for (const { to, from } of all) for (const fd of [to, from]) closeSync(fd);
  });

  test('an abort gives the bytes that were written; one that waits behind has written none', async () => {
    const { to, from } = open();
    const controller = new AbortController();
    const { signal } = controller;
    const bytes = pattern(4 * MIB, 5);
    const first = write(to, bytes, { signal });
    const behind = write(to, Buffer.from('behind'), { signal }).catch((error: Error) => error.name);
    await allWait(2);
    controller.abort();
    const count = await first;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(bytes.length);
    expect(await behind).toBe('AbortError');
    expect((await drain(from, count)).equals(bytes.subarray(0, count))).toBe(true);
    for (const fd of [to, from]) closeSync(fd);
  });

  test('a reader that goes away: what was written, and then EPIPE', async () => {
    const { to, from } = open();
    const first = write(to, pattern(4 * MIB, 6));
    await allWait(1);
    closeSync(from);
    expect(await first).toBeLessThan(4 * MIB);
    expect(await write(to, Buffer.from('x')).catch(code)).toBe('EPIPE');
    closeSync(to);
  });

  test('sys.close: what was written, and EBADF for what had not begun', async () => {
    const { to, from } = open();
    const counts = [1, 2].map((seed) => write(to, pattern(4 * MIB, seed)).catch(code));
    await allWait(2);
    await sys.close(to);
    const [first, behind] = await Promise.all(counts);
    expect(first).toBeGreaterThan(0);
    expect(behind).toBe('EBADF');
    closeSync(from);
  });

  test('with O_NONBLOCK the answer is EAGAIN, or what there is room for', async () => {
    const { to, from } = open();
    const O_NONBLOCK = 0o4000;
    sys.fcntl.sync(to, 4, O_NONBLOCK);
    const bytes = pattern(4 * MIB, 7);
    const count = await write(to, bytes);
    expect(count).toBeLessThan(bytes.length);
    expect(await write(to, bytes).catch(code)).toBe('EAGAIN');
    expect((await drain(from, count)).equals(bytes.subarray(0, count))).toBe(true);
    for (const fd of [to, from]) closeSync(fd);
  });

  test('.sync that waits has the rest written', async () => {
    const { to, from } = open();
    const bytes = pattern(200_000, 8);
    const count = write(to, bytes);
    const got = Buffer.alloc(bytes.length);
    for (let at = 0; at < got.length; ) at += sys.read.sync(from, got.subarray(at));
    expect(got.equals(bytes)).toBe(true);
    expect(await count).toBe(bytes.length);
    for (const fd of [to, from]) closeSync(fd);
  });

  test('random writes and reads: no byte is lost, none is overtaken', async () => {
    const seed = Date.now() | 0;
    const next = random(seed);
    const { to, from } = open();
    const sent = Array.from({ length: 60 }, () => pattern(1 + (next() % 60_000), next()));
    const whole = Buffer.concat(sent);
    const reading = drain(from, whole.length);
    const counts: Promise<number>[] = [];
    for (const bytes of sent) {
      counts.push(write(to, bytes));
      if (next() % 3 === 0) await turn();
    }
    expect((await reading).equals(whole), `seed ${seed}`).toBe(true);
    expect(await Promise.all(counts)).toEqual(sent.map(({ length }) => length));
    for (const fd of [to, from]) closeSync(fd);
  });
});

test('SO_SNDTIMEO expires: with what was sent, and with EAGAIN if that is nothing', async () => {
  const [to, from] = newSocketPair();
  sys.call.sync('setsockopt', to, 1, 21, new BigInt64Array([0n, 20_000n]), 16);
  const bytes = pattern(4 * MIB, 9);
  const count = await sys.sendto.async(to, bytes);
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThan(bytes.length);
  expect(await sys.sendto.async(to, bytes).catch(code)).toBe('EAGAIN');
  expect((await drain(from, count)).equals(bytes.subarray(0, count))).toBe(true);
  for (const fd of [to, from]) closeSync(fd);
});

test('datagrams to a socket by its address are not divided, and all of them arrive', async () => {
  const fds = new Int32Array(2);
  sys.call.sync('socketpair', 1, 2, 0, fds); // AF_UNIX, SOCK_DGRAM
  const [to, from] = [fds[0] as number, fds[1] as number];
  const sent = Array.from({ length: 1000 }, (_, i) => Buffer.from(`${i}`));
  const counts = sent.map((bytes) => sys.sendto.async(to, bytes));
  const buffer = Buffer.alloc(16);
  for (const bytes of sent) {
    const count = await sys.recvfrom.async(from, buffer);
    expect(buffer.toString('utf8', 0, count)).toBe(`${bytes}`);
  }
  expect(await Promise.all(counts)).toEqual(sent.map(({ length }) => length));
  for (const fd of [to, from]) closeSync(fd);
});

test('a small write has the room that is left in the last page of a full pipe', async () => {
  const pipe = newPipe();
  for (let i = 0; i < 16; i++) writeSync(pipe.writeEnd, Buffer.alloc(4090)); // a page each
  expect(sys.write(pipe.writeEnd, Buffer.from('abc'))).toBe(3);
  pipe.close();
});
