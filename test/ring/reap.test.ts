import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CompletionBatch, CompletionRing } from '../../lib/ring/index.ts';
import { complete, reaped, ringView, setIndexes } from './completer.ts';

test('completions come in order, once, and make room', () => {
  const ring = CompletionRing.create(4);
  complete(ring, 100n, 1n);
  complete(ring, -11n, 2n);
  expect(ring.unread).toBe(2);
  expect(reaped(ring)).toEqual([
    [100, 1],
    [-11, 2],
  ]);
  expect(reaped(ring)).toEqual([]);
  expect(ringView(ring).user_tail).toBe(2);
});

test('a ring of one element works', () => {
  const ring = CompletionRing.create(1);
  for (let i = 0; i < 5; i++) {
    complete(ring, BigInt(i), BigInt(i));
    expect(reaped(ring)).toEqual([[i, i]]);
  }
});

test('indexes wrap past 2^32', () => {
  const ring = CompletionRing.create(8);
  setIndexes(ring, 0xffff_fffd);
  for (let i = 0; i < 8; i++) complete(ring, BigInt(i), BigInt(i));
  expect(ring.kernelHead).toBe(5);
  expect(ring.unread).toBe(8);
  expect(reaped(ring).map(([status]) => status)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(ring.userTail).toBe(5);
});

test('indexes pass the sign bit of a 32-bit word', () => {
  const ring = CompletionRing.create(4);
  setIndexes(ring, 0x7fff_fffe);
  for (let i = 0; i < 4; i++) complete(ring, 0n, BigInt(i));
  expect(reaped(ring)).toHaveLength(4);
  expect(ring.userTail).toBe(0x8000_0002);
});

test('limit leaves the rest in the ring', () => {
  const ring = CompletionRing.create(4);
  for (let i = 0; i < 3; i++) complete(ring, 0n, BigInt(i));
  expect(reaped(ring, 2)).toHaveLength(2);
  expect(reaped(ring, 0)).toHaveLength(0);
  expect(reaped(ring)).toEqual([[0, 2]]);
});

test('what a callback that throws was given counts as reaped, what follows does not', () => {
  const ring = CompletionRing.create(4);
  for (let i = 0; i < 3; i++) complete(ring, 0n, BigInt(i));
  expect(() =>
    ring.reap((_status, callerData) => {
      if (callerData === 1) throw new Error('mine');
    }),
  ).toThrow('mine');
  expect(reaped(ring)).toEqual([[0, 2]]);
});

test('a callback cannot reap the same ring', () => {
  const ring = CompletionRing.create(2);
  complete(ring, 0n, 0n);
  expect(() => ring.reap(() => ring.reap(() => undefined))).toThrow('a callback reaps it again');
  expect(ring.unread).toBe(0);
});

test('anything but a function is refused, and nothing is reaped', () => {
  const ring = CompletionRing.create(2);
  complete(ring, 0n, 0n);
  expect(() => ring.reap(undefined as never)).toThrow('expected a function');
  expect(() => ring.reapBig(1 as never)).toThrow('expected a function');
  expect(() => ring.reap(() => undefined, -1)).toThrow('limit is -1');
  expect(ring.unread).toBe(1);
});

test('numbers are exact up to 2^53, bigints beyond', () => {
  const ring = CompletionRing.create(4);
  const big: [bigint, bigint][] = [];
  complete(ring, -(2n ** 53n), 2n ** 53n - 1n);
  complete(ring, 2n ** 31n, 2n ** 32n);
  expect(reaped(ring)).toEqual([
    [-(2 ** 53), 2 ** 53 - 1],
    [2 ** 31, 2 ** 32],
  ]);
  complete(ring, -(2n ** 63n), 2n ** 64n - 1n);
  ring.reapBig((status, callerData) => big.push([status, callerData]));
  expect(big).toEqual([[-(2n ** 63n), 2n ** 64n - 1n]]);
});

test('any 53-bit status and caller data come back', () => {
  const ring = CompletionRing.create(1);
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.maxSafeNat(), (status, callerData) => {
      complete(ring, BigInt(status), BigInt(callerData));
      expect(reaped(ring)).toEqual([[status, callerData]]);
    }),
  );
});

test('a batch takes as many as it has room for', () => {
  const ring = CompletionRing.create(8);
  const batch = new CompletionBatch(3);
  for (let i = 0; i < 5; i++) complete(ring, BigInt(-i), BigInt(i) << 33n);
  expect(ring.reapInto(batch)).toBe(3);
  expect([batch.length, batch.status(2), batch.callerData(2)]).toEqual([3, -2, 2 ** 34]);
  expect(ring.reapInto(batch)).toBe(2);
  expect(() => batch.status(2)).toThrow('completion 2: the batch holds 2');
  expect(ring.reapInto(batch)).toBe(0);
});

test('a batch needs a capacity', () => {
  expect(() => new CompletionBatch(0)).toThrow('capacity is 0');
});

test('what was overwritten is skipped and counted', () => {
  const ring = CompletionRing.create(2);
  for (let i = 0; i < 5; i++) complete(ring, 0n, BigInt(i));
  expect(ring.unread).toBe(2);
  expect(reaped(ring)).toEqual([
    [0, 3],
    [0, 4],
  ]);
  expect(ring.overwritten).toBe(3);
  expect(reaped(ring)).toEqual([]);
});

test('reaping any sequence of completions gives that sequence', () => {
  const steps = fc.array(fc.nat(4), { maxLength: 60 });
  const start = fc.integer({ min: 0, max: 0xffff_ffff });
  fc.assert(
    fc.property(steps, start, (counts, index) => {
      const ring = CompletionRing.create(4);
      setIndexes(ring, index);
      let sent = 0;
      const got: number[] = [];
      for (const count of counts) {
        for (let i = 0; i < count; i++) complete(ring, 0n, BigInt(sent++));
        ring.reap((_status, callerData) => got.push(callerData));
      }
      expect(got).toEqual(Array.from({ length: sent }, (_, i) => i));
    }),
  );
});
