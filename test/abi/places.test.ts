import { describe, expect, it } from 'vitest';
import {
  AbiError,
  array,
  assign,
  bits,
  bool,
  bytes,
  char,
  cursor,
  flexible,
  float,
  layout,
  member,
  ppc64,
  setText,
  struct,
  text,
  toObject,
  u8,
  u16,
  u32,
  u64,
  union,
  view,
  x86_64,
} from '../../lib/abi/index.ts';

/** What a view reaches, and what belongs to it. */

const GIB = 2 ** 30;
const row = struct('row', { k: u32, v: u64 });
const tail = struct('tail', { n: u32, rows: flexible(row) });

describe('a view over more bytes than an int32 counts', () => {
  // pages that nobody touches take no memory
  const buffer = new SharedArrayBuffer(5 * GIB);

  it('is refused where an element, or a member, would lie behind them', () => {
    const reach =
      /takes \d+ bytes, and a view reaches 2147483648 bytes from there: give `byteLength`/;
    expect(() => view(array(row, 2 ** 28 + 10), x86_64, buffer)).toThrow(reach);
    const far = struct('far', { space: array(u8, 2 ** 32), last: u32 });
    expect(() => view(far, x86_64, buffer)).toThrow(reach);
    const below = struct('below', { space: array(u64, 2 ** 28), last: u32 });
    expect(() => view(below, x86_64, buffer)).toThrow(reach);
    expect(() => view(tail, x86_64, buffer)).toThrow('tail.rows takes');
    expect(() => view(struct('t', { n: u32, d: flexible(u8) }), x86_64, buffer)).toThrow(
      RangeError,
    );
  });

  it('is made with a length of its own, and anywhere', () => {
    const near = view(tail, x86_64, buffer, 0, { byteLength: 1600 });
    expect(near.rows.length).toBe(99);
    const at = 4 * GIB + 4096;
    const far = view(row, x86_64, buffer, at);
    far.v = 6n;
    expect(new DataView(buffer, at).getBigUint64(8, true)).toBe(6n);
    expect(view(array(row, 2), x86_64, buffer, at - 16).get(1).v).toBe(6n);
    expect(view(row, x86_64, buffer).v).toBe(0n);
  });
});

/** A marker, as headers_start[0] of the kernel's sk_buff. */
const marked = struct('marked', { a: u16, mark: array(u8, 0), b: u16 });
const inner = struct('inner', { n: u32, t: flexible(u8) });
const outer = struct('outer', { in: inner, x: u32, y: u32 });

describe('an array without a length', () => {
  it('has no elements where the struct goes on behind it', () => {
    const one = view(marked, x86_64, new ArrayBuffer(64));
    expect(toObject(one)).toEqual({ a: 0, mark: [], b: 0 });
    expect(JSON.stringify(one)).toBe('{"a":0,"mark":[],"b":0}');
    expect(view(outer, x86_64, new ArrayBuffer(64)).in.t.length).toBe(0);
  });

  it('has none in an element of an array: the next one lies there', () => {
    const rows = view(
      array(struct('r', { n: u32, t: array(u8, 0) }), 4),
      x86_64,
      new ArrayBuffer(64),
    );
    expect(rows.get(0).t.length).toBe(0);
    expect(toObject(rows)).toEqual(Array.from({ length: 4 }, () => ({ n: 0, t: [] })));
  });

  it('goes up to the end of the memory where nothing lies behind it', () => {
    const ends = struct('ends', { n: u32, at: inner });
    expect(view(ends, x86_64, new ArrayBuffer(16)).at.t.length).toBe(8);
    const either = struct('either', { n: u32, u: union('u', { first: u32, all: array(u8, 0) }) });
    expect(view(either, x86_64, new ArrayBuffer(16)).u.all.length).toBe(12);
    const two = struct('two', { n: u32, a: array(u8, 0), b: array(u32, 0) });
    const both = view(two, x86_64, new ArrayBuffer(16));
    expect([both.a.length, both.b.length]).toEqual([12, 3]);
  });

  it('is left alone by an assignment to a struct that goes on, or that is an element', () => {
    const type = struct('t', { rows: array(marked, 4) });
    const [from, to] = [
      view(type, x86_64, new ArrayBuffer(16)),
      view(type, x86_64, new ArrayBuffer(16)),
    ];
    for (const [at, one] of [...from.rows].entries()) one.b = 10 + at;
    for (const [at, one] of [...to.rows].entries()) one.b = 90 + at;
    assign(to.rows.get(0), from.rows.get(0));
    expect(Array.from(to.rows, ({ b }) => b)).toEqual([10, 91, 92, 93]);
    const [a, b] = [
      view(outer, x86_64, new ArrayBuffer(12)),
      view(outer, x86_64, new ArrayBuffer(12)),
    ];
    assign(a, { in: { n: 1 }, x: 2, y: 3 });
    assign(b, { in: a.in });
    expect(toObject(b)).toEqual({ in: { n: 1, t: [] }, x: 0, y: 0 });
  });

  it('is assigned with the struct that it ends', () => {
    const from = view(inner, x86_64, new Uint8Array([1, 0, 0, 0, 5, 6]).buffer);
    const to = view(inner, x86_64, new ArrayBuffer(7));
    assign(to, from);
    expect(toObject(to)).toEqual({ n: 1, t: [5, 6, 0] });
    expect(() => assign(from, to)).toThrow('got 3 values, it has 2 elements');
  });
});

