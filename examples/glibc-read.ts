// What a libc would do with syslets, prototyped on the raw layer: `read` with errno as in C, and a
// call that says "pending" instead of blocking. Nothing is thrown for a call that fails.
import { writeSync } from 'node:fs';
import { ESYSLETPENDING, sys } from 'syslets';

const raw = sys.raw(8);
let errno = 0;

/** The C wrapper: the result, or -1 and errno. */
function returned(result: number): number {
  if (result >= 0 || result < -4095) return result;
  errno = -result;
  return -1;
}

/** ssize_t read(int fd, void *buffer, size_t count), which waits for its own call alone. */
function read(fd: number, buffer: Uint8Array): number {
  const id = nextId++;
  const result = raw.call('read', id, fd, buffer, buffer.length);
  return returned(raw.pending ? completionOf(id) : result);
}

/** The new call beside it: errno ESYSLETPENDING, and the id that the completion will carry. */
function readNonblocking(fd: number, buffer: Uint8Array): { result: number; id: number } {
  const id = nextId++;
  return { result: returned(raw.call('read', id, fd, buffer, buffer.length)), id };
}

/** Completions come in any order: those of other calls are kept until they are asked for. */
function completionOf(id: number): number {
  while (!completed.has(id)) {
    raw.ring.wait();
    raw.ring.reap((status, callerData) => completed.set(callerData, status));
  }
  const status = completed.get(id) as number;
  completed.delete(id);
  return status;
}

let nextId = 1;
const completed = new Map<number, number>();
const buffer = new Uint8Array(64);
const text = (length: number) => Buffer.from(buffer.subarray(0, length)).toString();

console.log(`read of a closed descriptor: ${read(-1, buffer)}, errno ${errno}`);

const ends = new Int32Array(2);
raw.call('pipe2', 0, ends, 0);
const [readEnd = -1, writeEnd = -1] = ends;

writeSync(writeEnd, 'first');
console.log(`read of a pipe with data: '${text(read(readEnd, buffer))}'`);

const { result, id } = readNonblocking(readEnd, buffer);
console.log(
  `read of an empty pipe: ${result}, errno is ESYSLETPENDING: ${errno === ESYSLETPENDING}`,
);
writeSync(writeEnd, 'second');
console.log(`and its completion: '${text(completionOf(id))}'`);
raw.release();
