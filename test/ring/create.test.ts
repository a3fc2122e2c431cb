import { expect, test } from 'vitest';
import { CompletionRing } from '../../lib/ring/index.ts';
import { ringView } from './completer.ts';

test.each([1, 2, 4, 256, 65_536])('a ring of %d elements takes 16 + 16 n bytes', (elements) => {
  const ring = CompletionRing.create(elements);
  expect(ring.byteLength).toBe(16 + 16 * elements);
  expect(ring.buffer.byteLength).toBe(ring.byteLength);
});

test('a new ring is empty, and its header is that of struct syslet_ring', () => {
  const ring = CompletionRing.create(8, { waitGroup: 0xffff_ffff });
  const { kernel_head, user_tail, elements, wait_group } = ringView(ring);
  expect([kernel_head, user_tail, elements, wait_group]).toEqual([0, 0, 8, 0xffff_ffff]);
  expect(ring.waitGroup).toBe(0xffff_ffff);
  expect(ring.unread).toBe(0);
});

test('rings get different wait groups unless told otherwise', () => {
  expect(CompletionRing.create(1).waitGroup).not.toBe(CompletionRing.create(1).waitGroup);
});

test('a ring made in given memory keeps to its place', () => {
  const buffer = new SharedArrayBuffer(200);
  new Uint8Array(buffer).fill(0xee);
  const ring = CompletionRing.create(4, { buffer, byteOffset: 24 });
  const bytes = new Uint8Array(buffer);
  expect(ring.byteOffset).toBe(24);
  expect(bytes.slice(0, 24).every((byte) => byte === 0xee)).toBe(true);
  expect(bytes.slice(24 + 80).every((byte) => byte === 0xee)).toBe(true);
  expect(ringView(ring).elements).toBe(4);
});

test('a ring of another thread is found by buffer and offset', () => {
  const made = CompletionRing.create(4, { byteOffset: 8 });
  const found = CompletionRing.over(made.buffer, 8);
  expect(found).toMatchObject({ elements: 4, byteOffset: 8, byteLength: 80 });
});

test.each([0, 3, 6, -4, 1.5, 2 ** 27, Number.NaN])('%d elements are refused', (elements) => {
  expect(() => CompletionRing.create(elements)).toThrow(RangeError);
});

test('an error says what was wrong and what was expected', () => {
  expect(() => CompletionRing.create(3)).toThrow(
    'elements is 3, expected a power of two (1, 2, 4, …)',
  );
  expect(() => CompletionRing.create('4' as never)).toThrow("elements is '4', expected a number");
});

test.each([4, 12, 20])('offset %d is not aligned to a u64', (byteOffset) => {
  const buffer = new SharedArrayBuffer(256);
  expect(() => CompletionRing.create(2, { buffer, byteOffset })).toThrow(
    'expected a multiple of 8',
  );
  expect(() => CompletionRing.over(buffer, byteOffset)).toThrow('expected a multiple of 8');
});

test('a buffer without room is refused, with both sizes', () => {
  const buffer = new SharedArrayBuffer(80);
  expect(() => CompletionRing.create(4, { buffer, byteOffset: 8 })).toThrow(
    'a ring of 4 elements takes 80 bytes, there are 72 from offset 8 on',
  );
  expect(() => CompletionRing.over(new SharedArrayBuffer(8))).toThrow('takes 16 bytes');
});

test('a header that promises more than its buffer holds is refused', () => {
  const ring = CompletionRing.create(4);
  ringView(ring).elements = 8;
  expect(() => CompletionRing.over(ring.buffer)).toThrow('a ring of 8 elements takes 144 bytes');
});

test.each([0, 5, 0x8000_0001])('a header with elements = %d is refused', (elements) => {
  const ring = CompletionRing.create(4);
  ringView(ring).elements = elements;
  expect(() => CompletionRing.over(ring.buffer)).toThrow(RangeError);
});

test('a header that was changed afterwards is noticed', () => {
  const ring = CompletionRing.create(4);
  ring.validate();
  ringView(ring).elements = 1024;
  expect(() => ring.validate()).toThrow('something wrote over its header');
});

test.each([
  ['an ArrayBuffer', new ArrayBuffer(256)],
  ['a typed array', new Uint8Array(new SharedArrayBuffer(256))],
  ['nothing', undefined],
])('%s is no memory for a ring', (_name, buffer) => {
  expect(() => CompletionRing.over(buffer as never)).toThrow('expected a SharedArrayBuffer');
});

test.each([-1, 2 ** 32, 0.5, '1'])('wait group %s is refused', (waitGroup) => {
  expect(() => CompletionRing.create(1, { waitGroup: waitGroup as number })).toThrow(
    'waitGroup is',
  );
});
