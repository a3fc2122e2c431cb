import { afterEach, expect, test } from 'vitest';
import type { Watcher } from '../../lib/binding.ts';
import { ESYSLETPENDING, Kernel, NR, newFrameStack } from '../../lib/kernel/index.ts';
import { native } from '../../lib/native.ts';
import { completions, Pipe } from './pipe.ts';

let kernel: Kernel | undefined;

afterEach(() => {
  kernel?.[Symbol.dispose]();
});

function attach(watcher: Watcher | 'auto' = 'auto'): Kernel {
  kernel = Kernel.attach({ watcher });
  return kernel;
}

test.each(['perf', 'sampler', 'spin'] as const)(
  '%s: a call that blocks lets JavaScript go on on another thread',
  (watcher) => {
    const own = attach(watcher);
    const pipe = new Pipe(own);
    const buffer = new Uint8Array(8);
    const read = pipe.reader(own, buffer).setCallerData(77);
    expect(read.run()).toBe(-ESYSLETPENDING);
    expect(read.pending).toBe(true);
    expect(own.gettid()).not.toBe(process.pid);
    pipe.write('hello');
    expect(completions(own, 1)).toEqual([[5, 77]]);
    expect(Buffer.from(buffer.subarray(0, 5)).toString()).toBe('hello');
    pipe.close();
  },
);

test("the frame's function runs on the original thread, on the frame's stack", () => {
  const own = attach();
  const pipe = new Pipe(own);
  const stack = newFrameStack();
  const noted = new BigUint64Array(new SharedArrayBuffer(32));
  const address = native().addressOf(noted);
  own.registerFunction(native().noteFunction());
  const read = pipe.reader(own, new Uint8Array(8));
  read.setFrame({ ip: native().noteFunction(), stack }).setCallerData(address);
  const before = own.gettid();
  read.run();
  pipe.write('x');
  completions(own, 1);
  while (Atomics.load(noted, 0) === 0n);
  const [thread, sp, error, callerData] = noted;
  expect(Number(thread)).toBe(before);
  expect(sp).toBe(native().addressOf(stack) + BigInt(stack.byteLength));
  expect([error, callerData]).toEqual([0n, address]);
  pipe.close();
});

test('many calls are pending at once, each completes once with its own data', () => {
  const own = attach();
  const pipe = new Pipe(own);
  const buffers = Array.from({ length: 100 }, () => new Uint8Array(1));
  const read = pipe.reader(own, new Uint8Array(1));
  buffers.forEach((buffer, i) => {
    read.setArg(1, buffer).setCallerData(i).run();
    expect(read.pending).toBe(true);
  });
  pipe.write('b'.repeat(100));
  const found = completions(own, 100);
  expect(new Set(found.map(([, callerData]) => callerData)).size).toBe(100);
  expect(found.every(([status]) => status === 1)).toBe(true);
  expect(buffers.every(([byte]) => byte === 98)).toBe(true);
  pipe.close();
});

/** As in test/native/syslets/hand-off.c, which says why a busy machine may need some. */
const NEW_PEAKS = 4;
const TASK_EVENTS = 2;
const CLOSED_AFTER_MS = 10;

test('in steady state a hand-off creates no thread and opens no event', () => {
  const own = attach('perf');
  const pipe = new Pipe(own);
  const read = pipe.reader(own, new Uint8Array(1));
  const once = () => {
    read.run();
    pipe.write('x');
    if (read.pending) completions(own, 1);
  };
  for (let i = 0; i < 50; i++) once();
  const before = own.counters();
  const begun = performance.now();
  for (let i = 0; i < 500; i++) once();
  const after = own.counters();
  const grew = (name: string) => Number(after[name]) - Number(before[name]);
  const closed = (performance.now() - begun) / CLOSED_AFTER_MS;
  expect(grew('handOffs')).toBeGreaterThan(450);
  expect(grew('tasksCreated')).toBeLessThanOrEqual(NEW_PEAKS);
  expect(grew('perfOpened')).toBeLessThanOrEqual(TASK_EVENTS * (NEW_PEAKS + closed));
  pipe.close();
});

test('a failed call that blocked completes with -errno', () => {
  const own = attach();
  const pipe = new Pipe(own);
  const unmapped = 4096n;
  const read = own.newCall(NR.read).setArgs(pipe.readEnd, unmapped, 1);
  read.run();
  pipe.write('x');
  expect(completions(own, 1)).toEqual([[-14, 0]]);
  pipe.close();
});

test('buffers that JavaScript forgot stay alive until their call is over', async () => {
  const own = attach();
  const pipe = new Pipe(own);
  const count = 20;
  let collected = 0;
  const registry = new FinalizationRegistry(() => collected++);
  const read = pipe.reader(own, new Uint8Array(1));
  // a function of its own: what its frame names is forgotten when it returns
  const readInto = (i: number) => {
    const buffer = new Uint8Array(new ArrayBuffer(64));
    registry.register(buffer.buffer, i);
    read.setArg(1, buffer).run();
    read.setArg(1, 0);
  };
  for (let i = 0; i < count; i++) readInto(i);
  const collect = async () => {
    for (let i = 0; i < 5; i++) {
      globalThis.gc?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await collect();
  expect(collected).toBe(0);
  expect(own.counters().pins).toBe(BigInt(count));
  pipe.write('y'.repeat(count));
  expect(completions(own, count)).toHaveLength(count);
  // a task lets its buffer go after its completion can be seen
  while (own.counters().pins !== 0n) {
    own.ring.reap(() => undefined);
    await collect();
  }
  await collect();
  expect(collected).toBe(count);
  pipe.close();
});

test('timers, promises and microtasks go on on the other thread', async () => {
  const own = attach();
  const pipe = new Pipe(own);
  const read = pipe.reader(own, new Uint8Array(1));
  read.run();
  expect(own.gettid()).not.toBe(process.pid);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await Promise.resolve();
  expect(own.gettid()).not.toBe(process.pid);
  pipe.write('x');
  expect(completions(own, 1)).toEqual([[1, 0]]);
  pipe.close();
});