describe('text in an array of char without a length', () => {
  const entry = struct('linux_dirent64', {
    ino: u64,
    off: u64,
    reclen: u16,
    type: u8,
    name: flexible(char),
  });
  const buffer = new ArrayBuffer(96);
  const at = (offset: number) => view(entry, x86_64, buffer, offset);

  it('is stored with one NUL: what lies behind it stays', () => {
    assign(at(32), { ino: 7n, reclen: 32 });
    new Uint8Array(buffer, 19, 13).fill(0x78);
    setText(at(0).name, 'a');
    expect([text(at(0).name), at(32).ino, at(32).reclen]).toEqual(['a', 7n, 32]);
    expect(new Uint8Array(buffer, 19, 3)).toEqual(new Uint8Array([0x61, 0, 0x78]));
    assign(at(0), { name: 'bc' });
    expect([text(at(0).name), at(32).ino]).toEqual(['bc', 7n]);
    setText(at(0).name, 'd', { terminated: false });
    expect(text(at(0).name)).toBe('dc');
  });
});

describe('assigning a union', () => {
  const u = union('u', { x: u32, b: bool, f: float });
  const held = struct('held', { k: u8, u });
  const flat = struct('flat', { k: u8, x: member(u32, {}), low: bits(u8, 3) });

  it('keeps all bits of a view of the same type and target', () => {
    for (const value of [0x01020304, 0x7fa12345]) {
      const [from, to] = [
        view(held, x86_64, new ArrayBuffer(8)),
        view(held, x86_64, new ArrayBuffer(8)),
      ];
      from.u.x = value;
      assign(to, from);
      expect(bytes(to)).toEqual(bytes(from));
      assign(to, { u: from.u });
      expect(to.u.x).toBe(value);
    }
  });

  it('refuses members that do not agree, and stores nothing then', () => {
    const from = view(held, x86_64, new ArrayBuffer(8));
    from.u.x = 0x05060708;
    const to = view(held, ppc64, new ArrayBuffer(8));
    const refused = /another member that lies on it was given, too, and with other bits/;
    expect(() => assign(to, from as never)).toThrow(refused);
    expect(() => assign(to, toObject(from))).toThrow(refused);
    expect(to.u.x).toBe(0);
    from.u.x = 1;
    const same = view(held, x86_64, new ArrayBuffer(8));
    assign(same, toObject(from));
    expect(same.u.x).toBe(1);
    assign(to, { u: { x: 5 } });
    expect(to.u.x).toBe(5);
  });

  it('leaves bit-fields and other neighbours be', () => {
    const one = view(flat, x86_64, new ArrayBuffer(12));
    expect(toObject(assign(one, { k: 1, x: 2, low: 3 }))).toEqual({ k: 1, x: 2, low: 3 });
  });
});

describe('what no compiler takes', () => {
  it.each([6, 5, Number.NaN, -4, 0, 1.5, '8', 2 ** 29])('an alignment of %s', (align) => {
    const options = { align: align as number };
    const expected = 'expected a power of two';
    expect(() => layout(struct('s', { b: member(u32, options) }), x86_64)).toThrow(expected);
    expect(() => layout(struct('s', { b: bits(u32, 3, options) }), x86_64)).toThrow(expected);
    expect(() => layout(struct('s', { b: u32 }, options), x86_64)).toThrow('power of two');
  });

  it('an array of arrays without a length', () => {
    for (const type of [array(flexible(u8), 3), flexible(flexible(u8))]) {
      expect(() => layout(struct('s', { n: u32, x: type }), x86_64)).toThrow(AbiError);
    }
    expect(layout(struct('s', { n: u32, x: flexible(array(u8, 3)) }), x86_64).size).toBe(4);
  });
});

it('a cursor moves over structs with a marker in them', () => {
  const rows = view(array(marked, 3), x86_64, new ArrayBuffer(12));
  const [one, move] = cursor(rows);
  move(2).b = 4;
  expect([rows.get(2).b, one.mark.length]).toEqual([4, 0]);
});
