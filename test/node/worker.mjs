// A worker that attaches, leaves its birth thread and does one of these, named by its data.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import * as syslets from './syslets.mjs';

const { task, watcher = 'auto', ring, elements, number = 0, calls = 0 } = workerData;
const { native } = syslets;

function blockTwice() {
  const [read] = syslets.pipe();
  syslets.blockOn(read);
  syslets.blockOn(read);
  parentPort?.postMessage('blocked');
}

/**
 * Submits into a ring that another context reaps; waits when no room can be promised. A worker that
 * ends interrupts its calls, so it stays until it is told that all are over.
 */
async function submitShared() {
  const pause = new BigInt64Array(new SharedArrayBuffer(16));
  pause[1] = 200_000n;
  const own = syslets.createRing(elements, ring);
  syslets.useRing(own);
  const inline = [];
  for (let i = 0; i < calls; ) {
    const id = number * 1_000_000 + i;
    const { value, pending } = syslets.submit(35n, [native.addressOf(pause)], { id });
    if (value === -11) {
      native.ringWait(own.address, Atomics.load(own.words, 0), 5);
      continue;
    }
    if (!pending) inline.push(i);
    i++;
  }
  parentPort.postMessage({ number, inline: inline.length });
  await once(parentPort, 'message');
}

const tasks = {
  /** Ends by itself with its calls pending. */
  end() {
    blockTwice();
  },
  async idle() {
    blockTwice();
    await sleep(60_000);
  },
  spin() {
    blockTwice();
    for (;;);
  },
  handOvers() {
    blockTwice();
    for (;;) syslets.handOver();
  },
  ringWait() {
    blockTwice();
    const { address, words } = syslets.ownRing();
    for (;;) {
      syslets.reap();
      native.ringWait(address, words[1], 20);
    }
  },
  exit() {
    blockTwice();
    process.exit(7);
  },
  throws() {
    blockTwice();
    throw new Error('thrown by the worker');
  },
  processExit() {
    blockTwice();
    parentPort.postMessage('exit now');
  },
  detach() {
    syslets.settle();
    blockTwice();
    const { interrupted } = native.detach();
    parentPort.postMessage({ interrupted, home: native.gettid() === syslets.birthTid() });
  },
  shared: submitShared,
};

syslets.attach({ watcher });
syslets.leaveHome();
await tasks[task]();
