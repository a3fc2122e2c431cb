import { afterEach, expect, test } from 'vitest';
import {
  ESYSLETPENDING,
  Kernel,
  type KernelOptions,
  NR,
  newFrameStack,
} from '../../lib/kernel/index.ts';
import { completions, Pipe } from './pipe.ts';

const NR_FORK = 57;
const NR_SETUID = 105;
const NR_SETPRIORITY = 141;
const NR_ARCH_PRCTL = 158;
const EAGAIN = -11;

let kernel: Kernel | undefined;

afterEach(() => {
  kernel?.[Symbol.dispose]();
});

function attach(options: KernelOptions = {}): Kernel {
  kernel = Kernel.attach(options);
  return kernel;
}

test('a dispatched call completes in the ring, and the context stays where it is', () => {
  const own = attach();
  const before = own.gettid();
  const call = own.newCall(NR.getpid).setCallerData(5);
  expect(call.dispatch()).toBe(-ESYSLETPENDING);
  expect(call.pending).toBe(true);
  expect(completions(own, 1)).toEqual([[process.pid, 5]]);
  expect(own.gettid()).toBe(before);
});

test('an observed dispatch tells whether it slept', () => {
  const own = attach();
  const pipe = new Pipe(own);
  const quick = own.newCall(NR.getpid);
  quick.dispatch(true);
  completions(own, 1);
  expect(quick.slept).toBe(false);
  const read = pipe.reader(own, new Uint8Array(1));
  read.dispatch(true);
  expect(read.slept).toBe(undefined);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30); // it falls asleep meanwhile
  pipe.write('x');
  completions(own, 1);
  expect(read.slept).toBe(true);
  pipe.close();
});

test('calls that belong to one OS thread, other frames and v7 are refused', () => {
  const own = attach();
  const EINVAL = -22;
  for (const nr of [NR_SETUID, NR_SETPRIORITY, NR_FORK, NR_ARCH_PRCTL]) {
    expect(own.newCall(nr).dispatch()).toBe(EINVAL);
  }
  const exits = own.newCall(NR.getpid);
  exits.setFrame({ ip: own.functions().exit, stack: newFrameStack() });
  expect(exits.dispatch()).toBe(EINVAL);
  expect(own.newCall(NR.getpid).setFileFlags(0).dispatch()).toBe(EINVAL);
  expect(own.counters().tasksAway).toBe(0n);
  own.detach();
  const ENOSYS = -38;
  expect(attach({ policy: 'v7' }).newCall(NR.getpid).dispatch()).toBe(ENOSYS);
});

test('a full ring refuses a dispatch: completions in flight count', () => {
  const own = attach({ ring: 2 });
  const pipe = new Pipe(own);
  const read = pipe.reader(own, new Uint8Array(1));
  expect(read.dispatch()).toBe(-ESYSLETPENDING);
  expect(read.dispatch()).toBe(-ESYSLETPENDING);
  expect(read.dispatch()).toBe(EAGAIN);
  expect(read.pending).toBe(false);
  pipe.write('ab');
  expect(completions(own, 2)).toHaveLength(2);
  expect(read.dispatch()).toBe(-ESYSLETPENDING);
  pipe.write('c');
  completions(own, 1);
  pipe.close();
});

test('at the cap a dispatch is refused', () => {
  const own = attach({ maxTasks: 4 });
  const pipe = new Pipe(own);
  const read = pipe.reader(own, new Uint8Array(1));
  let accepted = 0;
  while (read.dispatch() === -ESYSLETPENDING) accepted++;
  expect(accepted).toBeGreaterThanOrEqual(2);
  expect(accepted).toBeLessThanOrEqual(3);
  expect(own.counters().capReached).toBeGreaterThan(0n);
  expect(own.counters().tasks).toBeLessThanOrEqual(5n); // and the spare
  pipe.write('x'.repeat(accepted));
  completions(own, accepted);
  pipe.close();
});

