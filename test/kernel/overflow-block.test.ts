import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Kernel, NR } from '../../lib/kernel/index.ts';
import { CompletionRing } from '../../lib/ring/index.ts';
import { completions, Pipe } from './pipe.ts';
import { startWorker, stopWorker } from './workers.ts';

test('with overflow block, completers of a full ring wait until it is reaped', async () => {
  const kernel = Kernel.attach({ overflow: 'block', ring: 2 });
  const pipe = new Pipe(kernel);
  const read = pipe.reader(kernel, new Uint8Array(1));
  for (let i = 0; i < 8; i++) read.setCallerData(i).run();
  pipe.write('12345678');
  const away = () => kernel.counters().tasksAway;
  while (kernel.ring.unread < 2 || away() !== 6n) await sleep(1);
  await sleep(50);
  // two are in the ring, six wait; none is lost, and no call is refused meanwhile
  expect(kernel.ring.unread).toBe(2);
  expect(away()).toBe(6n);
  expect(kernel.newCall(NR.getpid).run()).toBe(process.pid);
  const found = completions(kernel, 8);
  expect(found.map(([status]) => status)).toEqual(new Array(8).fill(1));
  expect(found.map(([, data]) => data).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  pipe.close();
  kernel.detach();
  expect(kernel.counters()).toMatchObject({ completionsLost: 0n, overflows: 0n, tasksAway: 0n });
});

test('reaping one at a time lets one in at a time', async () => {
  const kernel = Kernel.attach({ overflow: 'block', ring: 1 });
  const pipe = new Pipe(kernel);
  const read = pipe.reader(kernel, new Uint8Array(1));
  for (let i = 0; i < 5; i++) read.setCallerData(i).run();
  pipe.write('12345');
  const seen: number[] = [];
  while (seen.length < 5) {
    expect(kernel.ring.wait({ timeoutMs: 5000 })).toBe(true);
    kernel.ring.reap((_status, data) => seen.push(data), 1);
  }
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
  pipe.close();
  kernel.detach();
});

test('detach ends a wait for room: what does not fit is counted as lost', async () => {
  const kernel = Kernel.attach({ overflow: 'block', ring: 1 });
  const before = kernel.counters().completionsLost ?? 0n;
  const pipe = new Pipe(kernel);
  const read = pipe.reader(kernel, new Uint8Array(1));
  for (let i = 0; i < 3; i++) read.run();
  pipe.write('123');
  while (kernel.ring.unread < 1) await sleep(1);
  await sleep(50);
  kernel.detach();
  expect(kernel.counters().completionsLost).toBe(before + 2n);
  expect(kernel.counters().tasksAway).toBe(0n);
  pipe.close();
});

test.each([
  ['by another context', true],
  ['by a thread that is not attached', false],
])('a full ring that is reaped %s lets completers go on', async (_who, attached) => {
  const kernel = attached ? Kernel.attach() : undefined;
  const ring = CompletionRing.create(2);
  const count = 12;
  const load = { first: 0, count, overflow: 'block', microseconds: 2000 } as const;
  const worker = startWorker(ring, load);
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await sleep(100);
  const found: number[] = [];
  const limit = performance.now() + 60_000;
  while (found.length < count && performance.now() < limit) {
    ring.reap((_status, data) => found.push(data));
    await sleep(1);
  }
  await stopWorker(worker);
  expect([...found].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
  kernel?.detach();
});
