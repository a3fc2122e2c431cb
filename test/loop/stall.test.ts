import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { native } from '../../lib/native.ts';
import { PollList, sys } from '../../lib/posix/index.ts';
import { newPipe, newSocketPair, type Pipe } from '../posix/pipes.ts';
import { script } from './script.ts';

// More calls that need a thread than there are, and behind them those that end them.

const COUNT = 2000;
const MAX_TASKS = 64;
const folder = mkdtempSync(join(tmpdir(), 'syslets-stall-'));
const all = Array.from({ length: COUNT }, (_, i) => i);

afterEach(() => {
  sys.detach();
  sys.configure({});
});
afterAll(() => rmSync(folder, { recursive: true }));

test('2,000 opens of FIFOs for reading, and behind them those for writing', async () => {
  const path = (i: number) => join(folder, `fifo-${i}`);
  for (const i of all) sys.call.sync('mknodat', -100, path(i), 0o010600, 0);
  const readers = all.map((i) => sys.openat.async(-100, path(i), 0));
  const sleeping = sys.nanosleep.async(1);
  const writers = all.map((i) => sys.openat.async(-100, path(i), 1));
  expect(sys.counters().waiting).toBeGreaterThan(COUNT);
  const fds = await Promise.all([...readers, ...writers]);
  expect(new Set(fds).size).toBe(2 * COUNT);
  expect(await sleeping).toBe(0);
  for (const fd of fds) closeSync(fd);
});

test('2,000 locks, and behind them the unlock', async () => {
  sys.configure({ maxTasks: MAX_TASKS });
  const [LOCK_SH, LOCK_EX, LOCK_UN] = [1, 2, 8];
  const path = join(folder, 'lock');
  const holder = openSync(path, 'w');
  const fds = all.map(() => openSync(path, 'r'));
  await sys.flock(holder, LOCK_EX);
  const locks = fds.map((fd) => sys.flock.async(fd, LOCK_SH));
  const unlocked = sys.flock.async(holder, LOCK_UN);
  expect(await Promise.all([...locks, unlocked])).toEqual(new Array(COUNT + 1).fill(0));
  for (const fd of [holder, ...fds]) closeSync(fd);
});

test('2,000 waits for a child, and behind them the signal that ends it', async () => {
  sys.configure({ maxTasks: MAX_TASKS });
  const [P_PID, WEXITED, WNOWAIT] = [1, 4, 0x0100_0000];
  const child = spawn('sleep', ['1000']);
  const pid = child.pid as number;
  const waits = all.map(() =>
    sys.waitid
      .async(P_PID, pid, WEXITED | WNOWAIT)
      .then(({ si_pid }) => si_pid)
      .catch((error: NodeJS.ErrnoException) => error.code),
  );
  const killed = sys.call.async('kill', pid, 9);
  // once Node has seen its end there is no such child
  for (const end of await Promise.all(waits)) expect([pid, 'ECHILD']).toContain(end);
  expect(await killed).toBe(0);
});

test('a call that took a kept task has an ordinary one when another has ended: those behind it go on', async () => {
  sys.configure({ maxTasks: 16 }); // 3 are kept, and 11 calls are in flight in their order
  const inFlight = async (count: number) => {
    while (sys.counters().inFlight < count) await new Promise((tick) => setTimeout(tick, 1));
  };
  const [short, long] = [new AbortController(), new AbortController()];
  const sleep = ({ signal }: AbortController) => sys.nanosleep.async(600_000, null, { signal });
  const first = sleep(short);
  const paths = all.slice(0, 10).map((i) => join(folder, `fifo-behind-${i}`));
  for (const path of paths) sys.call.sync('mknodat', -100, path, 0o010600, 0);
  const opens = paths.map((path) => sys.openat.async(-100, path, 0));
  await inFlight(11);
  const kept = sleep(long);
  await inFlight(12);
  const behind = [1, 2, 3].map(() => sys.nanosleep.async(1));
  short.abort();
  await expect(first).rejects.toThrow('aborted');
  expect(await Promise.all(behind)).toEqual([0, 0, 0]);
  long.abort();
  await expect(kept).rejects.toThrow('aborted');
  const fds = await Promise.all([
    ...opens,
    ...paths.map((path) => sys.openat.async(-100, path, 1)),
  ]);
  for (const fd of fds) closeSync(fd);
});

test.each([24, 12])(
  'calls that may not be made twice leave two of %i tasks to calls that wait for each other',
  async (maxTasks) => {
    sys.configure({ maxTasks }); // 3 are kept
    const pipe = newPipe();
    const reads = Array.from({ length: 40 }, () =>
      sys.call.async('read', pipe.readEnd, Buffer.alloc(1), 1),
    );
    const paths = [1, 2, 3].map((i) => join(folder, `fifo-of-${maxTasks}-${i}`));
    for (const path of paths) sys.call.sync('mknodat', -100, path, 0o010600, 0);
    const opens = [0, 1].flatMap((flags) =>
      paths.map((path) => sys.openat.async(-100, path, flags)),
    );
    const fds = await Promise.all(opens);
    expect(sys.counters().stalls).toBeGreaterThan(0);
    pipe.write('x'.repeat(reads.length));
    expect(await Promise.all(reads)).toEqual(reads.map(() => 1));
    for (const fd of fds) closeSync(fd);
    pipe.close();
  },
);

