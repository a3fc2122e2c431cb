import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bits,
  i8,
  i16,
  i32,
  i64,
  i386,
  long,
  struct,
  type Target,
  u8,
  u16,
  u32,
  u64,
  ulong,
  view,
  x86_64,
} from '../../lib/abi/index.ts';

const seed = Number(process.env.SYSLETS_SEED ?? Date.now() % 2 ** 31);

const one = struct('one', {
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
  b1: bits(u32, 1),
  s5: bits(i32, 5),
  b16: bits(u32, 16),
  b17: bits(u32, 17),
  s31: bits(i32, 31),
  b40: bits(u64, 40),
  s63: bits(i64, 63),
});

type Name = keyof typeof one.fields;

/** Bits and sign, written down once more: what fits is computed from these alone. */
const forms = (
  target: Target,
): Record<Name, readonly [width: number, isSigned: boolean, isBig: boolean]> => ({
  u8: [8, false, false],
  i8: [8, true, false],
  u16: [16, false, false],
  i16: [16, true, false],
  u32: [32, false, false],
  i32: [32, true, false],
  u64: [64, false, true],
  i64: [64, true, true],
  long: [target.longSize * 8, true, true],
  ulong: [target.longSize * 8, false, true],
  b1: [1, false, false],
  s5: [5, true, false],
  b16: [16, false, false],
  b17: [17, false, false],
  s31: [31, true, false],
  b40: [40, false, true],
  s63: [63, true, true],
});

function expected(value: unknown, form: readonly [number, boolean, boolean]) {
  const [width, isSigned, isBig] = form;
  if (typeof value !== (isBig ? 'bigint' : 'number')) return TypeError;
  if (typeof value === 'number' && !Number.isInteger(value)) return RangeError;
  const whole = BigInt(value as number | bigint);
  const least = isSigned ? -(2n ** BigInt(width - 1)) : 0n;
  return whole >= least && whole < least + 2n ** BigInt(width) ? undefined : RangeError;
}

/** Numbers and bigints at the ends of ranges, and what is neither. */
const near = fc
  .tuple(fc.integer({ min: 0, max: 66 }), fc.integer({ min: -2, max: 2 }), fc.boolean())
  .map(([width, step, isNegative]) => (isNegative ? -1n : 1n) * 2n ** BigInt(width) + BigInt(step));
const values = fc.oneof(
  near,
  near.map(Number),
  fc.maxSafeInteger(),
  fc.double(),
  fc.bigInt(),
  fc.constantFrom('5', '', true, null, undefined, Symbol('s'), [7], Object(5n), Object(5), -0),
  fc.bigInt().map((value) => ({ valueOf: () => value })),
);

describe.each([
  ['aligned', x86_64, 0],
  ['unaligned', x86_64, 1],
  ['of 32 bits', i386, 0],
] as const)('a value that is stored (%s)', (_, target, at) => {
  it(`is refused exactly if it does not fit (seed ${seed})`, () => {
    const buffer = new ArrayBuffer(128);
    const shown = view(one, target, buffer, at) as Record<Name, unknown>;
    const names = Object.keys(one.fields) as Name[];
    const form = forms(target);
    const check = (name: Name, value: unknown) => {
      const wanted = expected(value, form[name]);
      const before = shown[name];
      let error: unknown;
      try {
        shown[name] = value;
      } catch (caught) {
        error = caught;
      }
      if (wanted === undefined) {
        expect(error).toBeUndefined();
        expect(BigInt(shown[name] as number)).toBe(BigInt(value as number));
      } else {
        expect(error).toBeInstanceOf(wanted);
        expect((error as Error).message).toMatch(`one.${name}: expected `);
        expect(shown[name]).toBe(before);
      }
    };
    fc.assert(fc.property(fc.constantFrom(...names), values, check), { numRuns: 5000, seed });
  });

  it('is refused by compiled code too', () => {
    const buffer = new SharedArrayBuffer(128);
    const form = forms(target);
    for (const name of Object.keys(one.fields) as Name[]) {
      const shown = view(one, target, buffer, at) as Record<Name, unknown>;
      const write = (value: unknown) => {
        shown[name] = value;
      };
      const [width, isSigned, isBig] = form[name];
      const least = isSigned ? -(2n ** BigInt(width - 1)) : 0n;
      const most = least + 2n ** BigInt(width) - 1n;
      const typed = (value: bigint) => (isBig ? value : Number(value));
      const good = [typed(least), typed(most), typed(0n), typed(most >> 1n)];
      for (let i = 0; i < 20_000; i++) write(good[i & 3]);
      for (const bad of [typed(least - 1n), typed(most + 1n), isBig ? 0 : 0n, isBig ? '0' : 0.5]) {
        expect(() => write(bad)).toThrow(`one.${name}: expected `);
        expect(BigInt(shown[name] as number)).toBe(most >> 1n);
      }
    }
  });
});
