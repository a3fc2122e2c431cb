import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  aarch64,
  anonymous,
  array,
  bits,
  bool,
  char,
  enumeration,
  type Fields,
  flexible,
  float,
  generic,
  i32,
  layout,
  longdouble,
  pointer,
  ppc64,
  riscv64,
  s390x,
  struct,
  syslet_args,
  syslet_frame,
  type Target,
  u8,
  u16,
  u32,
  u64,
  uint,
  union,
  unnamedBits,
  x86_64,
} from '../../lib/abi/index.ts';
import { clangFile } from '../../lib/abi-tools/compilers.ts';
import { diffLayouts } from '../../lib/abi-tools/diff.ts';
import { run } from '../../lib/abi-tools/run.ts';
import { whyNo } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

/** Rows as `what: a | b (breaks)`. */
function compared(a: Fields, b: Fields, targets: readonly [Target, Target] = [x86_64, x86_64]) {
  const [left, right] = [struct('s', a), struct('s', b)];
  const rows = diffLayouts({ type: left, target: targets[0] }, { type: right, target: targets[1] });
  return rows.map((row) => `${row.what}: ${row.a} | ${row.b} (${row.breaks})`);
}

const state = (values: Record<string, number>) => ({ state: enumeration('state', values) });

describe('diff of enumerations', () => {
  it('names each enumerator that an inserted one moves', () => {
    expect(compared(state({ A: 0, B: 1 }), state({ A: 0, NEW: 1, B: 2 }))).toEqual([
      'enum state.B: 1 | 2 (value)',
      'enum state.NEW: - | 1 (name)',
    ]);
  });

  it('takes one that is added at the end, or renamed, for a name', () => {
    expect(compared(state({ A: 0 }), state({ A: 0, B: 1 }))).toEqual([
      'enum state.B: - | 1 (name)',
    ]);
    expect(compared(state({ A: 0, B: 1 }), state({ A: 0, C: 1 }))).toEqual([
      'enum state.B -> C: 1 | 1 (name)',
    ]);
  });

  it('says that one is gone', () => {
    expect(compared(state({ A: 0, B: 1 }), state({ A: 0 }))).toEqual([
      'enum state.B: 1 | - (value)',
    ]);
    expect(compared(state({ A: 0, OLD: 0 }), state({ A: 0 }))).toEqual([
      'enum state.OLD: 0 | - (name)',
    ]);
  });

  it('shows another underlying type: its sign, its size', () => {
    expect(compared(state({ A: 0, B: 1 }), state({ A: 0, B: 1, NONE: -1 }))).toEqual([
      'state: enum state (u32) at 0, 4 bytes | enum state (i32) at 0, 4 bytes (value)',
      'enum state.NONE: - | -1 (name)',
    ]);
    const packed = { state: enumeration('state', { A: 0 }, { packed: true }) };
    expect(compared(state({ A: 0 }), packed)).toEqual([
      'size: 4 | 1 (offset)',
      'alignment: 4 | 1 (offset)',
      'state: enum state (u32) at 0, 4 bytes | enum state (u8) at 0, 1 byte (offset)',
    ]);
  });

  it('tells once what many members share', () => {
    const [a, b] = [enumeration('e', { A: 0 }), enumeration('e', { A: 1 })];
    const rows = compared({ x: a, y: array(a, 3) }, { x: b, y: array(b, 3) });
    expect(rows).toEqual(['enum e.A: 0 | 1 (value)']);
  });

  it('compares enumerations that stand alone', () => {
    const [a, b] = [enumeration('e', { A: 0 }), enumeration('e', { A: 1 })];
    const rows = diffLayouts({ type: a, target: x86_64 }, { type: b, target: x86_64 });
    expect(rows).toEqual([{ what: 'enum e.A', a: '0', b: '1', breaks: 'value' }]);
  });
});

