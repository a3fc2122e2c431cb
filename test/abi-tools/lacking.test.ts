import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { byteCount } from '../../lib/abi/byte-count.ts';
import { targets } from '../../lib/abi/index.ts';
import { compileC } from '../../lib/abi-tools/compile-c.ts';
import { clangFile, compilersFor } from '../../lib/abi-tools/compilers.ts';
import { objectFor } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang, noCompiler } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-lacking-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const reason = await noClang();

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const names =
  'anonymous, array, bits, char, enumeration, flexible, float, i16, int, struct, u16, u32, u8, union, unnamedBits';

function definitions(name: string, text: string): string {
  return written(name, `import { ${names} } from 'syslets/abi';\n${text}`);
}

interface Row {
  readonly target: string;
  readonly compiler: string;
  readonly status: string;
  readonly differences: readonly { record: string; what: string; ours: string; theirs: string }[];
  readonly refusals: readonly { record: string; reason: string }[];
  readonly unchecked: readonly { record: string; reason: string }[];
}

async function checked(...args: readonly string[]) {
  const { status, stdout, stderr } = await abi(['check', ...args, '--json']);
  expect(stderr).toBe('');
  return { status, rows: JSON.parse(stdout).rows as Row[] };
}

function rowOf(rows: readonly Row[], compiler: RegExp): Row {
  const row = rows.find((one) => compiler.test(one.compiler));
  if (!row) throw new Error(`no row of ${compiler}`);
  return row;
}

const clang = /^clang/;

/** What differs, as `struct x: member m: theirs`; of ours is to be told that there is nothing. */
function told({ differences }: Row): string[] {
  return differences.map(({ record, what, ours, theirs }) => {
    return `${record}: ${what}: ${ours === '-' ? '' : `${ours} is `}${theirs}`;
  });
}

const text = `enum mode { MA, MB = 7, MC, MD = MB };
struct inner { int a; short b; char gone; };
struct outer {
  char c; short hidden; int x; struct inner in, list[2]; enum mode m;
  unsigned low : 3, mid : 5, high : 8; unsigned : 16;
  union { unsigned word; float real; struct { unsigned short first, second; }; };
  struct { short p; char q; } deep[2];
  enum { QA, QB } q; unsigned char one; short tail[];
};
typedef struct { int a; short b; char c; } pair;`;

/** A macro named as a member has to be taken back for that one, too. */
const header = `${text}\n#define hidden f.hidden\n#define MC 99\n`;

const partial = `
const mode = enumeration('mode', { MA: 0, MB: 7 });
const inner = struct('inner', { a: int, b: i16 });
export const outer = struct('outer', { c: char, x: int, in: inner, list: array(inner, 2), m: mode,
  low: bits(u32, 3), _mid: unnamedBits(u32, 5), high: bits(u32, 8), _rest: unnamedBits(u32, 16),
  _u: anonymous(union('', { word: u32,
    _s: anonymous(struct('', { _first: unnamedBits(u16, 16), second: u16 })) })),
  deep: array(struct('', { p: i16, _q: unnamedBits(u16, 8) }), 2),
  q: enumeration('', { QA: 0 }), _end: unnamedBits(u32, 32) });
export const pair = struct('', { a: int, b: i16 });`;

const whole = `
export const mode = enumeration('mode', { MA: 0, MB: 7, MC: 8, MD: 7 });
export const inner = struct('inner', { a: int, b: i16, gone: char });
export const outer = struct('outer', { c: char, hidden: i16, x: int, in: inner, list: array(inner, 2), m: mode,
  low: bits(u32, 3), mid: bits(u32, 5), high: bits(u32, 8), _rest: unnamedBits(u32, 16),
  _u: anonymous(union('', { word: u32, real: float,
    _s: anonymous(struct('', { first: u16, second: u16 })) })),
  deep: array(struct('', { p: i16, q: char }), 2),
  q: enumeration('', { QA: 0, QB: 1 }), one: u8, tail: flexible(i16) });
export const pair = struct('', { a: int, b: i16, c: char });`;

type Name = 'x86_64' | 'ppc64' | 'i386';

/** What clang says about members: where they are, and how it signs `char`. */
async function answers(target: Name, paths: readonly string[]) {
  const compiler = compilersFor(target).find((one) => one.file === clangFile());
  if (!compiler) throw new Error(`no clang for ${target}`);
  const numbers = [...paths.map((path) => `__builtin_offsetof(struct outer, ${path})`), '(char)-1'];
  const source = `${text}\nconst short at[] = { ${numbers.join(', ')} };
struct outer object = { .mid = -1 };`;
  const made = await compileC(source, targets[target], compiler, []);
  if (typeof made === 'string') throw new Error(made);
  const bytes = made.bytesOf('at') ?? new Uint8Array();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = targets[target].byteOrder === 'little';
  const at = numbers.map((_, index) => view.getInt16(index * 2, isLittle));
  const set = (made.bytesOf('object') ?? []).findIndex((byte) => byte !== 0);
  return { at: (path: string) => at[paths.indexOf(path)], isSigned: at.at(-1) === -1, mid: set };
}

