import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Kernel, NR } from '../../lib/kernel/index.ts';
import { completions } from './pipe.ts';

const INDEX = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
/** A wait that sleeps on would take as long; half of it is no question of a busy machine. */
const LONG_MS = 100_000;
let kernel: Kernel;

beforeAll(() => {
  kernel = Kernel.attach();
});
afterAll(() => {
  kernel.detach();
});

/** A call that blocks for so long, and completes by itself. */
function sleepCall(ms: number) {
  const time = new BigInt64Array([BigInt(Math.floor(ms / 1000)), BigInt(ms % 1000) * 1_000_000n]);
  return kernel.newCall(NR.clock_nanosleep).setArgs(1, 0, time, 0);
}

test('a wait on an empty ring ends at its timeout', () => {
  const start = performance.now();
  expect(kernel.ring.wait({ timeoutMs: 70 })).toBe(false);
  expect(performance.now() - start).toBeGreaterThanOrEqual(69);
});

test('a wait ends with the completion', () => {
  sleepCall(60).run();
  const start = performance.now();
  expect(kernel.ring.wait({ timeoutMs: LONG_MS })).toBe(true);
  expect(performance.now() - start).toBeLessThan(LONG_MS / 2);
  expect(completions(kernel, 1)).toEqual([[0, 0]]);
});

test('a wait does not sleep while completions are unread', () => {
  sleepCall(5).run();
  kernel.ring.wait();
  const start = performance.now();
  expect(kernel.ring.wait({ timeoutMs: LONG_MS })).toBe(true);
  expect(performance.now() - start).toBeLessThan(LONG_MS / 2);
  kernel.ring.reap(() => undefined);
});

test('ringWait returns when the head is not the index given', () => {
  const head = kernel.ring.kernelHead;
  expect(kernel.ringWait(kernel.ring, head, { timeoutMs: 30 })).toBe(false);
  expect(kernel.ringWait(kernel.ring, (head + 1) >>> 0, { timeoutMs: 5000 })).toBe(true);
  expect(kernel.ringWait(kernel.ring.address, (head + 7) >>> 0, { timeoutMs: 5000 })).toBe(true);
});

test.each([0n, 4096n, 0xffff_8000_0000_0000n, 0x8000_0000_0000_0000n])(
  'ringWait at address %s is EFAULT',
  (address) => {
    expect(() => kernel.ringWait(address, 0, { timeoutMs: 100 })).toThrow(
      'sys_syslet_ring_wait: EFAULT',
    );
  },
);

test.each([
  ['timeoutMs', () => kernel.ring.wait({ timeoutMs: -1 }), 'timeoutMs is -1'],
  ['timeoutMs', () => kernel.ring.wait({ timeoutMs: '1' as never }), "timeoutMs is '1'"],
  ['timeoutMs', () => kernel.ring.wait({ timeoutMs: Number.NaN }), 'timeoutMs is NaN'],
  ['index', () => kernel.ringWait(kernel.ring, -1), 'index is -1'],
  ['ring', () => kernel.ringWait({} as never, 0), 'ring is {}, expected a bigint'],
])('a wrong %s is refused', (_name, use, message) => {
  expect(use).toThrow(message);
});

test('terminate() ends a worker that waits', async () => {
  const worker = new Worker(
    `import(${JSON.stringify(INDEX)}).then(({ Kernel }) => {
      const kernel = Kernel.attach();
      require('node:worker_threads').parentPort.postMessage('waits');
      kernel.ring.wait();
    })`,
    { eval: true },
  );
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  expect(kernel.counters().contexts).toBe(1n);
});
