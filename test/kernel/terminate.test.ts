import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { Kernel, NR } from '../../lib/kernel/index.ts';
import { native } from '../../lib/native.ts';

const INDEX = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
const ROUNDS = 2;

/** What a worker does up to the moment; `here` says that it is there, `stay` stays for good. */
const moments = {
  'before its first call': 'stay();',
  'just after a hand-off': 'read().run(); stay();',
  'before its completion is reaped': "read().run(); write('x'); kernel.ring.wait(); stay();",
  'in a reap': "read().run(); write('x'); kernel.ring.wait(); kernel.ring.reap(stay);",
  'while its memory is pinned, and transferred':
    'read().run(); structuredClone(bytes, { transfer: [bytes.buffer] }); stay();',
  'beside a call that was dispatched': 'read().dispatch(); stay();',
  'while it waits for its ring': 'read().run(); here(); for (;;) kernel.ring.wait();',
  'while it attaches and detaches': `
    here();
    for (;;) { read().run(); kernel.detach(); kernel = Kernel.attach(); }`,
  'where sys tells of a call':
    "kernel.detach(); sys.read.async(fds[0], bytes).then(stay); write('x');",
};

const program = (doing: string) => `
  const { workerData } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  import(${JSON.stringify(INDEX)}).then(({ Kernel, NR, sys }) => {
    const { word, fds } = workerData;
    const here = () => Atomics.store(word, 0, 1);
    const stay = () => { here(); for (;;); };
    const write = (text) => writeSync(fds[1], text);
    const bytes = new Uint8Array(new ArrayBuffer(64));
    let kernel = Kernel.attach();
    const read = () => kernel.newCall(NR.read).setArgs(fds[0], bytes, 1);
    ${doing}
  });`;

function newPipe(): readonly [number, number] {
  using kernel = Kernel.attach();
  const fds = new Int32Array(2);
  kernel.complete(NR.pipe2, fds, 0);
  return [fds[0] as number, fds[1] as number];
}

/** What is left of contexts. */
function gauges() {
  const { contexts, tasks, tasksAway, stacks, pins } = native().counters();
  return { contexts, tasks, tasksAway, stacks, pins };
}

const NOTHING = { contexts: 0n, tasks: 0n, tasksAway: 0n, stacks: 0n, pins: 0n };

test.each(Object.entries(moments))(
  'terminate() of a worker %s',
  async (_, doing) => {
    for (let round = 0; round < ROUNDS; round++) {
      const word = new Int32Array(new SharedArrayBuffer(4));
      const fds = newPipe();
      const worker = new Worker(program(doing), { eval: true, workerData: { word, fds } });
      const failed = new Promise((_resolve, reject) => worker.once('error', reject));
      const isThere = async () => {
        while (Atomics.load(word, 0) === 0) await sleep(1);
      };
      await Promise.race([isThere(), failed]);
      await sleep(round % 2 === 0 ? 0 : 5);
      expect(await worker.terminate()).toBe(1);
      for (const fd of fds) closeSync(fd);
      expect(gauges()).toEqual(NOTHING);
    }
  },
  120_000,
);
