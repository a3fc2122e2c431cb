import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const WORKER = new URL('../worker.mjs', import.meta.url);
const WORKERS = 3;
const CALLS = 1500;

/** Workers and the main thread complete into one ring of 64; the main thread reaps. */
export async function sharedRing({ ownRing, native, createRing, reap, handOver, watcher }) {
  const ring = createRing(64);
  const seen = new Map();
  const workers = [];
  let [ended, inline] = [0, 0];
  for (let number = 1; number <= WORKERS; number++) {
    const workerData = { task: 'shared', ring: ring.buffer, elements: 64, number, calls: CALLS };
    const worker = new Worker(WORKER, { workerData: { ...workerData, watcher } });
    worker.on('message', (message) => {
      inline += message.inline;
      ended++;
    });
    workers.push(worker);
  }
  const exits = workers.map((worker) => once(worker, 'exit'));
  const take = () => {
    for (const { id, status } of reap(ring)) {
      assert.equal(status, 0n);
      seen.set(id, (seen.get(id) ?? 0) + 1);
    }
  };
  const limit = Date.now() + 40_000;
  const all = () => seen.size + inline === WORKERS * (CALLS + 0);
  while ((ended < WORKERS || !all()) && Date.now() < limit) {
    take();
    handOver();
    native.ringWait(ring.address, ring.words[1], 1);
    await sleep(0);
  }
  for (const worker of workers) worker.postMessage('all are over');
  for (const [code] of await Promise.all(exits)) assert.equal(code, 0);
  const twice = [...seen.values()].filter((times) => times !== 1).length;
  assert.ok(ownRing().address !== ring.address);
  return { ended, all: all(), twice, handedOver: seen.size > 0 };
}
