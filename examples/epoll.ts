// epoll_wait hosted in a syslet, beside reads of a file: node epoll.js FILE. The main loop of a
// classic program (epoll) and file reads, which epoll cannot wait for, in one thread.
import { closeSync, openSync, writeSync } from 'node:fs';
import { constants, epollEvents, sys } from 'syslets';

const { EPOLL_CTL_ADD, EPOLLIN } = constants;
const CHUNK = 4096;
const file = openSync(process.argv[2] ?? process.execPath, 'r');

/** Pipes that others write to: what a server has as connections. */
async function newPipe(): Promise<readonly [number, number]> {
  const ends = new Int32Array(2);
  await sys.call('pipe2', ends, 0);
  return [ends[0] as number, ends[1] as number];
}

async function watch(epoll: number, fd: number): Promise<void> {
  const event = new DataView(new SharedArrayBuffer(12));
  event.setUint32(0, EPOLLIN, true);
  event.setInt32(4, fd, true);
  await sys.call('epoll_ctl', epoll, EPOLL_CTL_ADD, fd, event);
}

async function readFile(): Promise<number> {
  const buffer = new Uint8Array(CHUNK);
  let bytes = 0;
  for (let length = -1; length !== 0; bytes += length) {
    length = await sys.pread(file, buffer, bytes);
  }
  return bytes;
}

/** Messages that came through the pipes, `expected` of them. */
async function serve(epoll: number, expected: number): Promise<string[]> {
  const events = epollEvents(16);
  const buffer = new Uint8Array(CHUNK);
  const messages: string[] = [];
  while (messages.length < expected) {
    const ready = await sys.epoll_wait(epoll, events);
    for (let i = 0; i < ready.length; i++) {
      const length = await sys.read(ready.fd(i), buffer);
      messages.push(Buffer.from(buffer.subarray(0, length)).toString());
    }
  }
  return messages;
}

const epoll = await sys.call('epoll_create1', 0);
const pipes = [await newPipe(), await newPipe(), await newPipe()];
for (const [readEnd] of pipes) await watch(epoll, readEnd);

const served = serve(epoll, pipes.length); // blocks: the wait goes on on a thread of its own
const bytes = await readFile(); // and the file is read meanwhile
pipes.forEach(([, writeEnd], i) => {
  writeSync(writeEnd, `message ${i}`);
});
console.log(`${bytes} bytes read while epoll_wait was blocked`);
console.log((await served).sort().join(', '));
for (const fd of [...pipes.flat(), epoll, file]) closeSync(fd);
