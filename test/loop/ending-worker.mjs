import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';

// A worker with twenty promises pending, that ends in the way that it is told.

const { sys } = await import(process.env.SYSLETS_INDEX);
const fds = new Int32Array(2);
sys.call.sync('pipe2', fds, 0);
const options = { unref: workerData === 'nothing left' };
const reads = Array.from({ length: 20 }, () => sys.read(fds[0], Buffer.alloc(1), options));

let rejected = 0;
for (const read of reads) {
  read.catch((error) => {
    if (error.code === 'ERR_SYSLETS_DETACHED' && ++rejected === 20) writeSync(1, 'handlers ran\n');
  });
}
process.on('exit', () => {
  const states = reads.filter((read) => inspect(read).includes('<rejected> DetachedError'));
  writeSync(1, `${states.length} rejected\n`);
});
parentPort.postMessage('ready');
if (workerData === 'exit') setTimeout(() => process.exit(3), 20);
if (workerData === 'error') {
  setTimeout(() => {
    throw new Error('bug');
  }, 20);
}
