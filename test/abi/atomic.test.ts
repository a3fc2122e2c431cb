import { describe, expect, it } from 'vitest';
import {
  array,
  atomic,
  i16,
  i64,
  i386,
  long,
  pointer,
  ppc64,
  struct,
  u8,
  u32,
  u64,
  view,
  x86_64,
} from '../../lib/abi/index.ts';

const counters = struct('counters', {
  byte: u8,
  half: i16,
  word: u32,
  big: u64,
  signed: i64,
  next: pointer('counters'),
  size: long,
  list: array(u32, 4),
});

describe('atomic, in the byte order of the machine', () => {
  const one = view(counters, x86_64, new SharedArrayBuffer(128), 64);

  it('does each operation and gives the old value', () => {
    const word = atomic(one, 'word');
    expect([
      word.store(12),
      word.add(3),
      word.sub(1),
      word.and(6),
      word.or(9),
      word.xor(1),
    ]).toEqual([12, 12, 15, 14, 6, 15]);
    expect([word.load(), word.exchange(2), word.compareExchange(2, 2 ** 32 - 1)]).toEqual([
      14, 14, 2,
    ]);
    expect(one.word).toBe(2 ** 32 - 1);
  });

  it('reaches fields of 1, 2, 4 and 8 bytes, elements and pointers', () => {
    expect([atomic(one, 'byte').store(200), one.byte]).toEqual([200, 200]);
    expect([atomic(one, 'half').store(-2), one.half]).toEqual([-2, -2]);
    expect([atomic(one, 'big').exchange(2n ** 64n - 1n), one.big]).toEqual([0n, 2n ** 64n - 1n]);
    expect([atomic(one, 'signed').store(-5n), one.signed]).toEqual([-5n, -5n]);
    expect([atomic(one, 'next').store(7n), one.next]).toEqual([7n, 7n]);
    expect([atomic(one, 'list[2]').add(4), one.list[2]]).toEqual([0, 4]);
  });

  it('waits and notifies', () => {
    const word = atomic(one, 'word');
    word.store(2 ** 32 - 1);
    expect(word.wait(1, 5)).toBe('not-equal');
    expect(word.wait(2 ** 32 - 1, 5)).toBe('timed-out');
    expect(word.notify()).toBe(0);
    expect(atomic(one, 'big').wait(2n ** 64n - 1n, 5)).toBe('timed-out');
    expect(() => atomic(one, 'half').wait(0)).toThrow('counters.half: wait and notify need 4 or 8');
    const alone = view(counters, x86_64, new ArrayBuffer(64));
    expect(() => atomic(alone, 'word').wait(0)).toThrow('need a SharedArrayBuffer');
  });

  it('names the field of a wrong value', () => {
    expect(() => atomic(one, 'word').store(-1)).toThrow(RangeError);
    expect(() => atomic(one, 'word').add(2 ** 32)).toThrow('counters.word: expected');
    expect(() => atomic(one, 'big').store(2n ** 64n)).toThrow('counters.big: expected 0n to');
    expect(() => atomic(one, 'big').store(1 as never)).toThrow(
      new TypeError('counters.big: expected a bigint, got 1'),
    );
  });

  it('refuses a misaligned field, with its place', () => {
    const off = view(counters, x86_64, new SharedArrayBuffer(128), 2);
    expect(() => atomic(off, 'word')).toThrow(
      'counters.word: at byte 6 of its buffer; atomic access needs a multiple of 4',
    );
    expect(atomic(off, 'half').load()).toBe(0);
  });

  it('says that the buffer was detached', () => {
    const buffer = new ArrayBuffer(64);
    const word = atomic(view(counters, x86_64, buffer), 'word');
    structuredClone(buffer, { transfer: [buffer] });
    expect(() => word.load()).toThrow('counters.word: its buffer was detached');
    expect(() => word.store(1)).toThrow(RangeError);
  });

  it('gives a 4-byte long as a bigint', () => {
    const narrow = view(counters, i386, new SharedArrayBuffer(128));
    const size = atomic(narrow, 'size');
    expect([size.store(-3n), size.add(1n), size.load(), narrow.size]).toEqual([-3n, -3n, -2n, -2n]);
    expect(() => size.store(2n ** 31n)).toThrow('counters.size: expected -2147483648n to');
    expect(size.wait(-2n, 1)).toBe('timed-out');
  });
});

describe('atomic, in the other byte order', () => {
  const one = view(counters, ppc64, new SharedArrayBuffer(128));

  it('loads, stores and exchanges whole values', () => {
    const word = atomic(one, 'word');
    expect([word.store(0x01020304), word.load(), one.word]).toEqual(Array(3).fill(0x01020304));
    expect(word.exchange(5)).toBe(0x01020304);
    expect([word.compareExchange(4, 9), word.compareExchange(5, 9), one.word]).toEqual([5, 5, 9]);
    expect([atomic(one, 'half').store(-2), one.half, atomic(one, 'half').load()]).toEqual([
      -2, -2, -2,
    ]);
    expect([atomic(one, 'signed').exchange(-9n), one.signed]).toEqual([0n, -9n]);
    expect(atomic(one, 'signed').compareExchange(-9n, 3n)).toBe(-9n);
    expect(one.signed).toBe(3n);
  });

  it.each(['add', 'sub', 'and', 'or', 'xor', 'wait'] as const)(
    'refuses %s, with the reason',
    (what) => {
      expect(() => atomic(one, 'word')[what](1)).toThrow(
        `counters.word is big-endian and this machine is not, so its instruction for ${what} would`,
      );
      expect(atomic(one, 'byte').add(1)).toBe(0);
      atomic(one, 'byte').store(0);
    },
  );
});
