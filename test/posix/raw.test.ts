import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { ESYSLETPENDING } from '../../lib/kernel/index.ts';
import { sys } from '../../lib/posix/index.ts';
import { newPipe } from './pipes.ts';

afterEach(() => sys.detach());

test('a call that does not block: its result, or -errno; nothing is thrown', () => {
  const raw = sys.raw();
  expect(raw.call('getppid', 1)).toBe(process.ppid);
  expect(raw.call(39, 2)).toBe(process.pid);
  expect(raw.call('close', 3, -1)).toBe(-9);
  expect(raw.pending).toBe(false);
  expect(raw.ring.unread).toBe(0);
  raw.release();
});

test('a call that blocks: -ESYSLETPENDING, then a completion with caller_data in its own ring', () => {
  const raw = sys.raw(4);
  const pipe = newPipe();
  const buffer = new Uint8Array(8);
  const data = 2n ** 63n + 5n;
  expect(raw.call('read', data, pipe.readEnd, buffer, 8)).toBe(-ESYSLETPENDING);
  expect(raw.pending).toBe(true);
  pipe.write('hello');
  expect(raw.ring.wait({ timeoutMs: 10_000 })).toBe(true);
  const seen: [bigint, bigint][] = [];
  raw.ring.reapBig((status, callerData) => seen.push([status, callerData]));
  expect(seen).toEqual([[5n, data]]);
  expect(sys.pending).toBe(0);
  pipe.close();
});

test("the kernel's own -132 is not taken for a call that is pending", () => {
  const raw = sys.raw();
  const fd = openSync('/proc/self/mem', 'r');
  expect(raw.call('lseek', 1, fd, -ESYSLETPENDING, 0)).toBe(-ESYSLETPENDING);
  expect(raw.pending).toBe(false);
  expect(raw.call('lseek', 1, fd, 2n ** 62n + 1n, 0)).toBe(2 ** 62);
  expect(raw.result).toBe(2n ** 62n + 1n);
  closeSync(fd);
});

test('a full ring refuses the next call with -EAGAIN', () => {
  const raw = sys.raw(2);
  const pipe = newPipe();
  const read = () => raw.call('read', 0, pipe.readEnd, new Uint8Array(1), 1);
  expect([read(), read(), read()]).toEqual([-ESYSLETPENDING, -ESYSLETPENDING, -11]);
  pipe.write('xx');
  while (raw.ring.unread < 2) raw.ring.wait({ timeoutMs: 10_000 });
  raw.ring.reap(() => undefined);
  pipe.write('x');
  expect(read()).toBe(1);
  pipe.close();
});

test('the wrapper of docs/posix.md does what it says', async () => {
  const docs = readFileSync(fileURLToPath(new URL('../../docs/posix.md', import.meta.url)), 'utf8');
  const [, section = ''] = docs.split('\n## Raw layer\n');
  const source = /```js\n(.*?)```/s.exec(section)?.[1]?.replace(/^import .*$/gm, '') ?? '';
  const make = new Function('sys', 'ESYSLETPENDING', `${source}; return glibc;`);
  const glibc = make(sys, ESYSLETPENDING) as {
    errno: number;
    read(fd: number, buffer: Uint8Array): number;
  };
  const pipe = newPipe();
  pipe.write('abc');
  const buffer = new Uint8Array(8);
  expect(glibc.read(pipe.readEnd, buffer)).toBe(3);
  setTimeout(() => undefined, 0);
  const late = setTimeout(() => undefined, 0);
  clearTimeout(late);
  expect(glibc.read(-1, buffer)).toBe(-1);
  expect(glibc.errno).toBe(9);
  pipe.close();
});
