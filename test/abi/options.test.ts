import { describe, expect, it } from 'vitest';
import {
  anonymous,
  array,
  bits,
  char,
  enumeration,
  longdouble,
  member,
  ppc64,
  ppc64le,
  setText,
  struct,
  targets,
  toObject,
  u8,
  u32,
  union,
  unnamedBits,
  view,
  x86_64,
} from '../../lib/abi/index.ts';

const named = struct('named', { a: u32, name: array(char, 8) });
const made = () => view(named, x86_64, new ArrayBuffer(64));
const wrong = (options: object) => options as never;

describe('an option that there is not', () => {
  it.each([
    ["struct 's'", 'pakced', () => struct('s', { a: u8 }, wrong({ pakced: true }))],
    ["union 'u'", 'aligned', () => union('u', { a: u8 }, wrong({ aligned: 4 }))],
    ["enum 'e'", 'pack', () => enumeration('e', { A: 1 }, wrong({ pack: true }))],
    ['member()', 'pack', () => member(u8, wrong({ pack: 1 }))],
    ['anonymous()', 'pack', () => anonymous(union('', { a: u8 }), wrong({ pack: 1 }))],
    ['bits()', 'width', () => bits(u8, 3, wrong({ width: 3 }))],
    ['unnamedBits()', 'name', () => unnamedBits(u8, 3, wrong({ name: 'x' }))],
    ['toObject()', 'bigint', () => toObject(made(), wrong({ bigint: 'string' }))],
    ['setText()', 'nul', () => setText(made().name, 'x', wrong({ nul: false }))],
    [
      'view()',
      'bytelength',
      () => view(named, x86_64, new ArrayBuffer(64), 0, wrong({ bytelength: 32 })),
    ],
  ])('is refused by %s', (where, key, call) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(`${where}: there is no option "${key}", expected `);
  });

  it('is refused as a value, too', () => {
    const strings = () => toObject(made(), wrong({ bigints: 'strings' }));
    expect(strings).toThrow('toObject(): bigints "strings", expected "string"');
    expect(() => struct('s', { a: u8 }, wrong({ packed: 1 }))).toThrow(
      "struct 's': packed 1, expected true or false",
    );
    expect(() => toObject(made(), null as never)).toThrow(
      'expected an object of options, got null',
    );
  });

  it('leaves out what is undefined', () => {
    expect(toObject(made(), wrong({ bigints: undefined }))).toMatchObject({ a: 0 });
  });
});

describe('view() with its options in place of the offset', () => {
  it('says what it got', () => {
    const call = () => view(named, x86_64, new ArrayBuffer(64), wrong({ byteOffset: 1 }));
    expect(call).toThrow('named: byteOffset an object, expected an integer from 0 up');
  });

  it.each([Number.NaN, '16', 13.5, -1])('refuses a byteLength of %s', (byteLength) => {
    const call = () => view(named, x86_64, new ArrayBuffer(64), 0, wrong({ byteLength }));
    expect(call).toThrow(RangeError);
    expect(call).toThrow('named: byteLength ');
  });
});

describe('a member named __proto__', () => {
  it('is refused where the literal lost it', () => {
    const text =
      "struct 's': its members are no plain object; a member __proto__ is written as ['__proto__']";
    expect(() => struct('s', { __proto__: u32, a: u8 } as never)).toThrow(text);
    expect(() => union('s', { __proto__: u32, a: u8 } as never)).toThrow(
      text.replace('struct', 'union'),
    );
    expect(view(struct('s', { ['__proto__']: u8, a: u32 }), x86_64, new ArrayBuffer(8)).a).toBe(0);
    expect(struct('s', Object.assign(Object.create(null), { a: u8 })).fields).toHaveProperty('a');
  });
});

describe('a zero in a long double', () => {
  const one = struct('one', { a: longdouble });

  it.each(Object.values(targets))('keeps its sign on $name', (target) => {
    const made = view(one, target, new ArrayBuffer(16));
    for (const value of [-0, 0, 1, -1, Number.NEGATIVE_INFINITY]) {
      made.a = value;
      expect(Object.is(made.a, value)).toBe(true);
    }
  });

  it.each([ppc64, ppc64le])("is the compiler's pair on $name", (target) => {
    const buffer = new ArrayBuffer(16);
    view(one, target, buffer).a = -0;
    const bytes = new DataView(buffer);
    const little = target.byteOrder === 'little';
    expect([bytes.getFloat64(0, little), bytes.getFloat64(8, little)]).toEqual([-0, 0]);
  });
});
