// A worker of shared-ring.test.ts and overflow-block.test.ts: its own context, completes into the
// ring that it was given. Numbers its calls from `first` on.
import { parentPort, workerData } from 'node:worker_threads';
import { CompletionRing, Kernel, NR } from '../../dist/index.js';

const { buffer, first, count, overflow, microseconds } = workerData;
const ring = CompletionRing.over(buffer);
const kernel = Kernel.attach({ overflow });
const time = new BigInt64Array([0n, BigInt(microseconds) * 1000n]);
const call = kernel.newCall(NR.clock_nanosleep, { ring }).setArgs(1, 0, time, 0);
const EAGAIN = -11;
let handedOver = 0;

for (let i = 0; handedOver < count; i++) {
  if (i > 100 * count) throw new Error(`${handedOver} of ${count} calls were handed over`);
  const result = call.setCallerData(first + handedOver).run();
  if (call.pending) handedOver++;
  else if (result === EAGAIN) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}
parentPort.postMessage('submitted');
// detach would interrupt what is pending: the main thread says when all have been reaped
parentPort.once('message', () => {
  kernel.detach();
  parentPort.postMessage('detached');
});
