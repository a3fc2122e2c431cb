import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, expectTypeOf, it } from 'vitest';
import {
  array,
  assign,
  atomic,
  bits,
  type EnumType,
  enumeration,
  i386,
  type ScalarName,
  struct,
  type Target,
  targets,
  toObject,
  view,
  x86_64,
} from '../../lib/abi/index.ts';
import { importBinary, openBinary } from '../../lib/abi-tools/import-binary.ts';
import { importFor } from '../../lib/abi-tools/import-header.ts';
import { objectFor } from './binaries.ts';
import { noClang } from './tools.ts';

/** An enumeration whose values are bigints in views, as those of its integer are: each way to store one. */

const folder = mkdtempSync(join(tmpdir(), 'syslets-wide-enums-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const noClangHere = await noClang();

function inStruct(e: EnumType) {
  return struct('s', { x: e, y: bits(e, 31), z: array(e, 2) });
}

/** As a program that reads its definitions: TypeScript knows no member. */
// biome-ignore lint/suspicious/noExplicitAny: what a program without types does
type Loose = any;

function expectBigints(e: EnumType, target: Target): void {
  const type: EnumType = e;
  const one = view(inStruct(type), target, new SharedArrayBuffer(64)) as Loose;
  expect([one.x, one.y, one.z.get(1)]).toEqual([0n, 0n, 0n]);
  one.x = 5n;
  one.y = 5n;
  one.z.set(1, 5n);
  expect(toObject(one)).toEqual({ x: 5n, y: 5n, z: [0n, 5n] });
  assign(one, toObject(one) as object);
  for (const [name, value] of Object.entries(e.values)) {
    assign(one, { x: name, z: [name, name] });
    expect([one.x, one.z.get(1)]).toEqual([BigInt(value), BigInt(value)]);
    expect(toObject(one, { enums: 'name' })).toMatchObject({ x: name, z: [name, name] });
    if (typeof value === 'bigint') one.x = value;
    expect(one.x).toBe(BigInt(value));
  }
  expect(() => {
    one.x = 5;
  }).toThrow(new TypeError('s.x: expected a bigint, got 5'));
  expect(() => {
    one.y = 5;
  }).toThrow(new TypeError('s.y: expected a bigint, got 5'));
  expect(() => one.z.set(1, 5)).toThrow(new TypeError('s.z[1]: expected a bigint, got 5'));
  const little = target.byteOrder === 'little';
  const x = (atomic as Loose)(one, 'x');
  x.store(6n);
  expect([x.load(), one.x]).toEqual([6n, 6n]);
  if (little) expect([x.add(1n), one.x]).toEqual([6n, 7n]);
  expect(() => x.store(5)).toThrow(new TypeError('s.x: expected a bigint, got 5'));
  const raw = view(inStruct(type), target, new ArrayBuffer(64), 0, { unchecked: true }) as Loose;
  raw.x = 9n;
  expect(raw.x).toBe(9n);
}

const everywhere = [x86_64, i386, targets.s390x, targets.m68k];
const source = 'enum e { A = -1, B = 0xffffffff };';
const c = enumeration('e', { A: -1n, B: 0xffffffffn });

describe('an enumeration of 8 bytes', () => {
  it.for(everywhere)('is a bigint in views for $name', (target) => {
    expectBigints(c, target);
    expectBigints(enumeration('e', { A: 0, B: 2n ** 33n }), target);
    for (const base of ['u64', 'i64', 'long', 'ulong', 'size_t', 'longlong'] as ScalarName[]) {
      expectBigints(enumeration('e', { A: 0, B: 7 }, { base }), target);
      expectBigints(enumeration('e', { A: 0n, B: 7n }, { base }), target);
    }
  });

  it('needs bigints where nothing but its values makes it so long', () => {
    for (const options of [{}, { packed: true as const }]) {
      const negative = enumeration('e', { A: -1, B: 0xffffffff }, options);
      const large = enumeration('e', { A: 0, B: 2 ** 33 }, options);
      for (const target of everywhere) {
        const told = (e: EnumType) => () => view(inStruct(e), target, new ArrayBuffer(64));
        expect(told(negative)).toThrow(
          "enum 'e': it is 8 bytes long for B = 4294967295, expected values that are bigints: B = 4294967295n",
        );
        expect(told(large)).toThrow('expected values that are bigints: B = 8589934592n');
      }
    }
  });

  it('of a header has them, on each target', async ({ skip }) => {
    if (noClangHere) skip(noClangHere);
    const file = join(folder, 'e.h');
    writeFileSync(file, `${source}\nenum small { C = -1, D = 5 };\n`);
    for (const target of [x86_64, i386, targets.s390x]) {
      const { types } = await importFor(file, target);
      expect(types.get('enum e')).toEqual(c);
      expect(types.get('enum small')).toMatchObject({ values: { C: -1, D: 5 } });
      expectBigints(types.get('enum e') as EnumType, target);
    }
  });

  it('of a binary is the same', ({ skip }) => {
    if (noClangHere) skip(noClangHere);
    for (const target of [x86_64, i386, targets.s390x]) {
      const text = `${source} struct s { enum e x; } o;`;
      const { types } = importBinary(openBinary(objectFor(folder, text, target, ['-g']), target));
      expect(types.get('enum e')).toEqual(c);
    }
  });
});

it('TypeScript knows it', () => {
  const e = enumeration('e', { A: 0n, B: 2n ** 33n });
  const long = enumeration('l', { A: 0 }, { base: 'long' });
  const byte = enumeration('b', { A: 0 }, { base: 'uchar' });
  const none = enumeration('n', {}, { base: 'u64' });
  const type = struct('s', { e, long, byte, none, bits: bits(long, 3), list: array(long, 2) });
  const one = view(type, i386, new ArrayBuffer(64));
  expectTypeOf(one.e).toEqualTypeOf<bigint>();
  expectTypeOf(one.long).toEqualTypeOf<bigint>();
  expectTypeOf(one.byte).toEqualTypeOf<number>();
  expectTypeOf(one.none).toEqualTypeOf<bigint>();
  expectTypeOf(one.bits).toEqualTypeOf<bigint>();
  expectTypeOf(one.list.get(0)).toEqualTypeOf<bigint>();
  expectTypeOf(atomic(one, 'long').load()).toEqualTypeOf<bigint>();
  expect(toObject(one)).toEqual({ e: 0n, long: 0n, byte: 0, none: 0n, bits: 0n, list: [0n, 0n] });
});
