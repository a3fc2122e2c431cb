import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  aligned,
  array,
  bits,
  char,
  cpp,
  double,
  enumeration,
  i128,
  int,
  layout,
  longlong,
  member,
  type RecordType,
  struct,
  type Target,
  targets,
  u8,
  uint,
  union,
  unnamedBits,
  ushort,
} from '../../lib/abi/index.ts';
import { ask } from '../../lib/abi-tools/ask.ts';
import { clangFile, compilersFor } from '../../lib/abi-tools/compilers.ts';
import { CEmitter } from '../../lib/abi-tools/emit-c.ts';
import { importFor } from '../../lib/abi-tools/import-header.ts';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

/** Microsoft's rules: worked out by hand, then asked of clang. */

const reason = await noClang();
const folder = mkdtempSync(join(tmpdir(), 'syslets-windows-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const msvc: readonly Target[] = [
  targets['x86_64-windows-msvc'],
  targets['i686-windows-msvc'],
  targets['aarch64-windows-msvc'],
];
const gnu = targets['x86_64-windows-gnu'];
const windows = [...msvc, gnu];
const both = windows.flatMap((one) => [one, cpp(one) as Target]);

/** `4, align 2: a 0:4, b 4:5`: size, alignment, and the bits of each member. */
function places(type: RecordType, target: Target): string {
  const { size, align, fields } = layout(type, target);
  const list = fields.map((one) => {
    const width = one.bitWidth ?? one.size * 8;
    return `${one.key} ${one.bitOffset}:${width}`;
  });
  return `${size}, align ${align}: ${list.join(', ')}`;
}

/** Each: what it shows, the struct, what it is by Microsoft's rules, and by GCC's on Windows where that is another. */
const cases: readonly (readonly [string, RecordType, string, string?])[] = [
  [
    'the fields of "C Bit Fields" fill one unsigned short',
    struct('mybitfields', { a: bits(ushort, 4), b: bits(ushort, 5), c: bits(ushort, 7) }),
    '2, align 2: a 0:4, b 4:5, c 9:7',
  ],
  [
    'a field that does not fit begins a unit, as in "C++ Bit Fields"',
    struct('Date', {
      nWeekDay: bits(ushort, 3),
      nMonthDay: bits(ushort, 6),
      nMonth: bits(ushort, 5),
      nYear: bits(ushort, 8),
    }),
    '4, align 2: nWeekDay 0:3, nMonthDay 3:6, nMonth 9:5, nYear 16:8',
  ],
  [
    'width 0 ends a unit, as in "C++ Bit Fields"',
    struct('Date0', {
      nWeekDay: bits(uint, 3),
      nMonthDay: bits(uint, 6),
      _: unnamedBits(uint, 0),
      nMonth: bits(uint, 5),
      nYear: bits(uint, 8),
    }),
    '8, align 4: nWeekDay 0:3, nMonthDay 3:6, _ 32:0, nMonth 32:5, nYear 37:8',
  ],
  [
    'types of two sizes share no unit',
    struct('mixed', { a: bits(u8, 3), b: bits(uint, 5), c: bits(u8, 2) }),
    '12, align 4: a 0:3, b 32:5, c 64:2',
  ],
  [
    'types of one size do, whatever their sign',
    struct('signs', { a: bits(int, 3), b: bits(uint, 5) }),
    '4, align 4: a 0:3, b 3:5',
  ],
  [
    'a unit is whole before what is no bit-field',
    struct('behind', { a: bits(uint, 3), b: u8 }),
    '8, align 4: a 0:3, b 32:8',
  ],
  [
    'width 0 is nothing behind what is no bit-field',
    struct('idle', { a: u8, _: unnamedBits(uint, 0), b: u8 }),
    '2, align 1: a 0:8, _ 8:0, b 8:8',
  ],
  [
    'unnamed fields align their struct',
    struct('unnamed', { a: u8, _: unnamedBits(uint, 7) }),
    '8, align 4: a 0:8, _ 32:7',
  ],
  [
    'in a union a bit-field is as long as its type, and aligns nothing',
    union('both', { a: bits(uint, 3), b: u8 }),
    '4, align 1: a 0:3, b 0:8',
  ],
  [
    'packed moves units for Microsoft alone',
    struct('tight', { a: u8, b: bits(uint, 3) }, { packed: true }),
    '5, align 1: a 0:8, b 8:3',
    '8, align 4: a 0:8, b 32:3',
  ],
  [
    '#pragma pack moves them for both',
    struct('packs', { a: u8, b: bits(uint, 3), c: double }, { pack: 2 }),
    '14, align 2: a 0:8, b 16:3, c 48:64',
  ],
  [
    'aligned of a member holds against packing for Microsoft alone',
    struct('held', { a: u8, b: member(int, { align: 4 }) }, { pack: 1 }),
    '8, align 4: a 0:8, b 32:32',
    '5, align 1: a 0:8, b 8:32',
  ],
  [
    'so does that of a type, in what has it inside',
    struct(
      'outer',
      { a: u8, b: array(struct('inner', { x: u8 }, { align: 8 }), 2) },
      { packed: true },
    ),
    '24, align 8: a 0:8, b 64:128',
    '17, align 1: a 0:8, b 8:128',
  ],
  [
    'and it never lowers what a type has by itself',
    struct('lower', { a: u8, b: aligned(1, int) }),
    '8, align 4: a 0:8, b 32:32',
  ],
  ['an empty struct of C is 4 bytes long', struct('empty', {}), '4, align 1: ', '0, align 1: '],
  [
    'long long and double are aligned to 8',
    struct('wide', { a: u8, b: longlong, c: u8, d: double }),
    '32, align 8: a 0:8, b 64:64, c 128:8, d 192:64',
  ],
];

const far = struct('far', { a: u8, b: aligned(16, char), c: double }, { pack: 8 });
const far16 = struct('far16', { a: u8, b: i128 }, { pack: 16 });

describe('by hand', () => {
  it.for(cases)('%s', ([, type, microsoft, other]) => {
    for (const target of msvc) expect(places(type, target), target.name).toBe(microsoft);
    expect(places(type, gnu)).toBe(other ?? microsoft);
  });

  it('#pragma pack that is larger than a pointer is ignored', () => {
    for (const target of msvc) {
      expect(places(far, target)).toBe('32, align 16: a 0:8, b 128:8, c 192:64');
    }
    expect(places(far16, msvc[0] as Target)).toBe('32, align 16: a 0:8, b 128:128');
    expect(places(far, gnu)).toBe('24, align 8: a 0:8, b 64:8, c 128:64');
  });

  it('in C++ an empty struct takes a byte', () => {
    for (const target of both) {
      const least = target.language === 'c++' ? 1 : target === gnu ? 0 : 4;
      expect(layout(struct('empty', {}), target).size).toBe(least);
    }
  });

  it('pointers and longs are of two sizes', () => {
    const sizes = windows.map((one) => [one.pointerSize, one.longSize]);
    expect(sizes).toEqual([
      [8, 4],
      [4, 4],
      [8, 4],
      [8, 4],
    ]);
  });

  it.for(both)('all that is what clang says ($name, $language)', async (target, { skip }) => {
    if (reason) skip(reason);
    const wide = target.int128Align > 0 ? [far16] : [];
    const types = [...cases.map(([, type]) => type), far, ...wide];
    expect(await differences(types, target)).toEqual([]);
  });
});

/** What the target's compiler says otherwise. */
async function differences(types: readonly RecordType[], target: Target) {
  const compiler = compilersFor(target.name).find(({ file }) => file === clangFile());
  if (!compiler) throw new Error(`no clang for ${target.name}`);
  const sourceOf = (some: readonly RecordType[]) => {
    const emitter = new CEmitter(target);
    const questions = some.map((one) => ({ name: emitter.declareRecord(one), type: one, seed: 1 }));
    return { prelude: emitter.text, questions };
  };
  const answer = await ask(types, sourceOf, target, compiler);
  expect(answer.asked).toBeGreaterThan(types.length * 2);
  return [...answer.differences, ...answer.refusals];
}

describe('an enumeration', () => {
  const big = enumeration('big', { A: 1, B: 0xffffffff });

  it('is an int to Microsoft, packed or not, and has no other value', () => {
    const packed = enumeration('p', { A: 1 }, { packed: true });
    for (const target of msvc) {
      expect(layout(packed, target).size).toBe(4);
      expect(() => layout(big, target)).toThrow(
        `enum 'big': B = 4294967295 does not fit int, as each enumeration of ${target.name}`,
      );
    }
    expect([layout(packed, gnu).size, layout(big, gnu).size]).toEqual([1, 4]);
    const based = enumeration('b', { A: 0xffffffff }, { base: 'uint' });
    expect(layout(based, targets['x86_64-windows-msvc']).size).toBe(4);
  });

  it('of a header has the values that are left of it there', async ({ skip }) => {
    if (reason) skip(reason);
    const file = join(folder, 'enums.h');
    writeFileSync(file, 'enum e { A = 0xffffffff, B = 0x100000007LL }; struct s { enum e m; };\n');
    for (const target of msvc) {
      const { types, failures } = await importFor(file, target);
      expect([...failures]).toEqual([]);
      expect(types.get('enum e')).toMatchObject({ values: { A: -1, B: 7 } });
    }
    const { types } = await importFor(file, gnu);
    expect(types.get('enum e')).toMatchObject({ values: { A: 0xffffffffn, B: 0x100000007n } });
    expect(
      (await abi(['check', file, '-t', windows.map(({ name }) => name).join(',')])).status,
    ).toBe(0);
  });
});

describe('a header for Windows', () => {
  it("is read with Microsoft's words", async ({ skip }) => {
    if (reason) skip(reason);
    const file = join(folder, 'words.h');
    writeFileSync(
      file,
      `#include <stddef.h>
__declspec(align(16)) struct al { int x; };
#pragma pack(push, 1)
struct pk { char c; struct al a; unsigned __int64 u : 40; };
#pragma pack(pop)
struct s { long l; __int64 i; wchar_t w; int (__stdcall *f)(void); };\n`,
    );
    const names = msvc.map(({ name }) => name);
    const { status, stdout, stderr } = await abi(['import', file, '-t', names.join(',')]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/w: ushort,/);
    const checked = await abi(['check', file, '-t', names.join(',')]);
    expect(checked.status).toBe(0);
    for (const name of names) {
      expect(checked.stdout).toMatch(new RegExp(`^${name} +clang\\S* +same \\(3 types`, 'm'));
    }
  });

  it('cannot have a backslash in its name', async ({ skip }) => {
    if (reason) skip(reason);
    if (process.platform === 'win32') skip('no name has one there');
    const file = join(folder, 'back\\slash.h');
    writeFileSync(file, 'struct s { int a; };\n');
    const { status, stderr } = await abi(['show', `${file}:s@x86_64-windows-msvc`]);
    expect(status).toBe(2);
    expect(stderr).toContain(
      'a backslash is a slash on x86_64-windows-msvc, expected a name without',
    );
    expect((await abi(['show', `${file}:s@x86_64-windows-gnu`])).status).toBe(0);
  });

  it('is exported with assertions that clang takes there', async ({ skip }) => {
    if (reason) skip(reason);
    const file = join(folder, 'out.ts');
    writeFileSync(
      file,
      `import { bits, long, longdouble, struct, u8, uint } from 'syslets/abi';
export const out = struct('out', { a: u8, b: bits(uint, 3), c: long, d: longdouble });\n`,
    );
    const names = [...windows.map(({ name }) => name), 'x86_64', 'aarch64-apple', 'wasm32'];
    const { stdout, status } = await abi(['export', `${file}:out`, '-t', names.join(',')]);
    expect(status).toBe(0);
    const header = join(folder, 'out.h');
    writeFileSync(header, stdout);
    const asked = names.flatMap((name) => [name, `${name}:c++`]);
    const checked = await abi(['check', header, '-t', asked.join(',')]);
    for (const name of asked) {
      const row = `^${name.replaceAll('+', '\\+')} +clang\\S* +same \\(1 type`;
      expect(checked.stdout).toMatch(new RegExp(row, 'm'));
    }
    expect(checked.status).toBe(0);
  });
});
