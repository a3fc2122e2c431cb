import { expect, test } from 'vitest';
import { script } from './script.ts';

/**
 * A call that blocks where the program's own maxTasks lets no task take JavaScript over, by the raw
 * layer: it has no queue. JavaScript is in it when the main thread sees it asleep.
 */
const WORKER = `
  const { workerData: { word, ends: [from] } } = require('node:worker_threads');
  import(process.env.SYSLETS_INDEX).then(({ sys }) => {
    sys.configure({ maxTasks: 4 });
    const raw = sys.raw();
    const bytes = new Uint8Array(new SharedArrayBuffer(8));
    while (raw.call('read', 1, from, bytes, 1) && raw.pending) Atomics.add(word, 0, 1);
    Atomics.store(word, 0, -1);
  });`;

const HELD = `
  const word = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { word, ends: pipe() };
  const worker = new Worker(${JSON.stringify(WORKER)}, { eval: true, execArgv: [], workerData });
  const tick = () => new Promise((then) => setTimeout(then, 1));
  while (Atomics.load(word, 0) < 3) await tick();
  for (let i = 0; i < 20; i++) await tick(); // it makes a fourth read
`;

const well = { signal: null, stderr: '' };

test('terminate() ends a worker that is held at the cap', async () => {
  const ended = await script(`${HELD}
    print(String(await worker.terminate()));
  `);
  expect(ended).toEqual({ ...well, code: 0, stdout: '1\n' });
});

test('process.exit() ends a worker that is held at the cap', async () => {
  const ended = await script(`${HELD}
    process.exit(7);
  `);
  expect(ended).toEqual({ ...well, code: 7, stdout: '' });
});

/** All tasks but that of JavaScript are in reads of the raw layer, which sys knows nothing of. */
const FULL = `
  sys.configure({ maxTasks: 4 });
  const [from, to] = pipe();
  const raw = sys.raw();
  const bytes = new Uint8Array(new SharedArrayBuffer(8));
  for (let i = 0; i < 3; i++) raw.call('read', 1, from, bytes, 1);
  const word = new Int32Array(new SharedArrayBuffer(4));
`;

test('timeoutMs ends a call at the cap', async () => {
  const ended = await script(`${FULL}
    await sys.futex_wait(word, 0, null, { timeoutMs: 100 }).catch(({ code }) => print(code));
  `);
  expect(ended).toEqual({ ...well, code: 0, stdout: 'ETIMEDOUT\n' });
});

test('abort ends a call at the cap', async () => {
  const ended = await script(`${FULL}
    const signal = AbortSignal.timeout(100);
    await sys.futex_wait(word, 0, null, { signal }).catch(({ name }) => print(name));
  `);
  expect(ended).toEqual({ ...well, code: 0, stdout: 'AbortError\n' });
});

test('a call at the cap is taken over as soon as a task is free', async () => {
  const ended = await script(`${FULL}
    const [FUTEX_WAKE, tick] = [1, () => new Promise((then) => setTimeout(then, 1))];
    setTimeout(() => sys.write.sync(to, Buffer.from('x')), 100); // ends one of the reads
    const woken = sys.futex_wait.async(word, 0);
    while (sys.counters().inFlight === 0) await tick();
    while (sys.call.sync('futex', word, FUTEX_WAKE, 1) === 0) await tick();
    print(String(await woken));
  `);
  expect(ended).toEqual({ ...well, code: 0, stdout: '0\n' });
});