describe('diff below a member', () => {
  const row = (fields: Fields) => array(struct('', fields), 4);

  it('looks into arrays of structs without a tag', () => {
    expect(compared({ rows: row({ x: u32, y: u32 }) }, { rows: row({ x: u32, y: i32 }) })).toEqual([
      'rows[].y: u32 at 4, 4 bytes | i32 at 4, 4 bytes (value)',
    ]);
    const nested = (fields: Fields) => ({ grid: array(row(fields), 2), rest: u8 });
    expect(compared(nested({ x: u16, y: u16 }), nested({ y: u16, x: u16 }))).toEqual([
      'grid[][].x: u16 at 0, 2 bytes | u16 at 2, 2 bytes (offset)',
      'grid[][].y: u16 at 2, 2 bytes | u16 at 0, 2 bytes (offset)',
    ]);
  });

  it('looks into tails, whose size says nothing', () => {
    const tail = (type: typeof u8 | typeof u16) => ({ n: u16, tail: flexible(type) });
    expect(compared(tail(u8), tail(u16))).toEqual([
      'tail: u8[] at 2, 0 bytes | u16[] at 2, 0 bytes (value)',
    ]);
  });

  it('says of a struct that moved that it moved, not that each of its members did', () => {
    const inner = struct('inner', { x: u32, y: u32 });
    expect(compared({ a: u32, inner }, { a: u64, inner })).toEqual([
      'size: 12 | 16 (offset)',
      'alignment: 4 | 8 (offset)',
      'a: u32 at 0, 4 bytes | u64 at 0, 8 bytes (offset)',
      'inner: struct inner at 4, 8 bytes, align 4 | struct inner at 8, 8 bytes, align 4 (offset)',
    ]);
  });

  it('shows the alignment of a struct inside, where nothing else shows it', () => {
    const inner = { x: u32, y: u32 };
    const [a, b] = [struct('i', inner), struct('i', inner, { align: 8 })];
    expect(compared({ first: u64, i: a }, { first: u64, i: b })).toEqual([
      'i: struct i at 8, 8 bytes, align 4 | struct i at 8, 8 bytes, align 8 (offset)',
    ]);
  });

  it('looks through anonymous members', () => {
    const wrapped = (fields: Fields) => ({ a: u32, _: anonymous(union('', fields)) });
    expect(compared(wrapped({ x: u32, y: float }), wrapped({ x: u32, y: u32 }))).toEqual([
      'y: float at 4, 4 bytes | u32 at 4, 4 bytes (value)',
    ]);
  });
});

describe('what breaks nothing', () => {
  it('is a name: of a member, a tag, a type, of what a pointer points to', () => {
    expect(compared({ a: u32, b: u32 }, { a: u32, c: u32 })).toEqual([
      'b -> c: u32 at 4, 4 bytes | u32 at 4, 4 bytes (name)',
    ]);
    expect(compared({ a: struct('x', { m: u8 }) }, { a: struct('y', { m: u8 }) })).toEqual([
      'a: struct x at 0, 1 byte, align 1 | struct y at 0, 1 byte, align 1 (name)',
    ]);
    expect(compared({ a: u32, p: pointer('x') }, { a: uint, p: pointer('y') })).toEqual([
      'a: u32 at 0, 4 bytes | uint at 0, 4 bytes (name)',
      'p: x * at 8, 8 bytes | y * at 8, 8 bytes (name)',
    ]);
  });

  it('is nothing at all where only made-up keys differ', () => {
    const inner = struct('', { x: u8 });
    const a = { _1: anonymous(inner), _2: unnamedBits(u8, 3), last: u8 };
    const b = { _7: anonymous(inner), _9: unnamedBits(u8, 3), last: u8 };
    expect(compared(a, b)).toEqual([]);
  });

  it('is padding that got a width of its own', () => {
    expect(compared({ a: bits(u8, 3) }, { a: bits(u8, 3), _: unnamedBits(u8, 5) })).toEqual([
      '(without a name): - | u8 at 0 bit 3, 5 wide, 1 byte (padding)',
    ]);
  });
});

