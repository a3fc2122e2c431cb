import { expect, test } from 'vitest';
import { bothWays, trial } from './trial.ts';

test('timers fire in their order', async () => {
  expect(await bothWays('loop', 'timers')).toEqual([
    [1, 3, 5],
    [1, 3, 5],
  ]);
});

test('ticks, promises and immediates keep their order', async () => {
  const [plain, carried] = await bothWays('loop', 'order');
  expect(carried).toEqual(plain);
});

test('fs, its promises and its synchronous calls', async () => {
  const [plain, carried] = await bothWays('loop', 'files');
  expect(carried).toEqual(plain);
});

test('http on loopback', async () => {
  expect(await bothWays('loop', 'loopback')).toEqual(['answered', 'answered']);
});

test('sockets', async () => {
  expect(await bothWays('loop', 'sockets')).toEqual([500_000, 500_000]);
});

test('workers that are not attached', async () => {
  expect(await bothWays('loop', 'workers')).toEqual(['added', 'added']);
});

test('Atomics.wait and Atomics.notify', async () => {
  expect(await bothWays('loop', 'atomics')).toEqual([0, 0]);
});

test('vm with a time limit, message ports', async () => {
  expect(await bothWays('loop', 'vmAndPorts')).toEqual([
    [10, 3],
    [10, 3],
  ]);
});

test('the thread pool: zlib, crypto, dns', async () => {
  const [plain, carried] = await bothWays('loop', 'threadPool');
  expect(carried).toEqual(plain);
});

test('garbage collection', async () => {
  expect(await bothWays('loop', 'garbage', { flags: ['--expose-gc'] })).toEqual([20, 20]);
});

test.each([
  ['without worker threads of V8', ['--v8-pool-size=0']],
  ['with one thread for everything', ['--single-threaded']],
  ['with a check of the heap at each collection', ['--verify-heap']],
])('garbage collection %s', async (_, flags) => {
  expect(await trial('loop', 'garbage', { flags: ['--expose-gc', ...flags] })).toBe(20);
});

test('garbage collection with glibc checking its heap', async () => {
  const env = { MALLOC_CHECK_: '3', MALLOC_PERTURB_: '165' };
  expect(await trial('loop', 'garbage', { flags: ['--expose-gc'], env })).toBe(20);
});
