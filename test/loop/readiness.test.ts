import {
  closeSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { Aiocb, aioRead, aioReturn, aioSuspend } from '../../lib/aio/index.ts';
import { eventSet, NR } from '../../lib/kernel/index.ts';
import { EventSide } from '../../lib/loop/event-side.ts';
import { Loop, Site, traitsOf } from '../../lib/loop/index.ts';
import { Readiness } from '../../lib/loop/readiness.ts';
import { native } from '../../lib/native.ts';
import { readable } from '../../lib/posix/hints.ts';
import { SocketAddress, sys } from '../../lib/posix/index.ts';
import { CompletionRing } from '../../lib/ring/index.ts';
import { newPipe, newSocketPair } from '../posix/pipes.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-ready-'));
const turn = () => new Promise((resolve) => setImmediate(resolve));
const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const code = (error: NodeJS.ErrnoException) => error.code;

afterEach(() => {
  sys.detach();
  sys.configure({});
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A site that is sure that its calls block. */
function sure(): Site {
  const site = new Site();
  for (let i = 0; i < 3; i++) site.sawBlock();
  return site;
}

/** Nothing has needed a thread. */
function expectNoThread(handOffs = 0): void {
  expect(sys.counters()).toMatchObject({ handOffs, dispatches: 0, queued: 0, inFlight: 0 });
}

test('to ask if a number still names its file wakes nobody, also where the other side has gone', () => {
  const unused = () => expect.unreachable();
  const readiness = new Readiness({ make: unused, later: unused, look: unused });
  const events = new EventSide(CompletionRing.create(8), readiness.events, unused);
  const pipe = newPipe();
  closeSync(pipe.writeEnd);
  sys.detach(); // an environment has one set
  events.open();
  const generation = readiness.generationOf(pipe.readEnd);
  events.take(0); // it has been added: that tells once
  for (let i = 0; i < 3; i++) {
    expect(readiness.generationOf(pipe.readEnd)).toBe(generation);
    expect(events.take(0)).toBe(0);
  }
  closeSync(pipe.readEnd);
  readiness.close();
  events.close();
});

test('epoll refuses a regular file (EPERM): to add it, and to arm a number that names one by now', () => {
  const unused = () => expect.unreachable();
  const events = new EventSide(CompletionRing.create(8), new Int32Array(192), unused);
  const path = join(folder, 'refused');
  writeFileSync(path, '');
  const fd = openSync(path, 'r');
  sys.detach(); // an environment has one set
  events.open();
  const [EPOLLIN, GENERATION, ANY, REFUSED] = [1, 1, 0, -1];
  expect(eventSet().readyAdd(fd, EPOLLIN, GENERATION, ANY)).toBe(REFUSED);
  expect(eventSet().readyArm(fd, EPOLLIN, GENERATION, ANY)).toBe(REFUSED);
  events.close();
  closeSync(fd);
});

describe('calls that wait for their descriptor', () => {
  test('2,000 pipes with a read each: the last has its byte, and no call has a thread', async () => {
    const pipes = Array.from({ length: 2000 }, newPipe);
    sys.detach(); // counters begin anew
    const buffers = pipes.map(() => Buffer.alloc(1));
    const reads = pipes.map((pipe, i) => sys.read.async(pipe.readEnd, buffers[i] as Buffer));
    expect(sys.counters()).toMatchObject({ awaitingReadiness: 2000, readinessWaits: 2000 });
    expect(sys.pending).toBe(2000);
    for (const i of [1999, 0, 1000]) {
      pipes[i]?.write('x');
      expect(await reads[i]).toBe(1);
      expect(String(buffers[i])).toBe('x');
    }
    for (const pipe of pipes) pipe.write('y');
    expect(await Promise.all(reads)).toEqual(reads.map(() => 1));
    expectNoThread();
    expect(native().counters().tasks).toBeLessThan(8n);
    for (const pipe of pipes) pipe.close();
  });

  test('the first receive and accept of a fresh socket are no hand-off, 300 times', async () => {
    const listener = await sys.call('socket', 2, 1, 0);
    const address = SocketAddress.ip('127.0.0.1', 0);
    await sys.call('bind', listener, address.storage, address.length);
    await sys.call('listen', listener, 8);
    await sys.call('getsockname', listener, address.storage, new Int32Array([128]));
    for (let i = 0; i < 300; i++) {
      const accepting = sys.accept4.async(listener, null, 0);
      const client = await sys.call('socket', 2, 1, 0);
      expect(sys.connect.sync(client, SocketAddress.ip('127.0.0.1', address.port))).toBe(0);
      const server = await accepting;
      const buffer = Buffer.alloc(8);
      const receiving = sys.recvfrom(server, buffer);
      writeSync(client, 'hello');
      expect(await receiving).toBe(5);
      await sys.close(server);
      closeSync(client);
    }
    const { handOffs, dispatches, readinessWaits } = sys.counters();
    expect({ handOffs, dispatches }).toEqual({ handOffs: 0, dispatches: 0 });
    expect(readinessWaits).toBeGreaterThan(300);
    await sys.close(listener);
  });

  test('several on one stream: first come, first served, also by one that could be made at once', async () => {
    const pipe = newPipe();
    const order: string[] = [];
    const read = (name: string) => {
      const buffer = Buffer.alloc(1);
      return Promise.resolve(sys.read(pipe.readEnd, buffer)).then(() => order.push(name + buffer));
    };
    const reads = [read('1'), read('2'), read('3')];
    pipe.write('abcd');
    reads.push(read('4')); // data are there already, and three are before it
    await Promise.all(reads);
    expect(order).toEqual(['1a', '2b', '3c', '4d']);
    expectNoThread();
    pipe.close();
  });

  test('both directions of one socket at once', async () => {
    const [left, right] = newSocketPair();
    const filler = Buffer.alloc(1 << 20);
    const sent = sys.call.sync('sendto', left, filler, filler.length, 0x40, 0, 0); // MSG_DONTWAIT
    const { handOffs } = sys.counters(); // memory for so much may make the kernel sleep
    const sending = sys.sendto.async(left, Buffer.from('end'), 0, null, { site: sure() });
    const receiving = sys.recvfrom.async(left, Buffer.alloc(8));
    expect(sys.counters()).toMatchObject({ awaitingReadiness: 2, inFlight: 0 });
    sys.write.sync(right, Buffer.from('hello'));
    expect(await receiving).toBe(5);
    expect(sys.counters().awaitingReadiness).toBe(1);
    const all = Buffer.alloc(2 << 20);
    let received = 0;
    while (received < sent) received += readSync(right, all);
    expect(await sending).toBe(3);
    expectNoThread(handOffs);
    for (const fd of [left, right]) closeSync(fd);
  });

  test('dups of one pipe: a byte for both wakes both, and the one that comes late is handed over', async () => {
    const pipe = newPipe();
    const twin = sys.call.sync('dup', pipe.readEnd);
    const buffers = [Buffer.alloc(1), Buffer.alloc(1)] as const;
    const reads = [sys.read(pipe.readEnd, buffers[0]), sys.read(twin, buffers[1])];
    let ended = 0;
    for (const one of reads) void Promise.resolve(one).then(() => ended++);
    pipe.write('a');
    while (ended === 0) await turn();
    expect(ended).toBe(1);
    pipe.write('b');
    expect(await Promise.all(reads)).toEqual([1, 1]);
    expect(buffers.map(String).sort()).toEqual(['a', 'b']);
    expect(sys.counters().handOffs).toBeLessThanOrEqual(1);
    closeSync(twin);
    pipe.close();
  });

  test('what somebody else has taken wakes nobody', async () => {
    const pipe = newPipe();
    const buffer = Buffer.alloc(8);
    const reading = sys.read(pipe.readEnd, buffer);
    pipe.write('theirs');
    readSync(pipe.readEnd, Buffer.alloc(8));
    await soon(5);
    expect(sys.counters()).toMatchObject({ awaitingReadiness: 1, inlineHits: 0 });
    pipe.write('ours');
    expect(await reading).toBe(4);
    expect(buffer.toString('utf8', 0, 4)).toBe('ours');
    expectNoThread();
    pipe.close();
  });

  test('the end of a stream ends all that wait for it', async () => {
    const pipe = newPipe();
    const reads = [1, 2, 3].map(() => sys.read.async(pipe.readEnd, Buffer.alloc(1)));
    closeSync(pipe.writeEnd);
    expect(await Promise.all(reads)).toEqual([0, 0, 0]);
    closeSync(pipe.readEnd);
  });

  test('eventfd, timerfd and inotify', async () => {
    const events = sys.call.sync('eventfd2', 0, 0);
    const counting = sys.eventfd_read.async(events);
    const timer = sys.call.sync('timerfd_create', 1, 0);
    const spec = new BigInt64Array([0n, 0n, 0n, 5_000_000n]);
    sys.call.sync('timerfd_settime', timer, 0, spec, 0);
    const ticking = sys.timerfd_read.async(timer);
    const notify = sys.call.sync('inotify_init1', 0);
    sys.call.sync('inotify_add_watch', notify, folder, 0x100);
    const noticing = sys.inotify_read.async(notify, Buffer.alloc(4096));
    expect(sys.counters().awaitingReadiness).toBe(3);
    sys.write.sync(events, new BigInt64Array([7n]));
    closeSync(openSync(join(folder, 'new'), 'w'));
    expect(await Promise.all([counting, ticking])).toEqual([7n, 1n]);
    expect([...(await noticing)].map(({ name }) => Buffer.from(name).toString())).toEqual(['new']);
    expectNoThread();
    for (const fd of [events, timer, notify]) closeSync(fd);
  });
});

describe('what poll does not tell is answered at once, as by the kernel alone', () => {
  const { O_RDONLY, O_WRONLY, O_NONBLOCK } = { O_RDONLY: 0, O_WRONLY: 1, O_NONBLOCK: 0o4000 };

  /** The call's own result or code by .sync, and then by the form that may wait. */
  async function same(
    read: {
      (fd: number, buffer: Buffer): unknown;
      sync(fd: number, buffer: Buffer): unknown;
    },
    fd: number,
    bytes: number,
  ): Promise<unknown> {
    const outcome = async (run: () => unknown) => {
      try {
        return await run();
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
    };
    const alone = await outcome(() => read.sync(fd, Buffer.alloc(bytes)));
    for (let i = 0; i < 4; i++) {
      expect(await outcome(() => read(fd, Buffer.alloc(bytes)))).toEqual(alone);
    }
    return alone;
  }

  test.each([
    ['the write end of a pipe', () => newPipe().writeEnd, 8, 'EBADF'],
    ['no bytes', () => newPipe().readEnd, 0, 0],
    ['an epoll set', () => sys.call.sync('epoll_create1', 0), 8, 'EINVAL'],
    ['too short a read of an eventfd', () => sys.call.sync('eventfd2', 0, 0), 4, 'EINVAL'],
    ['O_NONBLOCK', () => sys.call.sync('eventfd2', 0, O_NONBLOCK), 8, 'EAGAIN'],
    ['/dev/null', () => openSync('/dev/null', 'r'), 8, 0],
    ['/dev/zero', () => openSync('/dev/zero', 'r'), 8, 8],
    ['a directory', () => openSync(folder, 'r'), 8, 'EISDIR'],
    ['memory', () => sys.call.sync('memfd_create', 'x', 0), 8, 0],
    ['/proc', () => openSync('/proc/sys/kernel/ostype', 'r'), 0, 0],
    ['no descriptor', () => 1_000_000, 8, 'EBADF'],
    [
      'a signalfd that is read in part',
      () => {
        return sys.call.sync('signalfd4', -1, new BigUint64Array([1n]), 8, 0);
      },
      8,
      'EINVAL',
    ],
  ])('%s', async (_name, open, bytes, expected) => {
    const fd = open();
    expect(await same(sys.read, fd, bytes)).toBe(expected);
    if (fd !== 1_000_000) closeSync(fd);
  });

  test('a socket that listens, one that is not connected, MSG_DONTWAIT, MSG_OOB', async () => {
    const listener = sys.call.sync('socket', 2, 1, 0);
    sys.call.sync('listen', listener, 1);
    expect(await same(sys.recvfrom as never, listener, 8)).toBe('ENOTCONN');
    expect(await same(sys.read, listener, 8)).toBe('ENOTCONN');
    const fresh = sys.call.sync('socket', 2, 1, 0);
    expect(await same(sys.recvfrom as never, fresh, 8)).toBe('ENOTCONN');
    expect(await sys.accept4.async(fresh, null).catch(code)).toBe('EINVAL');
    const [left, right] = newSocketPair();
    expect(await sys.accept4.async(left, null).catch(code)).toBe('EINVAL');
    const buffer = Buffer.alloc(8);
    for (const flags of [0x40, 1]) {
      const alone = (() => {
        try {
          return sys.recvfrom.sync(left, buffer, flags);
        } catch (error) {
          return code(error as Error);
        }
      })();
      expect(await sys.recvfrom.async(left, buffer, flags).catch(code)).toBe(alone);
    }
    for (const fd of [listener, fresh, left, right]) closeSync(fd);
  });

  test('arguments that the kernel refuses', async () => {
    const [left, right] = newSocketPair();
    const pipe = newPipe();
    const many = Array.from({ length: 1025 }, () => Buffer.alloc(1));
    expect(await sys.recvmsg.async(left, { buffers: many }).catch(code)).toBe('EMSGSIZE');
    expect(await sys.readv.async(pipe.readEnd, many).catch(code)).toBe('EINVAL');
    expect(await sys.readv(pipe.readEnd, [])).toBe(0);
    const listener = sys.call.sync('socket', 2, 1, 0);
    sys.call.sync('listen', listener, 1);
    expect(await sys.accept4.async(listener, null, 1).catch(code)).toBe('EINVAL');
    for (const fd of [left, right, listener]) closeSync(fd);
    pipe.close();
  });

  test('a FIFO that nobody has opened for writing gives 0, whenever O_NONBLOCK went', async () => {
    const path = join(folder, 'fifo');
    sys.call.sync('mknodat', -100, path, 0o010600, 0);
    const fd = sys.openat.sync(-100, path, O_RDONLY | O_NONBLOCK);
    sys.fcntl.sync(fd, 4, 0); // F_SETFL: it blocks from now on
    expect(await same(sys.read, fd, 8)).toBe(0);
    const writer = sys.openat.sync(-100, path, O_WRONLY);
    const reads = [1, 2].map(() => sys.read.async(fd, Buffer.alloc(1)));
    writeSync(writer, 'ab');
    expect(await Promise.all(reads)).toEqual([1, 1]);
    const waiting = sys.read.async(fd, Buffer.alloc(1));
    closeSync(writer);
    expect(await waiting).toBe(0);
    closeSync(fd);
  });

  test('SO_RCVTIMEO expires, also for one that waits behind others', async () => {
    const [left, right] = newSocketPair();
    const first = sys.recvfrom.async(left, Buffer.alloc(1));
    const limit = new BigInt64Array([0n, 20_000n]);
    sys.call.sync('setsockopt', left, 1, 20, limit, 16);
    expect(await sys.recvfrom.async(left, Buffer.alloc(1)).catch(code)).toBe('EAGAIN');
    sys.write.sync(right, Buffer.from('x'));
    expect(await first).toBe(1);
    for (const fd of [left, right]) closeSync(fd);
  });
});

describe('terminals', () => {
  const [TIOCSPTLCK, TIOCGPTN, TCGETS, TCSETS] = [0x40045431, 0x80045430, 0x5401, 0x5402];
  const ICANON = 2;
  const LFLAG = 12;
  const [VTIME, VMIN] = [17 + 5, 17 + 6];

  test('a line is waited for; with VMIN 0 a read ends by itself', async () => {
    const master = openSync('/dev/ptmx', 0o2 | 0o400);
    sys.call.sync('ioctl', master, TIOCSPTLCK, new Int32Array([0]));
    const number = new Int32Array(1);
    sys.call.sync('ioctl', master, TIOCGPTN, number);
    const slave = openSync(`/dev/pts/${number[0]}`, 0o2 | 0o400);
    const buffer = Buffer.alloc(16);
    const reading = sys.read(slave, buffer);
    expect(sys.counters().awaitingReadiness).toBe(1);
    writeSync(master, 'line\n');
    expect(await reading).toBe(5);
    const settings = Buffer.alloc(64);
    sys.call.sync('ioctl', slave, TCGETS, settings);
    settings.writeUInt32LE(settings.readUInt32LE(LFLAG) & ~ICANON, LFLAG);
    settings[VMIN] = 0;
    settings[VTIME] = 1; // a tenth of a second
    sys.call.sync('ioctl', slave, TCSETS, settings);
    expect(await sys.read(slave, buffer)).toBe(0);
    for (const fd of [slave, master]) closeSync(fd);
  });
});

describe('descriptors that are closed', () => {
  test.each([
    ['close', (fd: number) => sys.close(fd)],
    ['close.sync', (fd: number) => sys.close.sync(fd)],
    ['close_range', (fd: number) => sys.call('close_range', fd, fd, 0)],
    ['dup2', (fd: number) => sys.call('dup2', 2, fd)],
  ])(
    'by sys.%s: those that wait are told EBADF, and a dup keeps none of them',
    async (_, close) => {
      const pipe = newPipe();
      const twin = sys.call.sync('dup', pipe.readEnd);
      const reads = [1, 2].map(() => sys.read.async(pipe.readEnd, Buffer.alloc(1)).catch(code));
      await close(pipe.readEnd);
      expect(await Promise.all(reads)).toEqual(['EBADF', 'EBADF']);
      pipe.write('x');
      expect(await sys.read(twin, Buffer.alloc(1))).toBe(1);
      expect(sys.counters()).toMatchObject({ awaitingReadiness: 0, handOffs: 0 });
      closeSync(twin);
      closeSync(pipe.writeEnd);
    },
  );

  test('by other code: they are told within some seconds', async () => {
    const [pipe, other] = [newPipe(), newPipe()];
    const keep = setInterval(() => {}, 1000);
    const ends = [pipe, other].map((one) =>
      sys.read.async(one.readEnd, Buffer.alloc(1)).catch(code),
    );
    closeSync(pipe.readEnd);
    closeSync(other.readEnd);
    const reused = openSync('/dev/null', 'r');
    expect([pipe.readEnd, other.readEnd]).toContain(reused);
    expect(await Promise.all(ends)).toEqual(['EBADF', 'EBADF']);
    clearInterval(keep);
    for (const fd of [reused, pipe.writeEnd, other.writeEnd]) closeSync(fd);
  });

  test('and used again: the next call on the number is of the new file, the others are told', async () => {
    const old = newPipe();
    const reading = sys.read.async(old.readEnd, Buffer.alloc(1)).catch(code);
    const fresh = newPipe();
    // nobody is told; in one step, since other threads of this process open files
    Loop.current().kernel.complete(NR.dup2, fresh.readEnd, old.readEnd);
    const next = sys.read.async(old.readEnd, Buffer.alloc(1));
    expect(await reading).toBe('EBADF');
    fresh.write('n');
    expect(await next).toBe(1);
    closeSync(old.readEnd);
    closeSync(old.writeEnd);
    fresh.close();
  });
});

describe('descriptors whose number names a regular file by now, which epoll refuses', () => {
  test.each([
    ['with a call that waits for the pipe before', 1],
    ['that calls have waited for before', 0],
  ])('%s: the call is made', async (_, waiting) => {
    const pipe = newPipe();
    const path = join(folder, 'regular');
    writeFileSync(path, 'text');
    const file = openSync(path, 'r');
    const read = () => sys.read.async(pipe.readEnd, Buffer.alloc(8)).catch(code);
    for (let i = 0; i < 3; i++) {
      const reading = read();
      pipe.write('x');
      expect(await reading).toBe(1);
    }
    const before = Array.from({ length: waiting }, read);
    expect(sys.counters().awaitingReadiness).toBe(waiting);
    Loop.current().kernel.complete(NR.dup2, file, pipe.readEnd); // nobody is told
    expect(await read()).toBe(4);
    expect(await read()).toBe(0);
    const keep = setInterval(() => {}, 1000);
    expect(await Promise.all(before)).toEqual(before.map(() => 'EBADF'));
    clearInterval(keep);
    closeSync(file);
    pipe.close();
  });
});

describe('descriptors that are closed while a thread has a call on them', () => {
  const MSG_WAITALL = 0x100;

  /** What has a thread, on a descriptor; what ends it; and a new file for the number, with a call. */
  interface Blocked {
    readonly fd: number;
    readonly calls: readonly Promise<number>[];
    end(): void;
    readonly fresh: number;
    next(): unknown;
    close(): void;
  }

  function receiveAll(): Blocked {
    const [[fd, peer], [fresh, other]] = [newSocketPair(), newSocketPair()];
    writeSync(peer, 'part');
    const calls = [sys.recvfrom.async(fd, Buffer.alloc(10), MSG_WAITALL, null)];
    return {
      fd,
      calls,
      end: () => closeSync(peer),
      fresh,
      next: () => {
        writeSync(other, 'data');
        return sys.read(fd, Buffer.alloc(10));
      },
      close: () => closeSync(other),
    };
  }

  function listOfBuffers(): Blocked {
    const [[fd, peer], [fresh, other]] = [newSocketPair(), newSocketPair()];
    const many = Array.from({ length: 4 }, () => Buffer.alloc(1 << 20));
    return {
      fd,
      calls: [sys.writev.async(fd, many)],
      end: () => closeSync(peer),
      fresh,
      next: () => sys.writev(fd, [Buffer.from('data')]),
      close: () => closeSync(other),
    };
  }

  function namedFifo(): Blocked {
    const [RDWR, FIFO] = [2, 0o10644];
    const paths = ['fifo-1', 'fifo-2'].map((name) => join(folder, name));
    for (const path of paths) sys.call.sync('mknodat', -100, path, FIFO, 0);
    const [fd = 0, fresh = 0] = paths.map((path) => openSync(path, RDWR));
    const twin = openSync(paths[0] as string, RDWR);
    return {
      fd,
      calls: [sys.read.async(fd, Buffer.alloc(10))],
      end: () => writeSync(twin, 'x'),
      fresh,
      next: () => {
        writeSync(fd, 'data');
        return sys.read(fd, Buffer.alloc(10));
      },
      close: () => closeSync(twin),
    };
  }

  test.each([
    ['a receive that waits for all', receiveAll],
    ['a list of buffers', listOfBuffers],
    ['the first read of a FIFO', namedFifo],
  ])('%s: a call on the new file of the number is made', async (_, begin) => {
    const { fd, fresh, calls, next, end, close } = begin();
    expect(sys.counters()).toMatchObject({ inFlight: 1, awaitingReadiness: 0 });
    Loop.current().kernel.complete(NR.dup2, fresh, fd); // nobody is told
    expect(await next()).toBe(4);
    expect(sys.counters().inFlight).toBe(1);
    end();
    await Promise.allSettled(calls);
    for (const one of [fd, fresh]) closeSync(one);
    close();
  });

  test('the calls behind it are told within some seconds', async () => {
    const { fd, fresh, calls, end, close } = receiveAll();
    const behind = sys.read.async(fd, Buffer.alloc(1)).catch(code);
    expect(sys.counters()).toMatchObject({ inFlight: 1, awaitingReadiness: 1 });
    const keep = setInterval(() => {}, 1000);
    Loop.current().kernel.complete(NR.dup2, fresh, fd);
    expect(await behind).toBe('EBADF');
    clearInterval(keep);
    end();
    expect(await Promise.all(calls)).toEqual([4]);
    for (const one of [fd, fresh]) closeSync(one);
    close();
  });
});

describe('JavaScript that does not return to the event loop', () => {
  /** Writes a byte to each descriptor, in some milliseconds. */
  const writer = (...fds: number[]) =>
    new Worker(
      `const { writeSync } = require('node:fs');
       const { workerData } = require('node:worker_threads');
       for (const fd of workerData) {
         Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
         writeSync(fd, 'x');
       }`,
      { eval: true, workerData: fds, execArgv: [] },
    );

  /** A read by the loop itself; `done` once its owner is told, who calls `then` first. */
  function readBy(loop: Loop, fd: number, then = () => {}): { done: boolean } {
    const told = { done: false };
    const slot = loop.next().begin(NR.read);
    slot.setInt(0, fd);
    slot.setView(1, Buffer.alloc(1), 'buffer');
    slot.setInt(2, 1);
    slot.traits = traitsOf(true, readable);
    slot.owner = {
      complete: () => {
        then();
        told.done = true;
      },
    };
    loop.run(slot);
    expect(slot.state).toBe('waiting');
    return told;
  }

  test('loop.wait() and sys.read.sync() have the calls made that are ready', async () => {
    const [one, other] = [newPipe(), newPipe()];
    const loop = Loop.current();
    const first = readBy(loop, one.readEnd);
    const second = readBy(loop, other.readEnd);
    const sync = newPipe();
    const thread = writer(one.writeEnd, other.writeEnd, sync.writeEnd);
    expect(loop.wait(20_000)).toBe(true);
    expect([first.done, second.done]).toEqual([true, false]);
    expect(sys.read.sync(sync.readEnd, Buffer.alloc(1))).toBe(1);
    expect(second.done).toBe(true);
    await thread.terminate();
    for (const pipe of [one, other, sync]) pipe.close();
  });

  test.each([
    [
      'ring.wait()',
      (fd: number) => {
        const { kernel } = Loop.current();
        kernel.newCall(NR.read).setArgs(fd, Buffer.alloc(1), 1).run();
        return () => {
          expect(kernel.ring.wait({ timeoutMs: 20_000 })).toBe(true);
          kernel.ring.reap((status) => expect(status).toBe(1));
        };
      },
    ],
    [
      'aioSuspend()',
      (fd: number) => {
        const request = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(1) });
        aioRead(request);
        return () => {
          aioSuspend([request], { timeoutMs: 20_000 });
          expect(aioReturn(request)).toBe(1);
        };
      },
    ],
  ])('%s waits for what the owner of a read does that waits for its pipe', (_, begin) => {
    const [awaited, pipe] = [newPipe(), newPipe()];
    const wait = begin(awaited.readEnd);
    const told = readBy(Loop.current(), pipe.readEnd, () => awaited.write('y'));
    pipe.write('x');
    wait();
    expect(told.done).toBe(true);
    for (const one of [awaited, pipe]) one.close();
  });

  test('a loop of calls that end at once looks now and then', async () => {
    const pipe = newPipe();
    let done = false;
    void sys.read.async(pipe.readEnd, Buffer.alloc(1)).then(() => {
      done = true;
    });
    pipe.write('x');
    for (let i = 0; i < 1000 && !done; i++) await sys.call('getppid');
    expect(done).toBe(true);
    pipe.close();
  });

  test('a full house holds up no call that waits for a descriptor', async () => {
    sys.configure({ maxTasks: 4 });
    const [busy, other] = [newPipe(), newPipe()];
    const blocked = [1, 2, 3].map(() => sys.call.async('read', busy.readEnd, Buffer.alloc(1), 1));
    const reading = sys.read.async(other.readEnd, Buffer.alloc(1));
    expect(sys.counters().awaitingReadiness).toBe(1);
    other.write('x');
    expect(await reading).toBe(1);
    busy.write('xyz');
    expect(await Promise.all(blocked)).toEqual([1, 1, 1]);
    for (const pipe of [busy, other]) pipe.close();
  });
});
