import { expect, expectTypeOf, it } from 'vitest';
import {
  absent,
  anonymous,
  array,
  atomic,
  bits,
  cursor,
  enumeration,
  flexible,
  float,
  i386,
  indirect_registers,
  long,
  offsetOf,
  pointer,
  ppc64,
  type ScalarArray,
  struct,
  syslet_args,
  syslet_ring,
  u8,
  u32,
  u64,
  union,
  unnamedBits,
  variant,
  view,
  when,
  x86_64,
} from '../../lib/abi/index.ts';

// `npm run typecheck` is what judges this file: an @ts-expect-error without an error fails there.

const color = enumeration('color', { red: 0, blue: 2 });
const many = struct('many', {
  word: u32,
  big: u64,
  flag: bits(u32, 3),
  wide: bits(u64, 5),
  _gap: unnamedBits(u32, 4),
  ratio: float,
  color,
  next: pointer('many'),
  size: long,
  list: array(u8, 4),
  _one: anonymous(union('', { x: u32, y: u64 })),
  only64: variant([when({ longSize: 8 }, u64)], absent),
  order: variant([when({ byteOrder: 'big' }, u32)], u64),
  tail: flexible(struct('entry', { id: u32 })),
});
const one = view(many, x86_64, new SharedArrayBuffer(256));

it('knows the type of each member', () => {
  expectTypeOf(one.word).toEqualTypeOf<number>();
  expectTypeOf(one.big).toEqualTypeOf<bigint>();
  expectTypeOf(one.flag).toEqualTypeOf<number>();
  expectTypeOf(one.wide).toEqualTypeOf<bigint>();
  expectTypeOf(one.color).toEqualTypeOf<number>();
  expectTypeOf(one.next).toEqualTypeOf<bigint>();
  expectTypeOf(one.size).toEqualTypeOf<bigint>();
  expectTypeOf(one.x).toEqualTypeOf<number>();
  expectTypeOf(one.y).toEqualTypeOf<bigint>();
  expectTypeOf(one.list).toEqualTypeOf<ScalarArray<number>>();
  expectTypeOf(one.tail[0]?.id).toEqualTypeOf<number | undefined>();
  expectTypeOf(one.tail.get(0).id).toEqualTypeOf<number>();
  expectTypeOf(cursor(one.tail)[0].id).toEqualTypeOf<number>();
  expectTypeOf(cursor(one.tail)[1](0).id).toEqualTypeOf<number>();
  expectTypeOf(one.only64).toEqualTypeOf<bigint>();
  expectTypeOf(one.order).toEqualTypeOf<bigint>();
  expectTypeOf(view(many, ppc64, new ArrayBuffer(256)).order).toEqualTypeOf<number>();
});

it('follows variants of the syslet structs', () => {
  const args = view(syslet_args, x86_64, new ArrayBuffer(64));
  expectTypeOf(args.frame.ip).toEqualTypeOf<bigint>();
  const registers = view(indirect_registers, i386, new ArrayBuffer(64));
  expectTypeOf(registers.eax).toEqualTypeOf<number>();
  expect(offsetOf(syslet_ring, i386, 'comp[2].status')).toBe(48);
});

/** Never run: each line must fail to compile. */
const wrong = () => {
  // @ts-expect-error no such member
  one.wrod;
  // @ts-expect-error a number for a u64
  one.big = 5;
  // @ts-expect-error a bigint for a u32
  one.word = 5n;
  // @ts-expect-error a string for a u32
  one.word = '5';
  // @ts-expect-error a nested view cannot be assigned
  one.list = [1, 2, 3, 4];
  // @ts-expect-error no such member in an element
  one.tail[0]?.name;
  // @ts-expect-error an element cannot be assigned
  one.tail[0] = one.tail[1];
  // @ts-expect-error no such member in an element that a cursor shows
  cursor(one.tail)[0].name;
  // @ts-expect-error a cursor's view is moved, not assigned
  cursor(one.tail)[0] = one.tail[0];
  // @ts-expect-error a string for an index
  cursor(one.tail)[1]('0');
  // @ts-expect-error a cursor over an array of values
  cursor(one.list);
  // @ts-expect-error a cursor over a struct
  cursor(one);
  // @ts-expect-error an unnamed bit-field is no member
  one._gap;
  // @ts-expect-error the key of an anonymous member is no member
  one._one;
  // @ts-expect-error not on a target with 4-byte long
  view(many, i386, new ArrayBuffer(256)).only64;
  // @ts-expect-error Atomics on a bit-field
  atomic(one, 'flag');
  // @ts-expect-error Atomics on a float
  atomic(one, 'ratio');
  // @ts-expect-error Atomics on an array
  atomic(one, 'list');
  // @ts-expect-error Atomics on no such member
  atomic(one, 'wrod');
  // @ts-expect-error a number for an atomic u64
  atomic(one, 'big').store(1);
  // @ts-expect-error a path to no such member
  offsetOf(syslet_ring, x86_64, 'comp[0].state');
  // @ts-expect-error a frame of an i386 register
  view(indirect_registers, x86_64, new ArrayBuffer(64)).eax;
  // @ts-expect-error a struct without fields
  struct('missing');
  // @ts-expect-error an array of nothing
  array(3, u32);
};

it('refuses the rest at compile time', () => {
  expectTypeOf(wrong).toBeFunction();
});
