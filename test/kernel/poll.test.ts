import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { Kernel, NR } from '../../lib/kernel/index.ts';
import { native } from '../../lib/native.ts';
import { CompletionRing } from '../../lib/ring/index.ts';
import { completions, Pipe } from './pipe.ts';

let kernel: Kernel | undefined;

afterEach(() => {
  native().pollClose();
  kernel?.[Symbol.dispose]();
});

function attach(): Kernel {
  kernel = Kernel.attach();
  return kernel;
}

/** Calls back once; pollArm decides if there is something to wait for. */
function nextReady(): Promise<void> {
  return new Promise((resolve) => {
    ready = resolve;
    native().pollRef(true);
  });
}

/** Where the addon stores what is ready, 64 events of three words. */
const events = new Int32Array(64 * 3);

let ready: () => void = () => undefined;

test('a completion calls back from the event loop, once for each arming', async () => {
  const own = attach();
  let calls = 0;
  native().pollRing(
    own.ring.address,
    () => {
      calls++;
      native().pollRef(false);
      ready();
    },
    events,
  );
  const call = own.newCall(NR.getpid);
  for (let i = 1; i <= 50; i++) {
    expect(native().pollArm()).toBe(true);
    const waiting = nextReady();
    call.dispatch();
    call.dispatch();
    await waiting;
    completions(own, 2);
    expect(calls).toBe(i);
  }
});

test('pollArm tells that there are completions already', () => {
  const own = attach();
  native().pollRing(own.ring.address, () => undefined, events);
  own.newCall(NR.getpid).dispatch();
  own.ring.wait();
  expect(native().pollArm()).toBe(false);
  completions(own, 1);
  expect(native().pollArm()).toBe(true);
});

test('promises that the callback settles run their reactions at once', async () => {
  const own = attach();
  const order: string[] = [];
  let settle: () => void = () => undefined;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const reaction = settled.then(() => order.push('reaction'));
  native().pollRing(
    own.ring.address,
    () => {
      setImmediate(() => order.push('immediate'));
      order.push('callback');
      settle();
    },
    events,
  );
  native().pollRef(true);
  native().pollArm();
  own.newCall(NR.getpid).dispatch();
  await reaction;
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual(['callback', 'reaction', 'immediate']);
  completions(own, 1);
});

test('a hand-off completes into a polled ring too', async () => {
  const own = attach();
  const pipe = new Pipe(own);
  native().pollRing(own.ring.address, () => ready(), events);
  native().pollArm();
  pipe.reader(own, new Uint8Array(1)).run();
  const waiting = nextReady();
  setTimeout(() => pipe.write('x'), 5);
  await waiting;
  expect(completions(own, 1)).toEqual([[1, 0]]);
  pipe.close();
});

test('bad rings and a second poll are refused, and leave nothing behind', () => {
  const own = attach();
  expect(() => native().pollRing(4096n, () => undefined, events)).toThrow(
    expect.objectContaining({ code: 'EFAULT' }),
  );
  native().pollRing(own.ring.address, () => undefined, events);
  const other = CompletionRing.create(4);
  expect(() => native().pollRing(other.address, () => undefined, events)).toThrow(
    expect.objectContaining({ code: 'EBUSY' }),
  );
  expect(own.counters().ringEvents).toBe(1n);
  native().pollClose();
  native().pollClose();
  expect(own.counters().ringEvents).toBe(0n);
  expect(native().pollArm()).toBe(false);
  native().pollRing(other.address, () => undefined, events);
  expect(own.counters().ringEvents).toBe(1n);
});

const DIST = (path: string) => new URL(`../../dist/${path}`, import.meta.url).href;
const WORKER = fileURLToPath(new URL('poll-worker.mjs', import.meta.url));
const end = {
  keepsAlive: false,
  closes: false,
  closesTwice: false,
  handsOver: false,
  terminates: false,
};

test.each([
  { ...end },
  { ...end, handsOver: true },
  { ...end, closes: true },
  { ...end, closes: true, closesTwice: true },
  { ...end, keepsAlive: true, terminates: true },
  { ...end, keepsAlive: true, terminates: true, handsOver: true },
  { ...end, keepsAlive: true, closes: true },
])('a worker ends with its ring polled and calls pending: %o', async (workerData) => {
  for (let i = 0; i < 3; i++) {
    const worker = new Worker(WORKER, { workerData, trackUnmanagedFds: false });
    const exited = once(worker, 'exit');
    await once(worker, 'message');
    if (workerData.terminates) await worker.terminate();
    await exited;
  }
  expect(native().counters()).toMatchObject({
    contexts: 0n,
    tasks: 0n,
    stacks: 0n,
    pins: 0n,
    ringEvents: 0n,
  });
});

test('what the callback throws is an uncaught exception, and the polling goes on', async () => {
  const own = attach();
  const caught: unknown[] = [];
  const handler = (error: unknown) => caught.push(error);
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', handler);
  native().pollRing(
    own.ring.address,
    () => {
      ready();
      throw new Error('on purpose');
    },
    events,
  );
  for (let i = 0; i < 3; i++) {
    native().pollArm();
    const waiting = nextReady();
    own.newCall(NR.getpid).dispatch();
    await waiting;
    completions(own, 1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  process.off('uncaughtException', handler);
  for (const other of others) process.on('uncaughtException', other);
  expect(caught).toHaveLength(3);
});

test('it keeps a process alive only if it is asked to', () => {
  const program = (ref: boolean) => `
    import { Kernel, NR } from ${JSON.stringify(DIST('kernel/index.js'))};
    import { native } from ${JSON.stringify(DIST('native.js'))};
    const kernel = Kernel.attach();
    const nap = new BigInt64Array([0n, 50_000_000n]);
    native().pollRing(kernel.ring.address, () => {
      console.log('told');
      native().pollRef(false);
    }, new Int32Array(192));
    native().pollRef(${ref});
    native().pollArm();
    kernel.newCall(35).setArgs(nap, 0).dispatch();`;
  const output = (ref: boolean) =>
    spawnSync(process.execPath, ['--input-type=module', '--eval', program(ref)], {
      encoding: 'utf8',
      timeout: 60_000,
    });
  expect(output(true)).toMatchObject({ status: 0, stdout: 'told\n' });
  expect(output(false)).toMatchObject({ status: 0, stdout: '' });
});
