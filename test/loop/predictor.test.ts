import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Loop, Site } from '../../lib/loop/index.ts';
import { sys } from '../../lib/posix/index.ts';
import { newPipe, newSocketPair } from '../posix/pipes.ts';

afterEach(() => {
  sys.detach();
  sys.configure({});
});

/** A site that is sure that its calls block. */
function sure(): Site {
  const site = new Site();
  for (let i = 0; i < 3; i++) site.sawBlock();
  return site;
}

test('a site expects a block after two, and forgets one with each return', () => {
  const site = new Site();
  expect(site.predict()).toBe('inline');
  site.sawBlock();
  expect(site.expectsBlock).toBe(false);
  site.sawBlock();
  site.sawBlock();
  site.sawBlock();
  expect(site.expectsBlock).toBe(true);
  site.sawReturn();
  expect(site.expectsBlock).toBe(true);
  site.sawReturn();
  expect(site.expectsBlock).toBe(false);
  expect(site.predict()).toBe('inline');
});

test('a site that is sure looks again now and then: one in 64 is made inline, one in 8 observed', () => {
  const site = sure();
  const made: Record<string, number> = {};
  for (let i = 0; i < 640; i++) {
    const prediction = site.predict();
    made[prediction] = (made[prediction] ?? 0) + 1;
  }
  expect(made).toEqual({ probe: 10, observe: 70, dispatch: 560 });
});

/** A read that asks nobody first, and waits for no descriptor: it needs a thread if it blocks. */
const read = (fd: number, buffer: Buffer) => sys.call('read', fd, buffer, buffer.length);

/** Reads on a pipe that all block, `count` of them. */
async function blockingReads(count: number): Promise<void> {
  const pipe = newPipe();
  const buffer = Buffer.alloc(1);
  for (let i = 0; i < count; i++) {
    const reading = read(pipe.readEnd, buffer);
    expect(reading).toBeInstanceOf(Promise);
    pipe.write('x');
    expect(await reading).toBe(1);
  }
  pipe.close();
}

test('calls on a descriptor that block are handed over at first, then dispatched', async () => {
  await blockingReads(200);
  const { handOffs, dispatches, probes, inlineBlocked, dispatchesObserved } = sys.counters();
  expect(handOffs + dispatches).toBe(200);
  expect(inlineBlocked).toBeGreaterThanOrEqual(2);
  expect(dispatches).toBeGreaterThan(100);
  expect(probes).toBeGreaterThan(0);
  expect(dispatchesObserved).toBeGreaterThan(10);
});

test('predict: false never dispatches', async () => {
  sys.configure({ predict: false });
  await blockingReads(50);
  expect(sys.counters()).toMatchObject({ handOffs: 50, dispatches: 0, probes: 0 });
});

test('a call that was expected to block and has what it wants needs no thread', async () => {
  const pipe = newPipe();
  const buffer = Buffer.alloc(8);
  pipe.write('data');
  expect(sys.read(pipe.readEnd, buffer, { site: sure() })).toBe(4);
  const [left, right] = newSocketPair();
  sys.sendto(left, Buffer.from('hello'));
  expect(sys.recvfrom(right, buffer, 0, null, { site: sure() })).toBe(5);
  expect(buffer.toString('utf8', 0, 5)).toBe('hello');
  sys.write(left, Buffer.from('again'));
  expect(sys.recvmsg(right, { buffers: [buffer] }, 0, { site: sure() })).toBe(5);
  expect(sys.counters()).toMatchObject({ dispatches: 0, handOffs: 0, inlineHits: 5 });
  const waiting = sys.recvfrom(right, buffer, 0, null, { site: sure() });
  expect(waiting).toBeInstanceOf(Promise);
  expect(sys.counters()).toMatchObject({ readinessWaits: 1, dispatches: 0, handOffs: 0 });
  sys.sendto(left, Buffer.from('x'));
  expect(await waiting).toBe(1);
  for (const fd of [left, right]) closeSync(fd);
  pipe.close();
});

test('pread of cached pages with RWF_NOWAIT; short at the end of the file it is made again', async () => {
  const file = join(tmpdir(), `syslets-nowait-${process.pid}`);
  writeFileSync(file, 'x'.repeat(5000));
  const fd = openSync(file, 'r');
  unlinkSync(file);
  const buffer = Buffer.alloc(4096);
  expect(await sys.pread(fd, buffer, 0)).toBe(4096);
  const site = sure();
  const before = sys.counters().nowaitHits;
  const first = await sys.pread(fd, buffer, 0, { site });
  expect(first).toBe(4096);
  // a file system without RWF_NOWAIT says so once
  expect(sys.counters().nowaitHits - before).toBe(site.noHint ? 0 : 1);
  expect(await sys.pread(fd, buffer, 4000, { site })).toBe(1000);
  expect(await sys.pread(fd, buffer, 5000, { site })).toBe(0);
  expect(buffer.subarray(0, 1000).toString()).toBe('x'.repeat(1000));
  closeSync(fd);
});

test('a descriptor without RWF_NOWAIT is not asked twice', async () => {
  const fd = openSync('/proc/self/status', 'r');
  const site = sure();
  const buffer = Buffer.alloc(64);
  expect(await sys.pread(fd, buffer, 0, { site })).toBe(64);
  expect(site.noHint).toBe(true);
  expect(await sys.pread(fd, buffer, 0, { site })).toBe(64);
  expect(sys.counters().nowaitHits).toBe(0);
  closeSync(fd);
});

test('dispatches of calls that do not block are noticed, and the calls run inline again', async () => {
  const site = sure();
  for (let i = 0; i < 200 && site.expectsBlock; i++) await sys.call('getppid', { site });
  expect(site.expectsBlock).toBe(false);
  const { dispatchReturned, dispatches } = sys.counters();
  expect(dispatchReturned).toBeGreaterThan(0);
  expect(sys.call('getppid', { site })).toBe(process.ppid);
  expect(sys.counters().dispatches).toBe(dispatches);
});

test('calls that never blocked are made inline, and counted', () => {
  for (let i = 0; i < 100; i++) expect(sys.call('getppid')).toBe(process.ppid);
  expect(sys.counters()).toMatchObject({ inlineHits: 100, dispatches: 0, handOffs: 0 });
});

test('completions of a batch wake the event loop once', async () => {
  const pipe = newPipe();
  const reads = Array.from({ length: 50 }, () => read(pipe.readEnd, Buffer.alloc(1)));
  const before = sys.counters().wakeUps;
  pipe.write('x'.repeat(50));
  const ring = Loop.current().ring;
  while (ring.unread < 50) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  expect(await Promise.all(reads)).toEqual(reads.map(() => 1));
  expect(sys.counters().wakeUps - before).toBe(1);
  pipe.close();
});

test('completions that are there are reaped by the next call, before it is made', async () => {
  const pipe = newPipe();
  const buffer = Buffer.alloc(1);
  const reading = read(pipe.readEnd, buffer);
  let done = false;
  void Promise.resolve(reading).then(() => {
    done = true;
  });
  pipe.write('x');
  const { ring } = Loop.current();
  while (ring.unread === 0);
  const before = sys.counters().wakeUps;
  sys.call('getppid');
  expect(sys.counters()).toMatchObject({ inFlight: 0, wakeUps: before });
  await Promise.resolve();
  expect(done).toBe(true);
  pipe.close();
});
