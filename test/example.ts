import { writeSync } from 'node:fs';
import { ESYSLETPENDING, Kernel, NR } from 'syslets';

const kernel = Kernel.attach();
const fds = new Int32Array(2);
kernel.complete(NR.pipe2, fds, 0); // any system call; this one does not block
const [readEnd = -1, writeEnd = -1] = fds;

const buffer = new Uint8Array(64);
const read = kernel.newCall(NR.read).setArgs(readEnd, buffer, buffer.length).setCallerData(42);
const before = kernel.gettid();

// The pipe is empty, so the read blocks - and JavaScript goes on, on another OS thread.
if (read.run() !== -ESYSLETPENDING) throw new Error('the read did not block');
console.log(`thread ${before} is blocked in read, thread ${kernel.gettid()} goes on`);

writeSync(writeEnd, 'hello');
kernel.ring.wait(); // sleeps until there is a completion
kernel.ring.reap((status, callerData) => {
  const text = new TextDecoder().decode(buffer.subarray(0, status));
  console.log(`call ${callerData} completed with ${status}: '${text}'`);
});

// A call that does not block returns its result at once, for the price of the bare call.
console.log(`getpid: ${kernel.newCall(NR.getpid).run() === process.pid}`);
kernel.detach(); // interrupts what is pending, waits for it, and comes home to the first thread
