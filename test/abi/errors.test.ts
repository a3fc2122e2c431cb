import { describe, expect, it } from 'vitest';
import {
  absent,
  aligned,
  anonymous,
  array,
  bits,
  bool,
  cpp,
  enumeration,
  type Fields,
  flexible,
  float,
  generic,
  i128,
  i386,
  int,
  layout,
  m68k,
  offsetOf,
  placeOf,
  pointer,
  struct,
  type Type,
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

function refused(fields: Fields, options = {}): string {
  try {
    layout(struct('s', fields, options), x86_64);
    return 'laid out';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a definition that no compiler takes', () => {
  it('a struct that contains itself', () => {
    const fields: Record<string, Type> = { a: u8 };
    const self = { kind: 'struct', name: 'self', fields } as const;
    fields.inner = array(self, 2);
    expect(() => layout(self, x86_64)).toThrow(
      "struct self, member 'inner': contains itself: use pointer() for a link to its own type",
    );
    fields.inner = pointer('struct self');
    expect(layout({ ...self, fields: { ...fields } }, x86_64).size).toBe(16);
  });

  it('an anonymous member that contains itself', () => {
    const fields: Record<string, Fields[string]> = {};
    const self = { kind: 'struct', name: 'self', fields } as const;
    fields.inner = anonymous(self);
    expect(() => layout(self, x86_64)).toThrow('contains itself');
  });

  it('a flexible array that is not last, alone, or in a union', () => {
    expect(refused({ a: u8, rest: flexible(u32), b: u8 })).toBe(
      "struct s: flexible array 'rest' is not the last member",
    );
    expect(refused({ rest: flexible(u32) })).toContain('is the only named member');
    expect(refused({ a: u8, b: union('u', { x: u8, rest: flexible(u8) }) })).toContain(
      'stands in a union',
    );
  });

  it('a bit-field wider than its type, of no width, or of no integer', () => {
    expect(refused({ a: bits(u8, 9) })).toBe(
      "struct s, member 'a': bit-field of 9 bits: its type allows 1 to 8",
    );
    expect(refused({ a: bits(bool, 2) })).toContain('its type allows 1 to 1');
    expect(refused({ a: bits(u8, 0) })).toContain('bit-field of 0 bits');
    expect(refused({ a: bits(float, 3) })).toContain('a bit-field needs an integer');
    expect(refused({ a: bits(u8, 1.5) })).toContain('bit-field of 1.5 bits');
  });

  it('names twice, names that C does not know, attributes that are no powers of two', () => {
    expect(refused({ a: u8, x: anonymous(struct('', { a: u8 })) })).toBe(
      "struct s: two members are named 'a'",
    );
    expect(refused({ 'a b': u8 })).toBe("struct s: member 'a b' is not a name in C");
    expect(refused({ a: u8 }, { align: 3 })).toBe('struct s: aligned(3) is not a power of two');
    expect(refused({ a: u8 }, { pack: 3 })).toContain('pack(3), expected one of 1, 2, 4, 8, 16');
    expect(refused({ a: array(u8, -1) })).toContain('array length -1');
    expect(refused({ a: array(aligned(8, u32), 2) })).toContain(
      'alignment 8: no compiler takes it',
    );
    expect(refused({ a: array(array(u32, 2 ** 40), 2 ** 40) })).toContain('too large');
    expect(refused({ e: enumeration('e', { A: 2n ** 70n }) })).toContain('more than 64 bits');
  });

  it('lengths and values that are no integers, or not the ones that were written', () => {
    const length = (given: unknown) => refused({ a: array(u8, given as number) });
    expect(length(2 ** 53)).toBe(
      "struct s, member 'a': array of 9007199254740992: too large, at most 140737488355328 bytes can be laid out",
    );
    for (const given of [1.5, '4', 4n, Number.NaN, undefined]) {
      expect(length(given)).toMatch(/member 'a': array length .*: expected an integer from 0 up$/);
    }
    const value = (A: unknown, options = {}) =>
      refused({ e: enumeration('e', { A: A as number }, options) });
    for (const given of [1.5, '1', Number.NaN, Number.POSITIVE_INFINITY, undefined, true]) {
      expect(value(given)).toMatch(
        /enum 'e': A = .*, expected an integer, as a number or a bigint/,
      );
      expect(value(given, { base: 'int' })).toContain('expected an integer, as a number');
    }
    expect(value(2 ** 53)).toContain('A = 9007199254740992, expected a bigint, which is exact');
    expect(value(2n ** 53n)).toBe('laid out');
  });

  it('a condition that asks for what there is not', () => {
    const plain = (condition: object) => () =>
      layout(
        { kind: 'variant', cases: [{ when: condition, type: u8 }], otherwise: u32 } as Type,
        x86_64,
      );
    const made = (condition: object) => () => when(condition, u8);
    for (const given of [plain, made]) {
      expect(given({ byteOrder: 'midle' })).toThrow(
        'when(): byteOrder "midle", expected "little" or "big"',
      );
      expect(given({ byteOrdr: 'big' })).toThrow(
        'when(): there is no option "byteOrdr", expected names, byteOrder, longSize, pointerSize',
      );
      expect(given({ longSize: '8' })).toThrow('when(): longSize "8", expected 4 or 8');
      expect(given({ names: 'ppc64le' })).toThrow(
        `when(): names "ppc64le", expected an array of targets' names`,
      );
      expect(given({ names: ['mine'], pointerSize: 8, byteOrder: 'big' })).not.toThrow();
    }
  });

  it('a type that the target does not have', () => {
    expect(() => layout(struct('w', { a: i128 }), i386)).toThrow('target i386 has no __int128');
    const only = variant([when({ names: ['m68k'] }, u8)], absent);
    expect(() => layout(only, x86_64)).toThrow('does not exist on target x86_64');
    expect(layout(struct('w', { a: only, b: u32 }), x86_64).fields).toHaveLength(1);
  });
});

describe('layout', () => {
  it('gives holes, tail padding and bit positions as data', () => {
    const made = layout(
      struct('s', { a: u8, b: u32, c: bits(int, 3), _: unnamedBits(int, 2), d: u8 }),
      x86_64,
    );
    expect(made.holes).toEqual([
      { bitOffset: 8, bits: 24 },
      { bitOffset: 69, bits: 3 },
    ]);
    expect([made.size, made.tailPadding]).toEqual([12, 2]);
    expect(JSON.parse(JSON.stringify(made.fields[2]))).toMatchObject({
      name: 'c',
      offset: 8,
      bitOffset: 64,
      bitWidth: 3,
    });
  });

  it('is the same object for the same arguments', () => {
    const one = struct('one', { a: u8 });
    expect(layout(one, x86_64)).toBe(layout(one, x86_64));
  });

  it('aligns to 2 bytes on m68k, and gives an empty struct a byte in C++', () => {
    expect(layout(struct('s', { a: u8, b: u32 }), m68k)).toMatchObject({ size: 6, align: 2 });
    const empty = struct('empty', {});
    expect([layout(empty, generic).size, layout(empty, cpp(generic)).size]).toEqual([0, 1]);
  });

  it('takes a target that a user adds, as data', () => {
    const mine = { ...x86_64, name: 'mine', byteOrder: 'big', maxScalarAlign: 4 } as const;
    const one = struct('one', { a: u8, b: u64, c: variant([when({ names: ['mine'] }, u8)], u32) });
    expect(layout(one, mine)).toMatchObject({ target: 'mine', size: 16, align: 4 });
    const shown = view(one, mine, new ArrayBuffer(16));
    shown.b = 1n;
    shown.c = 255;
    expect(placeOf(one, mine, 'b').offset).toBe(4);
  });

  it('refuses a byte offset of a bit-field, and a wrong path', () => {
    const one = struct('one', { a: bits(u32, 3), list: array(u8, 4) });
    expect(() => offsetOf(one, x86_64, 'a')).toThrow("'a' is a bit-field: use placeOf()");
    expect(() => placeOf(one, x86_64, 'list[4]')).toThrow("there is no '[4]'");
    expect(() => placeOf(one, x86_64, 'list[')).toThrow('expected member names, dots and [index]');
  });
});
