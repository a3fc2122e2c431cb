import { afterEach, expect, test } from 'vitest';
import { SysletsError } from '../../lib/errors.ts';
import { Kernel, type KernelOptions, NR } from '../../lib/kernel/index.ts';
import { native } from '../../lib/native.ts';
import { CompletionRing } from '../../lib/ring/index.ts';

let kernel: Kernel | undefined;

afterEach(() => {
  kernel?.[Symbol.dispose]();
  kernel = undefined;
});

test('attach tells the watcher, why it is that one, and the thread', () => {
  kernel = Kernel.attach();
  expect(['perf', 'sampler']).toContain(kernel.info.watcher);
  expect(kernel.info.watcherReason).not.toBe('');
  expect(kernel.info.tid).toBe(process.pid);
  expect(kernel.watcher().watcherReason).not.toBe('');
  expect(kernel.attached).toBe(true);
});

test.each(['perf', 'sampler', 'spin'] as const)('the watcher %s can be asked for', (watcher) => {
  kernel = Kernel.attach({ watcher });
  expect(kernel.info.watcher).toBe(watcher);
});

const OPTIONS = [
  ...['calls', 'watcher', 'overflow', 'policy', 'maxTasks', 'idleMs'],
  ...['trace', 'traceFile', 'traceBytes', 'traceTasks'],
];

// as where a worker is terminated meanwhile, which can read no property any more
test.each(OPTIONS)('an option that cannot be read attaches nothing: %s', (name) => {
  const calls = new Uint8Array(new SharedArrayBuffer(4096));
  const options = { calls, watcher: 'auto', overflow: 'reserve', policy: 'default' } as const;
  const unreadable = Object.defineProperty({ ...options }, name, {
    get() {
      throw new Error('it cannot be read');
    },
  });
  const before = native().counters();
  expect(() => native().attach(unreadable)).toThrow('it cannot be read');
  expect(native().counters()).toEqual(before);
});

test('a thread attaches once', () => {
  kernel = Kernel.attach();
  expect(() => Kernel.attach()).toThrow(SysletsError);
  expect(() => Kernel.attach()).toThrow('attached already');
  try {
    Kernel.attach();
  } catch (error) {
    expect(error).toMatchObject({ code: 'EBUSY', errno: -16, syscall: 'attach' });
    expect(String(error)).toMatch(/^SysletsError: attach: EBUSY, this thread is attached already/);
  }
});

test('after detach it can attach again, a hundred times, and nothing is left', () => {
  for (let i = 0; i < 100; i++) {
    using again = Kernel.attach();
    expect(again.newCall(NR.getpid).run()).toBe(process.pid);
  }
  kernel = Kernel.attach();
  kernel.detach();
  const { contexts, tasks, stacks, perfEvents, samplerFiles } = kernel.counters();
  expect({ contexts, tasks, stacks, perfEvents, samplerFiles }).toEqual({
    contexts: 0n,
    tasks: 0n,
    stacks: 0n,
    perfEvents: 0n,
    samplerFiles: 0n,
  });
});

const wrong: readonly [string, KernelOptions, string][] = [
  ['watcher', { watcher: 'eye' as never }, "watcher is 'eye', expected 'auto', 'perf'"],
  ['policy', { policy: 'v8' as never }, "policy is 'v8', expected 'default', 'v7'"],
  ['v7 overwrites', { policy: 'v7', overflow: 'block' }, "overflow is 'block', expected 'v7'"],
  ['name', { compat: 'v7' } as never, 'there is no option compat: there are watcher, policy'],
  ['overflow', { overflow: 'drop' as never }, "overflow is 'drop', expected 'reserve'"],
  ['slots', { slots: 0 }, 'slots is 0, expected an integer from 1'],
  ['ring', { ring: 3 }, 'elements is 3, expected a power of two'],
  ['ring', { ring: {} as never }, 'expected a CompletionRing or a number of elements'],
];

test.each(wrong)('a wrong %s is refused before anything is attached', (_name, options, message) => {
  expect(() => Kernel.attach(options)).toThrow(message);
  kernel = Kernel.attach();
});

test('the ring of a kernel can be one of yours', () => {
  const ring = CompletionRing.create(8);
  kernel = Kernel.attach({ ring });
  expect(kernel.ring).toBe(ring);
});

test('slots run out with an error that says what to do, and come back', () => {
  kernel = Kernel.attach({ slots: 2 });
  const first = kernel.newCall(NR.getpid);
  kernel.newCall(NR.getpid);
  expect(() => kernel?.newCall(NR.getpid)).toThrow('all 2 slots are taken: release() calls');
  first.release();
  first.release();
  expect(kernel.newCall(NR.getpid).run()).toBe(process.pid);
  expect(() => first.run()).toThrow('this call was released');
});

test('gettid, counters and functions work', () => {
  kernel = Kernel.attach();
  expect(kernel.gettid()).toBe(process.pid);
  expect(kernel.counters().contexts).toBe(1n);
  const { park, exit } = kernel.functions();
  expect(park).not.toBe(exit);
});
