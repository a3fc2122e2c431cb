import { expect, test } from 'vitest';
import { addressOf } from '../../lib/loop/index.ts';
import { native } from '../../lib/native.ts';
import { random } from '../../lib/random.ts';

// What is kept of buffers and views gives what the addon says of each.

type Make = (buffer: ArrayBufferLike, at: number, bytes: number) => ArrayBufferView;

const kinds: readonly Make[] = [
  (buffer, at, bytes) => Buffer.from(buffer as ArrayBuffer, at, bytes),
  (buffer, at, bytes) => new Uint8Array(buffer, at, bytes),
  (buffer, at, bytes) => new DataView(buffer, at, bytes),
  (buffer, at, bytes) => new Uint8Array(buffer).subarray(at, at + bytes),
  (buffer) => new Uint8Array(buffer),
];

const buffers: readonly ArrayBufferLike[] = [
  new ArrayBuffer(64),
  new SharedArrayBuffer(4096),
  Buffer.alloc(16).buffer,
  Buffer.allocUnsafe(64).buffer,
  new Float64Array(4).buffer,
];

const seed = Date.now() | 0;

test(`the address of 2,000 random views of few buffers, seed ${seed}`, () => {
  const next = random(seed);
  const below = (count: number) => next() % count;
  for (let i = 0; i < 2000; i++) {
    const buffer = buffers[below(buffers.length)] as ArrayBufferLike;
    const at = below(buffer.byteLength);
    const bytes = 1 + below(buffer.byteLength - at);
    const view = (kinds[below(kinds.length)] as Make)(buffer, at, bytes);
    expect(addressOf(view, 'view')).toBe(Number(native().addressOf(view)));
    expect(addressOf(view, 'view')).toBe(Number(native().addressOf(view)));
  }
});

test('a part of a buffer whose memory was transferred is refused', () => {
  const buffer = new ArrayBuffer(64);
  const part = new Uint8Array(buffer, 8, 8);
  addressOf(part, 'part');
  structuredClone(buffer, { transfer: [buffer] });
  expect(() => addressOf(part, 'part')).toThrow('part is detached');
});

test('a resizable buffer is refused each time, by each view', () => {
  const buffer = new (ArrayBuffer as unknown as new (n: number, o: object) => ArrayBuffer)(64, {
    maxByteLength: 128,
  });
  for (const view of [new Uint8Array(buffer), new Uint8Array(buffer, 8, 8)]) {
    for (let i = 0; i < 2; i++) expect(() => addressOf(view, 'view')).toThrow('resizable');
  }
});