/** Memory whose first byte the kernel waits for, until `give` is called; undefined if it has no such thing. */
function memoryThatWaits(bytes: number) {
  const [UFFDIO_API, UFFDIO_REGISTER, UFFDIO_ZEROPAGE] = [0xc018aa3f, 0xc020aa00, 0xc020aa04];
  const [UFFD_API, MISSING, PAGE, MADV_DONTNEED] = [0xaan, 1n, 4096n, 4];
  let uffd: number;
  try {
    uffd = sys.call.sync('userfaultfd', 0);
  } catch {
    return undefined; // the kernel has none, or not for this user
  }
  const ask = (what: number, ...words: bigint[]) =>
    sys.call.sync('ioctl', uffd, what, new BigUint64Array(words));
  const all = new Uint8Array(new SharedArrayBuffer(bytes + (1 << 20)));
  const address = native().addressOf(all);
  const start = (address + PAGE - 1n) & -PAGE;
  const range = [start, (BigInt(bytes) + PAGE - 1n) & -PAGE] as const;
  sys.call.sync('madvise', ...range, MADV_DONTNEED); // it may have been another's before
  ask(UFFDIO_API, UFFD_API, 0n, 0n);
  ask(UFFDIO_REGISTER, ...range, MISSING, 0n);
  const at = Number(start - address);
  return {
    memory: all.subarray(at, at + bytes),
    give: () => ask(UFFDIO_ZEROPAGE, ...range, 0n, 0n),
    close: () => closeSync(uffd),
  };
}

test('a part of a write has one of the tasks that are kept until that part is over', async ({
  skip,
}) => {
  sys.configure({ maxTasks: 12 }); // 7 in flight and 3 that are kept, one of them for such calls
  const waits = memoryThatWaits(1 << 20);
  if (waits === undefined) return skip('the kernel has no userfaultfd, or none for this user');
  try {
    const [busy, other] = [newPipe(), newPipe()];
    const read = ({ readEnd }: Pipe) => sys.call.async('read', readEnd, Buffer.alloc(1), 1);
    const reads = Array.from({ length: 7 }, () => read(busy));
    const [to, from] = newSocketPair();
    const write = sys.write.async(to, waits.memory);
    expect(sys.counters()).toMatchObject({ inFlight: 8, waiting: 0 });
    waits.give();
    while (sys.counters().awaitingReadiness < 1) await new Promise((turn) => setImmediate(turn));
    const last = read(other); // the rest of the write waits for room, and has no task
    expect(sys.counters()).toMatchObject({ inFlight: 8, waiting: 0 });
    other.write('x');
    busy.write('x'.repeat(reads.length));
    expect(await Promise.all([last, ...reads])).toEqual(new Array(8).fill(1));
    for (let left = waits.memory.length; left > 0; ) {
      left -= await sys.read.async(from, Buffer.alloc(1 << 17));
    }
    expect(await write).toBe(waits.memory.length);
    for (const one of [busy, other]) one.close();
    for (const fd of [to, from]) closeSync(fd);
  } finally {
    waits.close(); // else who touches that memory later waits for ever
  }
});

test('a queue that stands still for long is warned of once, with what to raise', async () => {
  const ended = await script(`
    process.on('warning', ({ code, message }) => {
      const [count] = message.match(/^\\d+/);
      const says = message.includes('all 6 have calls that do not end') && message.includes('Raise maxTasks');
      print([code, count, says, sys.counters().stalls >= 200].join());
    });
    for (let i = 0; i < 2; i++) {
      sys.configure({ maxTasks: 6 });
      const [from] = pipe();
      for (let i = 0; i < 40; i++) sys.call.async('read', from, Buffer.alloc(1), 1).catch(() => {});
      while (sys.counters().stalls < 210) await new Promise((tick) => setTimeout(tick, 20));
      print(String(sys.counters().waiting > 0));
      sys.detach();
    }
  `);
  const line = ended.stdout.split('\n')[0] as string;
  expect(line).toMatch(/^SYSLETS_STALL,3\d,true,true$/);
  expect({ ...ended, stderr: '' }).toEqual({
    code: 0,
    signal: null,
    stdout: `${line}\ntrue\ntrue\n`,
    stderr: '',
  });
});

test('polls without a limit take turns', async () => {
  sys.configure({ maxTasks: 6 }); // 3 in flight and 1 that is kept
  const [busy, pipe] = [newPipe(), newPipe()];
  const reads = Array.from({ length: 3 }, () =>
    sys.call.async('read', busy.readEnd, Buffer.alloc(1), 1),
  );
  const listOf = (fd: number) => new PollList([{ fd, events: 1 }]);
  const polls = Array.from({ length: 20 }, () => sys.poll.async(listOf(busy.readEnd)));
  const last = sys.poll.async(listOf(pipe.readEnd));
  pipe.write('x');
  expect(await last).toBe(1);
  expect(sys.counters().stalls).toBeGreaterThan(0);
  busy.write('xyz!');
  expect(await Promise.all(polls)).toEqual(polls.map(() => 1));
  expect(await Promise.all(reads)).toEqual([1, 1, 1]);
  expect(await sys.poll(listOf(busy.readEnd), 1)).toBe(1);
  for (const one of [busy, pipe]) one.close();
});
