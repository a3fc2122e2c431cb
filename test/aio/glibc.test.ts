import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import * as constants from '../../lib/aio/constants.ts';
import { Aiocb, aioRead, aioReturn, LIO_WRITE, SIGEV_SIGNAL } from '../../lib/aio/index.ts';
import { native } from '../../lib/native.ts';
import { compiled, noCompiler, scratch } from './c-program.ts';
import { file, finish } from './world.ts';

// What C programs say: of the bytes of a control block, and how glibc's own aio goes about it.

const reason = noCompiler();

test('a C program sees in the bytes what was stored', ({ skip }) => {
  if (reason) skip(reason);
  const buffer = Buffer.alloc(64);
  const cb = new Aiocb({
    aio_fildes: 7,
    aio_buf: buffer,
    aio_nbytes: 33,
    aio_offset: 2 ** 40 + 5,
    aio_reqprio: 3,
    aio_lio_opcode: LIO_WRITE,
    aio_sigevent: { sigev_notify: SIGEV_SIGNAL, sigev_signo: 12, sigev_value: -9 },
  });
  expect(printed(cb)).toEqual([
    'aio_fildes 7',
    'aio_lio_opcode 1',
    'aio_reqprio 3',
    `aio_buf 0x${native().addressOf(buffer).toString(16)}`,
    'aio_nbytes 33',
    `aio_offset ${2 ** 40 + 5}`,
    'sigev_notify 0',
    'sigev_signo 12',
    'sival_int -9',
    'error 0',
    'return 0',
  ]);
});

test("glibc's aio_error and aio_return say of our block what ours say", ({ skip }) => {
  if (reason) skip(reason);
  const good = new Aiocb({ aio_fildes: file('12345').fd, aio_buf: Buffer.alloc(9) });
  const bad = new Aiocb({ aio_fildes: 1_000_000, aio_buf: Buffer.alloc(9) });
  aioRead(good);
  aioRead(bad);
  expect(printed(good).slice(-2)).toEqual(['error 0', 'return 5']);
  expect(printed(bad).slice(-2)).toEqual(['error 9', 'return -1']);
  expect(finish(good)).toBe(5);
  expect(() => aioReturn(bad)).toThrow('EBADF');
});

test('constants have the values of the headers', ({ skip }) => {
  if (reason) skip(reason);
  const out = execFileSync(compiled('print-constants.c'), { encoding: 'utf8' });
  const inHeaders = Object.fromEntries(
    out
      .split('\n')
      .flatMap((line) => (line ? [[line.split(' ')[0], Number(line.split(' ')[1])]] : [])),
  );
  expect(Object.keys(inHeaders)).toHaveLength(14);
  expect(constants).toMatchObject(inHeaders);
});

function printed(cb: Aiocb): string[] {
  const input = new Uint8Array(cb.buffer, cb.byteOffset);
  const program = compiled('print-aiocb.c');
  return execFileSync(program, { input, encoding: 'utf8' }).trim().split('\n');
}

// The same two situations as in read-write.test.ts. Nothing here is about how long something takes:
// glibc starts the write when a read has ended, however long one waits.
test('glibc starts neither write while the reads before it are pending', ({ skip }) => {
  if (reason) skip(reason);
  const program = compiled('glibc-order.c');
  const out = execFileSync(program, [scratch('file')], { encoding: 'utf8', timeout: 60_000 });
  expect(out.trim().split('\n')).toEqual([
    'socket: not written',
    'socket: read pending',
    'socket: after the read written',
    'file: not written',
    'file: after the reads written',
  ]);
});