describe('diff of two targets', () => {
  it('tells the byte order where it shows', () => {
    expect(compared({ a: u32 }, { a: u32 }, [riscv64, s390x])).toEqual([
      'byte order: little | big (value)',
    ]);
    expect(compared({ a: u8 }, { a: u8 }, [riscv64, s390x])).toEqual([]);
    expect(compared({ a: bits(u8, 2) }, { a: bits(u8, 2) }, [riscv64, s390x])).toHaveLength(1);
  });

  it('tells what a name means there', () => {
    expect(compared({ c: char }, { c: char }, [x86_64, aarch64])).toEqual([
      'c: char (signed) at 0, 1 byte | char (unsigned) at 0, 1 byte (value)',
    ]);
    expect(compared({ d: longdouble }, { d: longdouble }, [x86_64, aarch64])).toEqual([
      'd: longdouble (x87) at 0, 16 bytes | longdouble (binary128) at 0, 16 bytes (value)',
    ]);
  });

  it('tells a type that only one of them has', () => {
    const [one, other] = [
      { type: syslet_args, target: ppc64 },
      { type: syslet_args, target: generic },
    ];
    expect(diffLayouts(one, other)).toEqual([
      { what: 'byte order', a: 'big', b: 'little', breaks: 'value' },
    ]);
    expect(layout(syslet_frame, ppc64).size).toBe(0);
    expect(diffLayouts({ type: undefined, target: ppc64 }, one)).toMatchObject([
      { what: 'type', a: '-', breaks: 'name' },
    ]);
    expect(diffLayouts(one, { type: undefined, target: ppc64 })).toMatchObject([
      { what: 'type', b: '-', breaks: 'value' },
    ]);
  });

  it('does not take a bool for a byte', () => {
    expect(compared({ b: bool }, { b: u8 })).toHaveLength(1);
  });
});

describe('syslets abi diff', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'syslets-diff-'));
    const head = "import { array, enumeration, struct, u32 } from 'syslets/abi';\n";
    const versions = {
      old: "export const s = struct('s', { a: u32, e: enumeration('e', { A: 0, B: 1 }) });",
      renamed: "export const s = struct('s', { b: u32, e: enumeration('e', { A: 0, B: 1 }) });",
      inserted:
        "export const s = struct('s', { a: u32, e: enumeration('e', { A: 0, X: 1, B: 2 }) });",
      more: "export const s = struct('s', { a: u32, e: enumeration('e', { A: 0, B: 1 }) });\nexport const t = array(u32, 2);",
    };
    for (const [name, text] of Object.entries(versions)) {
      writeFileSync(join(folder, `${name}.ts`), `${head}${text}\n`);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (b: string, ...more: string[]) => {
    return abi(['diff', join(folder, 'old.ts'), join(folder, `${b}.ts`), ...more]);
  };

  it('prints a name that changed, and exits 0', async () => {
    const { status, stdout } = await run('renamed');
    expect(stdout).toMatch(/a -> b +u32 at 0, 4 bytes +u32 at 0, 4 bytes +nothing \(a name\)/);
    expect(stdout).toContain('1 difference: nothing breaks');
    expect(status).toBe(0);
  });

  it('exits 1 where a value breaks', async () => {
    const { status, stdout } = await run('inserted');
    expect(stdout).toMatch(/enum e\.B +1 +2 +value/);
    expect(stdout).toContain('2 differences, of which 1 break');
    expect(status).toBe(1);
  });

  it('takes a new type for a name, one that is gone for a break', async () => {
    const { status, stdout } = await run('more', '--json');
    expect(JSON.parse(stdout)).toEqual({
      breaks: false,
      notCompared: [],
      different: [
        { name: 't', rows: [{ what: 'type', a: '-', b: 'u32[2], 8 bytes', breaks: 'name' }] },
      ],
    });
    expect(status).toBe(0);
    const back = await abi(['diff', join(folder, 'more.ts'), join(folder, 'old.ts')]);
    expect(back.status).toBe(1);
  });

  it('says that there is none', async () => {
    expect(await run('old')).toMatchObject({ status: 0, stdout: 'no difference\n' });
  });
});

