// A context whose ring is polled, with calls pending that nothing will end.
import { parentPort, workerData } from 'node:worker_threads';

const { Kernel, NR } = await import('../../dist/kernel/index.js');
const { native } = await import('../../dist/native.js');

const kernel = Kernel.attach();
const fds = new Int32Array(2);
kernel.complete(NR.pipe2, fds, 0);
const read = kernel.newCall(NR.read).setArgs(fds[0], new Uint8Array(1), 1);
const ready = () => {
  kernel.ring.reap(() => undefined);
  native().pollArm();
};
native().pollRing(kernel.ring.address, ready, new Int32Array(64 * 3));
native().pollRef(workerData.keepsAlive);
native().pollArm();
read.dispatch();
read.dispatch();
if (workerData.handsOver) read.run();
if (workerData.closes) native().pollClose();
if (workerData.closesTwice) {
  native().pollRing(kernel.ring.address, ready, new Int32Array(64 * 3));
  native().pollClose();
}
parentPort.postMessage('pending');
