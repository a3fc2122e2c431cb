// Reads into arrays that nothing but the pending call refers to. Run with --expose-gc.
import { writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Kernel, NR, wrong } from './loop.mjs';

const BYTES = 48;
const end = Date.now() + 1000 * Number(process.env.SYSLETS_TEST_SECONDS ?? 60);
const kernel = Kernel.attach();
const fds = new Int32Array(2);
kernel.complete(NR.pipe2, fds, 0);

function submit() {
  const buffer = new Uint8Array(BYTES);
  const call = kernel.newCall(NR.read).setArgs(fds[0], buffer, BYTES);
  call.run();
  call.release();
  return new WeakRef(buffer);
}

while (Date.now() < end) {
  const weak = submit();
  await setImmediate();
  globalThis.gc();
  if (weak.deref() === undefined) wrong('memory was collected that a pending call uses');
  writeSync(fds[1], new Uint8Array(BYTES));
  while (kernel.ring.reap(() => {}) === 0);
}
process.exit(0);