const missing = await noClang();

describe('syslets abi diff of headers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'syslets-diff-headers-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const header = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, `${text}\n`);
    return file;
  };

  it('compares enumerators whose enumeration has no name', async ({ skip }) => {
    if (missing) skip(missing);
    const old = header('old.h', 'enum { MAX = 64, NEXT, MOVED = 7 }; struct a { int x; };');
    const now = header(
      'now.h',
      'enum { MAX = 65, NEW = 1 }; struct a { int x; }; typedef enum { MOVED = 7 } named;',
    );
    const { status, stdout } = await abi(['diff', old, now, '--json']);
    const { different } = JSON.parse(stdout);
    expect(different.at(-1)).toEqual({
      name: 'enumerators without a type',
      rows: [
        { what: 'enum.MAX', a: '64', b: '65', breaks: 'value' },
        { what: 'enum.NEXT', a: '65', b: '-', breaks: 'value' },
        { what: 'enum.NEW', a: '-', b: '1', breaks: 'name' },
      ],
    });
    expect(status).toBe(1);
    expect((await abi(['diff', old, old])).stdout).toBe('no difference\n');
  });

  it('wants a type of both, or of neither, and says for which target a header fails', async ({
    skip,
  }) => {
    if (missing) skip(missing);
    const file = header(
      'half.h',
      '#ifdef __i386__\n#error "none here"\n#endif\nstruct s { int x; };',
    );
    const half = await abi(['diff', file, `${file}:s`]);
    expect(half.stderr).toContain("half.h' is a whole file, '");
    expect(half.status).toBe(2);
    const failed = await abi(['import', file, '-t', 'x86_64,i386']);
    expect(failed.stderr).toMatch(/^not read for i386: .*none here/m);
    expect(failed.status).toBe(2);
  });

  it('tells what could not be read on one side, and calls it neither new nor the same', async ({
    skip,
  }) => {
    if (missing) skip(missing);
    const old = header('read-1.h', 'struct s { _Atomic int a; int b; };');
    const none = await abi(['diff', old, header('read-2.h', 'struct s { _Atomic long a; };')]);
    expect(none).toMatchObject({ status: 2, stdout: '' });
    expect(none.stderr).toMatch(
      /^not compared: struct s of .*read-1\.h: .*\nnot compared: struct s of .*read-2\.h: .*\n$/,
    );
    const some = header('read-3.h', 'struct s { long a; }; struct t { int x; };');
    const { status, stdout } = await abi(['diff', old, some, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      breaks: false,
      different: [
        { name: 's', rows: [{ what: 'type', b: 'struct s, 8 bytes', breaks: 'unknown' }] },
        { name: 't', rows: [{ what: 'type', a: '-' }] },
      ],
      notCompared: [{ file: old, name: 'struct s' }],
    });
    expect(status).toBe(2);
    const back = await abi(['diff', some, old]);
    expect(back.stdout).toMatch(
      /^s\n.*\n.*\ntype +struct s, 8 bytes +not read: member 'a': .* not known$/m,
    );
    expect(back.stdout).toMatch(/2 differences, of which 1 break, 1 could not be compared\n$/);
    expect(back.status).toBe(1);
    const gone = await abi(['diff', old, header('read-4.h', 'struct t { int x; };'), '--json']);
    expect(JSON.parse(gone.stdout)).toMatchObject({
      breaks: true,
      different: [{ rows: [{ a: '-' }] }, { name: 'struct s', rows: [{ b: '-' }] }],
    });
    const both = header('read-5.h', 'struct s { _Atomic int a; }; struct t { int x; };');
    const same = await abi(['diff', both, both]);
    expect(same).toMatchObject({ stdout: 'no difference in what was compared\n', status: 0 });
  });

  it('leaves them out of an import with a word', async ({ skip }) => {
    if (missing) skip(missing);
    const some = await abi([
      'import',
      header('some.h', 'enum { ONE = 3, TWO }; struct s { enum { IN } e; };'),
    ]);
    expect(some.stderr).toBe(
      'not imported: the enumerators ONE, TWO: their enumeration has no name, and so is no type\n',
    );
    expect(some.status).toBe(0);
    const file = header('only.h', 'enum { ONE = 3 } one;');
    const only = await abi(['import', file]);
    expect(only.stderr).toContain('not imported: the enumerators ONE: their enumeration');
    expect(only.stderr).toContain(
      'only.h declares no struct, union or enumeration that has a name',
    );
    expect(only.status).toBe(2);
    expect((await abi(['show', `${file}:ONE`])).stderr).toContain("ONE' of");
  });

  it('shows what a function takes and gives that a pointer points to', async ({ skip }) => {
    if (missing) skip(missing);
    const members = (texts: readonly string[]) => `struct f { ${texts.join('; ')}; };`;
    const [a, b] = [
      [
        'int (*f)(int)',
        'void *v',
        'int (*a)[3]',
        'int (*l[2])(void)',
        'char (**pp)(void)',
        'int (*(*r)(int))(char)',
      ],
      [
        'long (*f)(int)',
        'int (*v)(void)',
        'int (*a)[4]',
        'long (*l[2])(void)',
        'char (***pp)(void)',
        'int (*(*r)(int))(long)',
      ],
    ];
    const [old, now] = [header('f1.h', members(a ?? [])), header('f2.h', members(b ?? []))];
    const { status, stdout } = await abi(['diff', old, now, '--json']);
    const rows = JSON.parse(stdout).different[0].rows as {
      what: string;
      a: string;
      breaks: string;
    }[];
    expect(rows.map((row) => `${row.what}: ${row.a} (${row.breaks})`)).toEqual([
      'f: int (int) * at 0, 8 bytes (name)',
      'v: void * at 8, 8 bytes (name)',
      'a: int [3] * at 16, 8 bytes (name)',
      'l: int (void) *[2] at 24, 16 bytes (name)',
      'pp: char (*)(void) * at 40, 8 bytes (name)',
      'r: int (*(int))(char) * at 48, 8 bytes (name)',
    ]);
    expect(status).toBe(0);
  });

  it('takes a function of a binary, whose parameters are not read, for that of the header', async ({
    skip,
  }) => {
    if (missing) skip(missing);
    const text =
      'struct f { int (*f)(int); int (*l[2])(void); char (**pp)(void); int (*a)[3]; void *v; };';
    const file = header('binary.h', text);
    const object = join(folder, 'binary.o');
    const args = ['-target', 'x86_64-linux-gnu', '-g', '-c', '-x', 'c', '-', '-o', object];
    const made = await run(clangFile(), args, { input: `#include "${file}"\nstruct f x;\n` });
    expect(made.status).toBe(0);
    const other = header('other.h', text.replace('void *v', 'int (*v)(void)'));
    const expectFunctions = async (...more: string[]) => {
      const same = await abi(['diff', `${file}@x86_64`, `${object}@x86_64`, ...more]);
      expect([same.stdout, same.status]).toEqual(['no difference\n', 0]);
      const differs = await abi(['diff', `${other}@x86_64`, `${object}@x86_64`, ...more]);
      expect(differs.stdout).toMatch(/^v +int \(void\) \*/m);
    };
    await expectFunctions();
    const noPahole = whyNo('pahole');
    if (noPahole) skip(`${noPahole}: DWARF alone was compared`);
    expect((await run('pahole', ['-J', object])).status).toBe(0);
    await expectFunctions('--format', 'btf');
  });
});
