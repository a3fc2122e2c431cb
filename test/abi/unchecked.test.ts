import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessOf } from '../../lib/abi/access.ts';
import { slowAccessors } from '../../lib/abi/accessors.ts';
import {
  array,
  assign,
  bits,
  bool,
  cursor,
  double,
  float,
  i8,
  i16,
  i32,
  i64,
  i128,
  i386,
  layout,
  long,
  longdouble,
  s390x,
  struct,
  type Target,
  u8,
  u16,
  u32,
  u64,
  u128,
  ulong,
  view,
  x86_64,
} from '../../lib/abi/index.ts';

const seed = Number(process.env.SYSLETS_SEED ?? Date.now() % 2 ** 31);
const targets: readonly Target[] = [x86_64, i386, s390x];
const unchecked = { unchecked: true };

const all = {
  u8,
  i8,
  u16,
  i16,
  u32,
  i32,
  u64,
  i64,
  long,
  ulong,
  bool,
  float,
  double,
  longdouble,
  b1: bits(u32, 1),
  s5: bits(i32, 5),
  b17: bits(u32, 17),
  s31: bits(i32, 31),
  flag: bits(bool, 1),
  b40: bits(u64, 40),
  s63: bits(i64, 63),
};
/** i386 has none of 128 bits. */
const wide = { ...all, u128, i128 };
const plain = (target: Target) => struct('plain', target === i386 ? all : wide);
const tight = (target: Target) =>
  struct('tight', { first: u8, ...(target === i386 ? all : wide) }, { packed: true });

type Values = Record<string, unknown>;

/** What a typed array of such elements would have, written down once more. */
function stored(name: string, value: unknown, width: number): unknown {
  if (name === 'bool' || name === 'flag') return Boolean(value);
  if (name === 'float') return Math.fround(value as number);
  if (name === 'double' || name === 'longdouble') return value;
  const isSigned = /^(i|s|long)/.test(name);
  const cut = isSigned ? BigInt.asIntN : BigInt.asUintN;
  if (typeof value === 'bigint') return cut(width, value);
  const whole = Number.isFinite(value) ? BigInt(Math.trunc(value as number)) : 0n;
  return Number(cut(width, whole));
}

const anyNumber = fc.oneof(fc.integer(), fc.double(), fc.double({ min: -(2 ** 60), max: 2 ** 60 }));
const anyBig = fc.bigInt({ min: -(2n ** 130n), max: 2n ** 130n });

describe.each([
  ['aligned', plain],
  ['packed', tight],
])('a view that is not checked, %s', (_, typeFor) => {
  it.each(targets)('stores what a typed array stores: $name', (target) => {
    const type = typeFor(target);
    const { fields, size } = layout(type, target);
    const memory = new ArrayBuffer(size + 8);
    const free = view(type, target, memory, 0, unchecked) as unknown as Values;
    const seen = view(type, target, memory) as unknown as Values;
    const field = fc.constantFrom(...fields.filter(({ name }) => name !== 'first'));
    const property = fc.property(field, anyNumber, anyBig, (one, number, big) => {
      new Uint8Array(memory).fill(0x5a);
      const name = one.name as string;
      const before = Object.fromEntries(
        fields.map((other) => [other.name, seen[other.name ?? '']]),
      );
      const value = typeof before[name] === 'bigint' ? big : number;
      free[name] = value;
      const width = one.bitWidth ?? one.size * 8;
      expect(seen).toMatchObject({ ...before, [name]: stored(name, value, width) });
    });
    fc.assert(property, { seed, numRuns: 2000 });
  });

  it.each(targets)('does so where code from strings is forbidden: $name', (target) => {
    const type = typeFor(target);
    const { fields, size } = layout(type, target);
    const memory = new ArrayBuffer(size + 8);
    const free = view(type, target, memory, 0, unchecked);
    const seen = view(type, target, memory) as unknown as Values;
    const field = fc.constantFrom(...fields.filter(({ name }) => name !== 'first'));
    const property = fc.property(field, anyNumber, anyBig, (one, number, big) => {
      const { name, offset, bitOffset: at, bitWidth: width } = one;
      const bit = width === undefined ? {} : { bits: { at, width } };
      const access = accessOf(one.type, target, { path: '', offset, unchecked: true, ...bit });
      if (access === undefined) throw new Error(`${name} is no value`);
      const value = access.value === 'bigint' ? big : number;
      slowAccessors(access).set.call(free as never, value);
      const expected = stored(name as string, value, width ?? one.size * 8);
      expect(seen[name as string]).toEqual(expected);
    });
    fc.assert(property, { seed, numRuns: 500 });
  });
});

const inner = struct('inner', { x: u8, words: array(u16, 2) });
const outer = struct('outer', { at: inner, rows: array(inner, 3), flags: array(bool, 2) });

describe('what belongs to a view that is not checked', () => {
  const memory = new SharedArrayBuffer(layout(outer, x86_64).size);
  const free = view(outer, x86_64, memory, 0, unchecked);

  it('is not checked either: nested views, elements, a cursor', () => {
    free.at.x = 257;
    free.at.words.set(1, 65_537);
    free.at.words[0] = -1;
    free.flags.set(1, 2 as never);
    const [row, move] = cursor(free.rows);
    move(2).x = 258;
    row.words.set(0, 1.9);
    const seen = view(outer, x86_64, memory);
    expect([seen.at.x, ...seen.at.words, seen.flags.get(1)]).toEqual([1, 65_535, 1, true]);
    expect([seen.rows[2]?.x, seen.rows[2]?.words.get(0)]).toEqual([2, 1]);
  });

  it('keeps an element that is replaced out of the memory, which get() and at() show still', () => {
    const rows = view(
      array(struct('one', { x: u32 }), 2),
      x86_64,
      new ArrayBuffer(8),
      0,
      unchecked,
    );
    const loose = rows as unknown as object[];
    const [first] = rows;
    loose[0] = { x: 5 };
    expect([rows[0]?.x, rows.get(0).x, rows.at(0)?.x]).toEqual([5, 0, 0]);
    expect([...rows][0]).toBe(first);
    expect(() => {
      loose[2] = {};
    }).toThrow(TypeError);
  });

  it('has no members and elements that there are not', () => {
    expect(() => Object.assign(free, { nothing: 1 })).toThrow('nothing');
    expect(() => free.at.words.set(2, 1)).toThrow('it has 2 elements');
  });

  it('says that its bytes have gone', () => {
    const gone = new ArrayBuffer(layout(outer, x86_64).size);
    const left = view(outer, x86_64, gone, 0, unchecked);
    structuredClone(gone, { transfer: [gone] });
    expect(() => {
      left.at.x = 1;
    }).toThrow('detached');
  });

  it('leaves other views of the type checked, and what assign() stores', () => {
    const seen = view(outer, x86_64, memory);
    expect(() => {
      seen.at.x = 256;
    }).toThrow(RangeError);
    expect(() => assign(free, { at: { x: 256 } })).toThrow(RangeError);
  });

  it('is not converted from what typed arrays do not take', () => {
    const one = view(
      struct('one', { big: u64, number: u8 }),
      x86_64,
      new ArrayBuffer(16),
      0,
      unchecked,
    );
    expect(() => Object.assign(one, { big: 1 })).toThrow(TypeError);
    expect(() => Object.assign(one, { number: 1n })).toThrow(TypeError);
  });
});
