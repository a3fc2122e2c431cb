import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ESYSLETPENDING } from '../../lib/kernel/index.ts';
import { Loop, Site } from '../../lib/loop/index.ts';
import { type Stat, sys } from '../../lib/posix/index.ts';
import { newPipe } from './pipes.ts';

const MEM = '/proc/self/mem';
const SEEK_SET = 0;
const open: number[] = [];
const mem = () => {
  const fd = openSync(MEM, 'r');
  open.push(fd);
  return fd;
};

afterEach(() => {
  for (const fd of open.splice(0)) closeSync(fd);
});

// /proc/PID/mem takes any 64-bit position and gives it back
test.each([2n ** 53n + 1n, 2n ** 62n + 3n, 2n ** 63n - 1n, -(2n ** 63n), -5000n])(
  'lseek gives %d exactly',
  async (position) => {
    expect(await sys.lseek(mem(), position, SEEK_SET)).toBe(position);
    expect(sys.lseek.sync(mem(), position, SEEK_SET)).toBe(position);
  },
);

test('results past 2^53 stay exact when they come from the ring', async () => {
  const fd = mem();
  const position = 2n ** 60n + 7n;
  await sys.lseek(fd, position, SEEK_SET);
  const { promise, resolve } = withResolvers<bigint>();
  const loop = Loop.current();
  const slot = loop.take().begin(8);
  slot.setInt(0, fd);
  slot.setInt(1, 0);
  slot.setInt(2, 1);
  slot.owner = { complete: (one) => resolve(one.wide) };
  slot.site = sure();
  loop.run(slot);
  expect(slot.busy).toBe(true);
  expect(await promise).toBe(position);
  loop.give(slot);
});

/** A site that is sure that its call blocks, so that it is dispatched. */
function sure(): Site {
  const site = new Site();
  for (let i = 0; i < 3; i++) site.sawBlock();
  return site;
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((one) => {
    resolve = one;
  });
  return { promise, resolve };
}

test("the kernel's own -132 is an error, a call that is pending is a promise", async () => {
  const position = BigInt(-ESYSLETPENDING);
  await expect(sys.lseek.async(mem(), position, SEEK_SET)).rejects.toMatchObject({
    errno: -132,
    code: 'E132',
    syscall: 'lseek',
  });
  expect(() => sys.lseek(mem(), position, SEEK_SET)).toThrow('E132');
  expect(() => sys.lseek.sync(mem(), position, SEEK_SET)).toThrow('E132');
  const pipe = newPipe();
  const reading = sys.read(pipe.readEnd, Buffer.alloc(1));
  expect(reading).toBeInstanceOf(Promise);
  pipe.write('x');
  expect(await reading).toBe(1);
  pipe.close();
});

test('a result view stays what it was, however many calls follow', async () => {
  const views: Stat[] = [];
  const file = join(tmpdir(), `syslets-result-view-${process.pid}`);
  for (let size = 0; size < 1000; size++) {
    writeFileSync(file, 'x'.repeat(size));
    views.push(await sys.stat(file));
  }
  unlinkSync(file);
  globalThis.gc?.();
  expect(views.map((view) => view.st_size)).toEqual(views.map((_, size) => BigInt(size)));
});

test('entries of a directory are over the buffer: valid until it is used again', async () => {
  const fd = openSync('/', 'r');
  const buffer = Buffer.alloc(8192);
  const entries = await sys.getdents64(fd, buffer);
  const [first] = entries;
  expect(first?.name.buffer).toBe(buffer.buffer);
  const before = Buffer.from(first?.name ?? []).toString();
  expect(before.length).toBeGreaterThan(0);
  buffer.fill(0x41, first?.at, (first?.at ?? 0) + 24);
  expect(Buffer.from(first?.name ?? []).toString()).not.toBe(before);
  closeSync(fd);
});
