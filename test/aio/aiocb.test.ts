import { writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { layout, x86_64 } from '../../lib/abi/index.ts';
import {
  Aiocb,
  type AiocbOptions,
  aioCancel,
  aiocb,
  aioError,
  aioRead,
  SIGEV_NONE,
} from '../../lib/aio/index.ts';
import { file, finish, pins, pipe } from './world.ts';

/** The types of ES2023 do not have it yet. */
const Resizable = ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer;

const BYTES = layout(aiocb, x86_64).size;

test('members that are left out are zero, and SIGEV_NONE', () => {
  const cb = new Aiocb({ aio_fildes: 3 });
  expect(cb).toMatchObject({
    aio_fildes: 3,
    aio_buf: undefined,
    aio_nbytes: 0,
    aio_offset: 0,
    aio_reqprio: 0,
    aio_lio_opcode: 0,
    aio_sigevent: { sigev_notify: SIGEV_NONE },
  });
  expect(cb.buffer.byteLength).toBe(BYTES);
});

test('numbers of 64 bits are stored and read, negative ones too', () => {
  const cb = new Aiocb({ aio_fildes: 0 });
  for (const offset of [0, 1, -1, 2 ** 31, 2 ** 32, -(2 ** 33), Number.MAX_SAFE_INTEGER]) {
    cb.aio_offset = offset;
    expect([cb.aio_offset, cb.struct.aio_offset]).toEqual([offset, BigInt(offset)]);
  }
  cb.aio_offset = 2n ** 63n - 1n;
  expect(cb.struct.aio_offset).toBe(2n ** 63n - 1n);
  cb.aio_nbytes = 2 ** 40;
  expect([cb.aio_nbytes, cb.struct.aio_nbytes]).toEqual([2 ** 40, 2n ** 40n]);
});

test('several blocks lie in one memory, beside each other', () => {
  const buffer = new SharedArrayBuffer(2 * BYTES + 8);
  const [first, second] = [8, 8 + BYTES].map(
    (byteOffset, i) => new Aiocb({ aio_fildes: i + 10, memory: { buffer, byteOffset } }),
  );
  expect([first?.aio_fildes, second?.aio_fildes]).toEqual([10, 11]);
  expect(new Int32Array(buffer)[2]).toBe(10);
});

const shared = new SharedArrayBuffer(BYTES);

test.each<[string, Partial<AiocbOptions>, RegExp]>([
  ['descriptor', { aio_fildes: 1.5 }, /^aio_fildes is 1.5, expected an integer/],
  ['descriptor', { aio_fildes: '3' as never }, /^aio_fildes is '3', expected a number/],
  ['buffer', { aio_buf: 'text' as never }, /^aio_buf is 'text', expected a Buffer/],
  [
    'buffer',
    { aio_buf: new ArrayBuffer(8) as never },
    /^aio_buf is ArrayBuffer.*expected a Buffer/,
  ],
  ['length', { aio_nbytes: -1 }, /^aio_nbytes is -1, expected an integer from 0/],
  ['offset', { aio_offset: 0.5 }, /^aio_offset is 0.5, expected an integer/],
  ['offset', { aio_offset: 2n ** 63n }, /^aio_offset is 9223372036854775808n, expected a bigint/],
  ['sigevent', { aio_sigevent: 1 as never }, /^aio_sigevent is 1, expected an object/],
  [
    'memory',
    { memory: { buffer: new ArrayBuffer(400) as never } },
    /^memory.buffer is ArrayBuffer/,
  ],
  ['place', { memory: { buffer: shared, byteOffset: 8 } }, /^memory.byteOffset is 8, expected/],
  ['place', { memory: { buffer: shared, byteOffset: 4 } }, /multiple of 8 with 168 bytes/],
])('a wrong %s is refused, with what was expected', (_name, options, message) => {
  expect(() => new Aiocb({ aio_fildes: 0, ...options })).toThrow(message);
});

test('what is no Aiocb is refused', () => {
  for (const wrong of [undefined, null, {}, Object.create(Aiocb.prototype)]) {
    expect(() => aioRead(wrong as never)).toThrow(/^aiocbp is .*, expected an Aiocb$/);
  }
});

test('a resizable buffer is refused, with the reason', () => {
  const resizable = new Uint8Array(new Resizable(8, { maxByteLength: 16 }));
  const run = () => new Aiocb({ aio_fildes: 0, aio_buf: resizable });
  expect(run).toThrow(/resizable ArrayBuffer, which can shrink while the kernel writes to it/);
});

test('a buffer that is too short for aio_nbytes is refused when it is submitted', () => {
  const { fd } = file('0123456789');
  const cb = new Aiocb({ aio_fildes: fd, aio_buf: Buffer.alloc(4), aio_nbytes: 5 });
  expect(() => aioRead(cb)).toThrow(/^aio_nbytes is 5, expected at most 4, the bytes of aio_buf$/);
  cb.aio_nbytes = 2 ** 40;
  expect(() => aioRead(cb)).toThrow(RangeError);
  cb.aio_nbytes = 3;
  aioRead(cb);
  expect(finish(cb)).toBe(3);
});

test('a buffer that was detached after it was set is refused when it is submitted', () => {
  const { fd } = file('0123456789');
  const buffer = new Uint8Array(8);
  const cb = new Aiocb({ aio_fildes: fd, aio_buf: buffer });
  structuredClone(buffer, { transfer: [buffer.buffer] });
  expect(buffer.byteLength).toBe(0);
  expect(() => aioRead(cb)).toThrow(/^aio_buf is detached: its memory was transferred/);
});

test('a buffer stays alive while in flight, also when the program lets go of it', async () => {
  const [reading, writing] = pipe();
  const registry = new FinalizationRegistry(() => collected++);
  let collected = 0;
  (() => {
    const buffer = new Uint8Array(32);
    registry.register(buffer, 0);
    aioRead(new Aiocb({ aio_fildes: reading, aio_buf: buffer }));
  })();
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
    await setTimeout(1);
  }
  expect([pins(), collected]).toEqual([1n, 0]);
  writeSync(writing, 'y');
});

test('a buffer that is transferred while in flight keeps its memory until the call is over', async () => {
  const [reading, writing] = pipe();
  const buffer = new Uint8Array(4096);
  const cb = new Aiocb({ aio_fildes: reading, aio_buf: buffer });
  aioRead(cb);
  (() => structuredClone(buffer, { transfer: [buffer.buffer] }))();
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
    await setTimeout(1);
  }
  const others = Array.from({ length: 50 }, () => new Uint8Array(4096));
  writeSync(writing, Buffer.alloc(4096, 'w'));
  expect(finish(cb)).toBe(4096);
  expect(others.every((other) => other.every((byte) => byte === 0))).toBe(true);
});

test('an address of the program is used as it is', () => {
  const { fd } = file('text');
  const buffer = Buffer.alloc(8);
  const set = new Aiocb({ aio_fildes: fd, aio_buf: buffer });
  const raw = new Aiocb({ aio_fildes: fd, aio_nbytes: 4 });
  raw.struct.aio_buf = set.struct.aio_buf;
  expect(raw.aio_buf).toBeUndefined();
  aioRead(raw);
  expect([finish(raw), String(buffer.subarray(0, 4))]).toEqual([4, 'text']);
});

test('requests without an end are cancelled by the descriptor', () => {
  const [reading] = pipe();
  const cb = new Aiocb({ aio_fildes: reading, aio_buf: Buffer.alloc(1) });
  aioRead(cb);
  aioCancel(reading);
  expect(aioError(cb)).toBe(125);
});