test('an interrupted call completes with EINTR, another one goes on', () => {
  const own = attach();
  const pipe = new Pipe(own);
  pipe.reader(own, new Uint8Array(1)).setCallerData(1).dispatch();
  pipe.reader(own, new Uint8Array(1)).setCallerData(2).dispatch();
  pipe.reader(own, new Uint8Array(1)).setCallerData(3n).run();
  const EINTR = -4;
  for (const callerData of [2, 3n]) {
    while (own.ring.unread === 0) own.interrupt(callerData);
    expect(completions(own, 1)).toEqual([[EINTR, Number(callerData)]]);
    expect(own.interrupt(callerData)).toBe(false);
  }
  pipe.write('x');
  expect(completions(own, 1)).toEqual([[1, 1]]);
  expect(own.interrupt(1)).toBe(false);
  pipe.close();
});

test('what a dispatched call uses stays alive', () => {
  const own = attach();
  const pipe = new Pipe(own);
  const read = pipe.reader(own, new Uint8Array(1));
  for (let i = 0; i < 20; i++) read.setArg(1, new Uint8Array(new ArrayBuffer(64))).dispatch();
  read.setArg(1, 0);
  expect(own.counters().pins).toBe(20n);
  pipe.write('y'.repeat(20));
  completions(own, 20);
  // a task lets go of them just after its completion
  for (let end = Date.now() + 60_000; own.counters().pins !== 0n && Date.now() < end; ) {
    own.ring.reap(() => undefined);
  }
  expect(own.counters().pins).toBe(0n);
  pipe.close();
});

test('runMany runs blocks in their order up to one that is handed over', () => {
  const own = attach();
  const pipe = new Pipe(own);
  const first = own.newCall(NR.getpid);
  const second = own.newCall(NR.close).setArgs(-1);
  const third = pipe.reader(own, new Uint8Array(1)).setCallerData(3);
  const fourth = own.newCall(NR.getpid);
  expect(own.runMany(first.slot, 2)).toBe(2);
  expect([first.result, second.result]).toEqual([BigInt(process.pid), -9n]);
  fourth.nr = NR.gettid;
  expect(own.runMany(first.slot, 4)).toBe(3);
  expect([third.pending, fourth.pending, fourth.result]).toEqual([true, false, 0n]);
  expect(own.counters().pins).toBe(1n);
  pipe.write('z');
  expect(completions(own, 1)).toEqual([[1, 3]]);
  expect(own.runMany(first.slot, 0)).toBe(0);
  expect(() => own.runMany(first.slot, 5)).toThrow('slot 4 is free');
  expect(() => own.runMany(60, 5)).toThrow('count');
  pipe.close();
});

test('detach ends dispatched calls, also those that have not begun', () => {
  const own = attach();
  const pipe = new Pipe(own);
  const read = pipe.reader(own, new Uint8Array(1));
  for (let i = 0; i < 100; i++) expect(read.dispatch()).toBe(-ESYSLETPENDING);
  expect(own.detach().interrupted).toBe(100);
  expect(own.ring.unread).toBe(100);
  expect(own.counters()).toMatchObject({ tasksAway: 0n, pins: 0n, tasks: 0n, stacks: 0n });
  pipe.close();
});

test('tasks that nobody needs exit, but for a few', async () => {
  const own = attach({ idleMs: 50 });
  const pipe = new Pipe(own);
  const read = pipe.reader(own, new Uint8Array(1));
  for (let i = 0; i < 40; i++) read.dispatch();
  pipe.write('x'.repeat(40));
  completions(own, 40);
  const exited = () => Number(own.counters().tasksExited);
  const created = Number(own.counters().tasksCreated);
  expect(created).toBeGreaterThanOrEqual(40);
  const end = Date.now() + 60_000;
  while (created - exited() > 6 && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(created - exited()).toBeLessThanOrEqual(6);
  expect(Number(own.counters().tasksIdle)).toBeGreaterThan(0);
  pipe.close();
});