/** Members that are left out, with the type's name and how many bytes each takes. */
const left = [
  ['hidden', 'short', 2],
  ['in.gone', 'char', 1],
  ['list[0].gone', 'char', 1],
  ['real', 'float', 4],
  ['first', 'ushort', 2],
  ['deep[0].q', 'char', 1],
  ['one', 'uchar', 1],
  ['tail', 'short[]', 0],
] as const;

describe('syslets abi check of a definition that leaves something out', () => {
  for (const target of ['x86_64', 'ppc64', 'i386'] as const) {
    it(`tells what the header has there, and where the compiler puts it (${target})`, async ({
      skip,
    }) => {
      if (reason) skip(reason);
      const { at, isSigned, mid } = await answers(
        target,
        left.map(([path]) => path),
      );
      const char = `char (${isSigned ? 'signed' : 'unsigned'})`;
      const members = left.map(([path, type, size]) => {
        const name = type === 'char' ? char : type;
        return `struct outer: member ${path}: ${name} at ${at(path)}, ${byteCount(size)}`;
      });
      const file = definitions('partial.ts', partial);
      const args = ['--header', written('whole.h', header), '-t', target];
      const { status, rows } = await checked(file, ...args);
      expect([status, rowOf(rows, clang).status]).toEqual([1, 'different']);
      const wanted = [
        ...members,
        `struct outer: member mid: uint at ${mid} bit 3, 5 wide, 4 bytes`,
        'struct outer: value of MC: 8',
        'struct outer: value of MD: 7',
        'struct outer: value of QB: 1',
        `pair: member c: ${char} at 6, 1 byte`,
      ];
      for (const row of rows.filter((one) => one.status !== 'not checked')) {
        expect([row.refusals, row.unchecked]).toEqual([[], []]);
        expect(told(row).sort()).toEqual(wanted.sort());
      }
    });
  }

  it('says nothing of one that has all, and takes an enumeration and a struct by themselves', async ({
    skip,
  }) => {
    if (reason) skip(reason);
    const args = [
      '--header',
      written('whole.h', text),
      '-t',
      'x86_64,ppc64',
      '--require',
      'x86_64',
    ];
    const { status, rows } = await checked(definitions('whole.ts', whole), ...args);
    expect([status, rows.flatMap(told)]).toEqual([0, []]);
    const exported = partial.replaceAll(/^const/gm, 'export const');
    const own = await checked(definitions('own.ts', exported), ...args);
    const lines = told(rowOf(own.rows, clang));
    expect(lines.filter((line) => !line.startsWith('struct outer'))).toEqual([
      'struct inner: member gone: char (signed) at 6, 1 byte',
      'enum mode: value of MC: 8',
      'enum mode: value of MD: 7',
      'pair: member c: char (signed) at 6, 1 byte',
    ]);
    expect(lines.filter((line) => line.includes('gone') || line.includes('MC'))).toHaveLength(2);
  });

  it('lets what covers the same bytes under another name be refused alone', async ({ skip }) => {
    if (reason) skip(reason);
    const named = written(
      'named.h',
      'struct s { int a; short b, c; unsigned d : 4, e : 4; }; enum k { KA, KB };',
    );
    const file = definitions(
      'named.ts',
      `export const s = struct('s', { a: int, reserved: array(u8, 4), pad: bits(u32, 8) });
export const k = enumeration('k', { KA: 0, OTHER: 1 });`,
    );
    const { status, rows } = await checked(file, '--header', named, '-t', 'x86_64');
    const row = rowOf(rows, clang);
    expect([status, told(row)]).toEqual([1, []]);
    expect(row.refusals).toEqual([
      { record: 'enum k', reason: expect.stringContaining("'OTHER'") },
      { record: 'struct s', reason: expect.stringMatching(/no member named '(reserved|pad)'/) },
    ]);
  });

  it('asks each compiler, and says where it cannot know', async ({ skip }) => {
    if (reason) skip(reason);
    const cc = await noCompiler('x86_64', 'cc');
    if (cc) skip(cc);
    const own = written(
      'own.h',
      `struct one { char a; int b; };
#ifdef __clang__
struct two { char a; char only; int b; };
#else
struct two { char a; int b; };
#endif
struct half { float _Complex z; short b; short c; };`,
    );
    const file = definitions(
      'one-two.ts',
      `export const one = struct('one', { a: char, b: int });
export const two = struct('two', { a: char, b: int });
export const half = struct('half', { _z: unnamedBits(u32, 32), _y: unnamedBits(u32, 32), b: i16,
  _c: unnamedBits(u16, 16) }, { align: 4 });`,
    );
    const args = [file, '--header', own, '-t', 'x86_64', '--require', 'x86_64'];
    const { status, rows } = await checked(...args);
    const [ours, gcc] = [rowOf(rows, clang), rowOf(rows, /^cc$/)];
    expect(status).toBe(1);
    expect(told(ours)).toEqual(['struct two: member only: char (signed) at 1, 1 byte']);
    const half = { record: 'struct half', reason: expect.stringContaining('_Complex') };
    expect(ours.unchecked).toEqual([half]);
    expect(told(gcc)).toEqual([]);
    expect(gcc.unchecked).toEqual([half]);
  });

  it('tells what the header has for one compiler, or for C++, alone', async ({ skip }) => {
    if (reason) skip(reason);
    const cc = await noCompiler('x86_64', 'cc');
    if (cc) skip(cc);
    const guarded = (condition: string, name: string) => `
struct ${name} { char a;
#if ${condition}
  char more;
#endif
  int b; };
enum e_${name} { ${name}_A,
#if ${condition}
  ${name}_B
#endif
};`;
    const own = written(
      'guarded.h',
      guarded('__GNUC__ >= 5', 'gnu') + guarded('defined __cplusplus', 'cpp'),
    );
    const wanted = (name: string) => [
      `struct ${name}: member more: char (signed) at 1, 1 byte`,
      `enum e_${name}: value of ${name}_B: 1`,
    ];
    for (const target of ['x86_64', 'x86_64:c++']) {
      const { status, rows } = await checked(own, '-t', target);
      const ofCpp = target === 'x86_64' ? [] : wanted('cpp');
      expect(status).toBe(1);
      expect(told(rowOf(rows, clang)).sort()).toEqual(ofCpp.sort());
      expect(told(rowOf(rows, /^cc$/)).sort()).toEqual([...wanted('gnu'), ...ofCpp].sort());
      for (const row of rows) expect([row.refusals, row.unchecked]).toEqual([[], []]);
    }
  });

  it('takes other names of another compiler in a header for such', async ({ skip }) => {
    if (reason) skip(reason);
    const cc = await noCompiler('x86_64', 'cc');
    if (cc) skip(cc);
    const own = written(
      'two-compilers.h',
      `#include <stddef.h>
struct aligned { max_align_t most; int z; };
#ifdef __clang__
struct named { int x; }; struct less { int a; int b; }; struct holds { char c; struct named n; int z; };
#else
struct named { int y; }; struct less { int a; }; struct holds { char c; struct named n; int z; };
#endif
struct also { struct less l; };`,
    );
    const { status, rows } = await checked(own, '-t', 'x86_64');
    const [ours, gcc] = [rowOf(rows, clang), rowOf(rows, /^cc$/)];
    expect([status, ours.status, ours.unchecked]).toEqual([1, 'same', []]);
    expect(gcc.refusals).toEqual([]);
    // What holds such a type is right; its own size tells of one that is shorter.
    expect(told(gcc).sort()).toEqual([
      'struct also: size of l: 8 is 4',
      'struct also: size: 8 is 4',
      'struct also: type of l: struct, 8 bytes is struct, 4 bytes',
      'struct less: b: int at 4, 4 bytes is -',
      'struct less: size: 8 is 4',
    ]);
    const [max, named, ...more] = [...gcc.unchecked].sort((a, b) => (a.record < b.record ? -1 : 1));
    expect(more).toEqual([]);
    expect(max).toMatchObject({ record: 'max_align_t' });
    expect(named).toEqual({
      record: 'struct named',
      reason: 'cc has other names there: x -> y',
    });
    const { types } = gcc as unknown as { types: number };
    expect(types).toBe(4);
    const alone = written('max.h', '#include <stddef.h>\nstruct m { max_align_t most; int z; };');
    expect((await checked(alone, '-t', 'x86_64')).status).toBe(0);
  });

  it('tells what a binary was compiled without', async ({ skip }) => {
    if (reason) skip(reason);
    const old = 'enum m { A, B }; struct s { char c; int x; enum m m; } used;';
    const fresh = 'enum m { A, B, C }; struct s { char c; short more; int x; enum m m; };';
    const built = (source: string) =>
      objectFor(folder, source, targets.x86_64, ['-g', '-gdwarf-5']);
    const args = ['--header', written('fresh.h', fresh), '--against'];
    const { status, rows } = await checked(...args, built(old));
    expect([status, told(rowOf(rows, clang)).sort()]).toEqual([
      1,
      ['enum m: value of C: 2', 'struct s: member more: short at 2, 2 bytes'],
    ]);
    const same = await checked(...args, built(`${fresh} struct s used;`));
    expect([same.status, same.rows.flatMap(told)]).toEqual([0, []]);
  });
});
