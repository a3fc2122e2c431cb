// Run by the tests here: attaches, hands a read over, and ends in the way that is asked for.
import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { Kernel, NR } from '../../dist/index.js';

function handOver(kernel) {
  const fds = new Int32Array(2);
  kernel.complete(NR.pipe2, fds, 0);
  const read = kernel.newCall(NR.read).setArgs(fds[0], new Uint8Array(1), 1);
  if (read.run() !== -132) throw new Error('it was not handed over');
  return () => {
    writeSync(fds[1], 'x');
    kernel.ring.wait({ timeoutMs: 10_000 });
    kernel.ring.reap(() => {});
  };
}

const ways = {
  detach(kernel, finish) {
    finish();
    kernel.detach();
  },
  // a second attach is refused, and what it was asked for touches nothing of the first
  twice(kernel, finish) {
    try {
      Kernel.attach();
    } catch ({ code }) {
      if (code !== 'EBUSY') throw new Error(code);
    }
    handOver(kernel)();
    ways.detach(kernel, finish);
  },
  kill() {
    process.kill(process.pid, 'SIGKILL');
  },
  child(kernel, finish) {
    const { status } = spawnSync(process.execPath, [process.argv[1], 'detach']);
    if (status !== 0) throw new Error(`the child ended with ${status}`);
    ways.detach(kernel, finish);
  },
  async worker(kernel, finish) {
    const worker = new Worker(new URL(import.meta.url));
    await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
    finish();
    kernel.detach();
  },
};

const kernel = Kernel.attach();
const finish = handOver(kernel);
if (isMainThread) {
  await ways[process.argv[2]](kernel, finish);
} else {
  parentPort.postMessage('attached');
  setInterval(() => {}, 1000);
}
