import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  arm,
  cpp,
  i386,
  layout,
  m68k,
  type Target,
  type Type,
  targets,
  x86_64,
} from '../../lib/abi/index.ts';
import { importFor, type TargetImport } from '../../lib/abi-tools/import-header.ts';
import { leavesOf } from '../../lib/abi-tools/leaves.ts';
import { mergeImports } from '../../lib/abi-tools/merge.ts';
import { objectFor } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang, noCompiler } from './tools.ts';

/** Headers in which a name, an attribute or a directive says something else than it seems to. */

const folder = mkdtempSync(join(tmpdir(), 'syslets-cases-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const reason = await noClang();
let count = 0;

function header(text: string): string {
  const file = join(folder, `case-${count++}.h`);
  writeFileSync(file, `${text}\n`);
  return file;
}

function imported(text: string, target: Target = x86_64): Promise<TargetImport> {
  return importFor(header(text), target);
}

/** `unsigned 1 @0`: form, bytes and place of a member that is one value. */
function member(made: TargetImport, name: string, path: string): string {
  const type = made.types.get(name);
  if (type?.kind !== 'struct' && type?.kind !== 'union') throw new Error(`${name} is no record`);
  const found = leavesOf(type, made.target).find((one) => one.path === path)?.access;
  return `${found?.form} ${found?.size} @${found?.offset}`;
}

/** Each: the header, then members with what clang and GCC say that they are. */
const right: readonly (readonly [string, string, string, string, string])[] = [
  [
    'an enum with a base',
    'enum ch : unsigned char { R, B = 200 }; struct px { enum ch c; int after; };',
    'struct px',
    'c',
    'unsigned 1 @0',
  ],
  [
    'a struct that an enumerator declares',
    'enum w { W = sizeof(struct in { char c[7]; }) }; struct us { struct in x; int after; };',
    'struct us',
    'after',
    'signed 4 @8',
  ],
  [
    'a bool that is an int',
    'typedef int bool; struct cfg { void *f; bool stats; void *log; };',
    'struct cfg',
    'stats',
    'signed 4 @8',
  ],
  [
    'a le32 that is a struct',
    'typedef struct { unsigned char b[4]; } le32; struct m { le32 x; int y; };',
    'struct m',
    'x.b[0]',
    'unsigned 1 @0',
  ],
  [
    'an s32 that is a float',
    'typedef float s32; struct n { s32 f, g; };',
    'struct n',
    'g',
    'float 4 @4',
  ],
  [
    'a size_t of 32 bits',
    'typedef unsigned int size_t; struct o { void *p; size_t n; void *q; };',
    'struct o',
    'n',
    'unsigned 4 @8',
  ],
  [
    'a u8 that is signed',
    'typedef signed char u8; struct p { u8 a; };',
    'struct p',
    'a',
    'signed 1 @0',
  ],
  ['a typeof', 'struct q { char c; __typeof__(sizeof(0)) n; };', 'struct q', 'n', 'unsigned 8 @8'],
  [
    'an untagged struct in another',
    'struct r { struct { char c; short s; } in[2]; };',
    'struct r',
    'in[1].s',
    'signed 2 @6',
  ],
];

describe('a member is what the compiler says', () => {
  it.for(right)('%s', async ([, text, name, path, what], { skip }) => {
    if (reason) skip(reason);
    const made = await imported(text);
    expect([...made.failures]).toEqual([]);
    expect(member(made, name, path)).toBe(what);
  });

  it('char has the sign of the target', async ({ skip }) => {
    if (reason) skip(reason);
    const text = 'typedef char s8; struct c { s8 a; };';
    expect(member(await imported(text), 'struct c', 'a')).toBe('signed 1 @0');
    expect(member(await imported(text, arm), 'struct c', 'a')).toBe('unsigned 1 @0');
  });
});

/** Each: the header, the type that is refused, and what the reason must say. */
const refused: readonly (readonly [string, string, string, RegExp])[] = [
  [
    'a vector',
    'typedef int v2 __attribute__((ext_vector_type(2))); struct v { v2 a; long l; };',
    'struct v',
    /member 'a': it uses the type 'int __attribute__\(\(ext_vector_type\(2\)\)\)'/,
  ],
  [
    'what contains a vector',
    'typedef int v2 __attribute__((vector_size(8))); struct in { v2 a; }; struct out { char c; struct in i; };',
    'struct out',
    /member 'i': struct in: member 'a'/,
  ],
  [
    'another byte order',
    'struct net { int x; short s; } __attribute__((scalar_storage_order("big-endian")));',
    'struct net',
    /ignores .*'scalar_storage_order'/,
  ],
  [
    'another byte order by a pragma',
    '#pragma scalar_storage_order big-endian\nstruct net { int x; };',
    'struct net',
    /ignores '#pragma scalar_storage_order big-endian'/,
  ],
  [
    'an attribute of nobody on a member',
    'struct odd { int a; int b __attribute__((sideways)); };',
    'struct odd',
    /member 'b': the compiler ignores .*'sideways'/,
  ],
  [
    'packed in a place where it is ignored',
    '__attribute__((packed)) struct lead { char a; int b; };',
    'struct lead',
    /'packed' is ignored/,
  ],
  [
    'an enumeration of truth values',
    'enum b : _Bool { N, Y }; struct e { enum b b; };',
    'struct e',
    /member 'b': enum 'b' has the base/,
  ],
  [
    'a pointer of another size that padding hides',
    'struct as { int __attribute__((address_space(270))) *p; long z; };',
    'struct as',
    /member 'p': type of p would be pointer, 8 bytes, the compiler's is pointer, 4 bytes/,
  ],
  [
    'such a pointer in an array of structs without a tag',
    'struct as { struct { int __attribute__((address_space(270))) *p; long z; } list[2][3]; };',
    'struct as',
    /member 'list\[0\]\[0\]\.p': type of .*'s is pointer, 4 bytes/,
  ],
  [
    'such a pointer that makes the whole shorter',
    'struct as { int __attribute__((address_space(270))) *p; int z; };',
    'struct as',
    /^member 'p': type of p/,
  ],
  [
    'bits by the rules of Microsoft, which make the whole longer',
    'struct ms { char a; long long b : 3; int c; } __attribute__((ms_struct));',
    'struct ms',
    /^member 'b': bits of b would be/,
  ],
  ['half floats', 'struct h { _Float16 f; };', 'struct h', /member 'f'.*'_Float16'/],
  ['bits of any number', 'struct i { _BitInt(7) f; };', 'struct i', /member 'f'.*'_BitInt\(7\)'/],
];

const BIG = '__attribute__((scalar_storage_order("big-endian")))';
const BIG_PRAGMA = 'scalar_storage_order big-endian';

/** Each: where another byte order stands, and the header, whose `struct net` has it. */
const orders: readonly (readonly [string, string])[] = [
  ...[
    'GCC diagnostic ignored "-Wattributes"',
    'clang diagnostic ignored "-Wunknown-attributes"',
  ].map(
    (silent) => [`under ${silent}`, `#pragma ${silent}\nstruct net { int x; } ${BIG};`] as const,
  ),
  ...['clang diagnostic ignored "-Wunknown-pragmas"', 'GCC diagnostic ignored "-Wpragmas"'].map(
    (silent) =>
      [
        `a pragma under ${silent}`,
        `#pragma ${silent}\n#pragma ${BIG_PRAGMA}\nstruct net { int x; };`,
      ] as const,
  ),
  [
    'behind a string with a semicolon',
    `struct net { int x; } __attribute__((deprecated("use new; not {this}"))) ${BIG};`,
  ],
  [
    'behind a branch that is not taken',
    `struct net { int x; }\n#ifdef NEVER\n;\n#else\n${BIG};\n#endif`,
  ],
  [
    'behind braces in another attribute',
    `struct net { int x; } __attribute__((aligned(sizeof(struct { int q; })))) ${BIG};`,
  ],
  [
    'a pragma in a macro',
    `#define BEGIN_BE _Pragma("${BIG_PRAGMA}")\nBEGIN_BE\nstruct net { int x; };`,
  ],
  [
    'a pragma that ends on the same line',
    `_Pragma("${BIG_PRAGMA}") struct net { int x; }; _Pragma("scalar_storage_order default")`,
  ],
  [
    'a pragma with a comment that names its end',
    `#pragma ${BIG_PRAGMA} /* not scalar_storage_order default */\nstruct net { int x; };`,
  ],
  ['a pragma between the braces', `struct net { int x;\n#pragma ${BIG_PRAGMA}\n};`],
  ['lines that end with CR', `\rint a;\rstruct net { int x; }\r${BIG};\r`],
  [
    'enumerations of one byte',
    '#pragma GCC optimize("short-enums")\nenum e { A }; struct net { enum e x; };',
  ],
];

describe('what is not reproduced is refused, with a reason that names the member', () => {
  it.for(refused)('%s', async ([, text, name, why], { skip }) => {
    if (reason) skip(reason);
    const made = await imported(text);
    expect(made.types.has(name)).toBe(false);
    expect(made.failures.get(name)).toMatch(why);
  });

  it.for(orders)('another byte order: %s', async ([, text], { skip }) => {
    if (reason) skip(reason);
    const made = await imported(text);
    expect(made.types.has('struct net')).toBe(false);
    expect(made.failures.get('struct net')).toContain('the compiler ignores');
  });

  it('words in strings, comments and what is not compiled change nothing', async ({ skip }) => {
    if (reason) skip(reason);
    const made = await imported(
      `/* ${BIG} */\n#if 0\n#pragma ${BIG_PRAGMA}\n#endif\n#define BE ${BIG}\n#pragma GCC optimize("O2")\nstruct host { int x; };`,
    );
    expect([...made.failures]).toEqual([]);
    expect([...made.types.keys()]).toEqual(['struct host']);
  });

  it('and the other types of the header are imported', async ({ skip }) => {
    if (reason) skip(reason);
    const made = await imported(
      'struct net { int x; } __attribute__((scalar_storage_order("big-endian")));\nstruct host { int x; };\n#pragma scalar_storage_order big-endian\nstruct b { int x; };\n#pragma scalar_storage_order default\nstruct c { int x; };',
    );
    expect([...made.types.keys()]).toEqual(['struct host', 'struct c']);
    expect([...made.failures.keys()]).toEqual(['struct net', 'struct b']);
  });
});

function sizeAndAlign(type: Type | undefined, target: Target = x86_64): readonly number[] {
  if (!type) return [];
  const { size, align } = layout(type, target);
  return [size, align];
}

describe('names and places', () => {
  it('made-up keys never meet real ones', async ({ skip }) => {
    if (reason) skip(reason);
    const text = 'struct port { unsigned char _1:1, :1, _3:1; };';
    const { types, failures } = await imported(text);
    expect([...failures]).toEqual([]);
    expect(Object.keys((types.get('struct port') as { fields: object }).fields)).toEqual([
      '_1',
      '_1_',
      '_3',
    ]);
  });

  it('a bool by a macro is one, whatever clang calls it then', async ({ skip }) => {
    if (reason) skip(reason);
    for (const start of ['#include <stdbool.h>', '#define bool _Bool']) {
      const made = await imported(
        `${start}\nstruct w { int a; } __attribute__((scalar_storage_order("big-endian")));\nstruct b { char c; bool x; bool y[2]; };`,
      );
      expect(member(made, 'struct b', 'y[1]')).toBe('bool 1 @3');
      expect([...made.failures.keys()]).toEqual(['struct w']);
    }
  });

  it('an alignment without a number is what the compiler makes of it', async ({ skip }) => {
    if (reason) skip(reason);
    const text = `typedef struct { int a; } T1 __attribute__((aligned));
struct T4 { int a; char b __attribute__((aligned)); char c; };
typedef int T5i __attribute__((aligned)); struct T5 { char c; T5i x; };
struct T6 { T1 a; char b; };
struct T15 { char a; _Alignas(long double) char b; _Alignas(short) char c; };
struct T16 { char a; struct { char a; struct { char a, b __attribute__((aligned)); } in; } l[2][1]; };
typedef struct { char a; union { char u __attribute__((aligned)); }; } T17;
#pragma pack(2)
struct T18 { char a; char b __attribute__((aligned)); };
#define b other`;
    for (const target of [x86_64, arm]) {
      const { types, failures } = await imported(text, target);
      expect([...failures]).toEqual([]);
      const found = [...types].map(([name, type]) => {
        const { size, align } = layout(type, target);
        return `${name} ${size} ${align}`;
      });
      const big = target === x86_64 ? 16 : 8;
      expect(found).toEqual(
        expect.arrayContaining([
          `T1 4 ${big}`,
          `struct T4 ${2 * big} ${big}`,
          `struct T5 ${big + (big === 16 ? 16 : 8)} ${big}`,
          `struct T6 ${big === 16 ? 16 : 8} ${big}`,
          `struct T15 ${2 * big} ${big}`,
          `T17 ${2 * big} ${big}`,
        ]),
      );
    }
    const shown = await abi(['show', '/usr/include/pthread.h:__pthread_unwind_buf_t']);
    expect(shown.stdout).toContain('align: 16');
  });

  it('each typedef is a name, with its own alignment', async ({ skip }) => {
    if (reason) skip(reason);
    const { types, nameOf } = await imported(
      'typedef struct { int a; } T __attribute__((aligned(8)));\ntypedef struct { char c; } one, two;\ntypedef struct tagMSG { long l; } MSG, *PMSG;\nstruct has { char c; T t; two w; };',
    );
    expect(sizeAndAlign(types.get('T'))).toEqual([4, 8]);
    expect(types.get('two')).toBe(types.get('one'));
    expect(nameOf(types.get('MSG') as Type)).toBe('struct tagMSG');
    expect(sizeAndAlign(types.get('struct has'))).toEqual([16, 8]);
  });

  it('a type in a function is another one, whatever its tag', async ({ skip }) => {
    if (reason) skip(reason);
    const { types, failures } = await imported(`
static inline int f(void) { struct s { char q[3]; } x = {{1}}; return x.q[0]; }
struct s { int a; long b; } __attribute__((aligned));
#pragma pack(2)
struct p { int z; long y; char q; char r; };
#pragma pack()
static inline int g(void) { struct p { int z; long y; } x = {1}; return sizeof(x); }
static inline int h(void) { struct p { char a, b; int c; long z; } x = {1}; return sizeof(x); }
static inline int i(void) { struct p { double x; int z[2]; } __attribute__((packed)) y = {1}; return sizeof(y); }`);
    expect([...failures]).toEqual([]);
    expect(sizeAndAlign(types.get('struct s'))).toEqual([16, 16]);
    expect(sizeAndAlign(types.get('struct p'))).toEqual([14, 2]);
  });

  it('a #pragma pack is one attribute for all targets, with its own number', async ({ skip }) => {
    if (reason) skip(reason);
    const inner = header('#pragma pack(push, own, 4)');
    const file = header(`struct before { char c; double d; };
#define PACK2 _Pragma("pack(2)")
#include "${basename(inner)}"
struct rec { char c; double d; };
struct tiny { short a, b; };
PACK2
struct two { int a; };
#pragma pack(push)
#pragma pack(1)
struct one { int a; };
#pragma pack(pop)
typedef struct { int a; } again;
#pragma pack(pop, own)
struct after { char c; double d; };`);
    const imports: TargetImport[] = [];
    for (const target of [x86_64, i386, arm]) imports.push(await importFor(file, target));
    const { types } = mergeImports(imports);
    const packs = [...types].map(([name, type]) => [name, 'pack' in type ? type.pack : undefined]);
    expect(packs).toEqual([
      ['struct before', undefined],
      ['struct rec', 4],
      ['struct tiny', 4],
      ['struct two', 2],
      ['struct one', 1],
      ['struct after', undefined],
      ['again', 2],
    ]);
    for (const target of [x86_64, i386, arm])
      expect(sizeAndAlign(types.get('struct rec'), target)).toEqual([12, 4]);
  });

  it('#line moves nothing', async ({ skip }) => {
    if (reason) skip(reason);
    const one = '#line 10 "x.y"\ntypedef union { char q; struct { char z[1]; } m; } YYSTYPE;';
    const two =
      '#line 10 "x.y"\n#pragma pack(1)\ntypedef union { long q; struct { char z[13]; } m; } YYSTYPE2;';
    const { types, failures } = await imported(`${one}\n${two}\n#pragma pack()`);
    expect([...failures]).toEqual([]);
    expect(sizeAndAlign(types.get('YYSTYPE'))).toEqual([1, 1]);
    expect(sizeAndAlign(types.get('YYSTYPE2'))).toEqual([13, 1]);
  });

  it('two records that #line puts in one place are told apart', async ({ skip }) => {
    if (reason) skip(reason);
    const one =
      '#line 7 "x.y"\ntypedef struct {\n\tstruct {\n\tstruct { short a; } in;\n\t} out[2];\n} one;';
    const two = '#line 7 "x.y"\nunion two {\n\tint z;\n\tstruct { void *p, *q; } in[2];\n};';
    const { types, failures } = await imported(`#pragma pack(8)\n${one}\n${two}`);
    expect([...failures]).toEqual([]);
    expect(sizeAndAlign(types.get('one'))).toEqual([4, 2]);
    expect(sizeAndAlign(types.get('union two'))).toEqual([32, 8]);
  });

  it('an enumeration has in C++ the alignment that a member gets', async ({ skip }) => {
    if (reason) skip(reason);
    const text = 'enum wide : long long { A = 14 }; struct has { char c; enum wide w; };';
    const { types, failures } = await imported(text, cpp(i386) as Target);
    expect([...failures]).toEqual([]);
    expect(sizeAndAlign(types.get('enum wide'), i386)).toEqual([8, 4]);
    expect(sizeAndAlign(types.get('struct has'), i386)).toEqual([12, 4]);
  });

  it('a file may have any name', async ({ skip }) => {
    if (reason) skip(reason);
    const odd = join(folder, 'a "b\\c');
    mkdirSync(odd);
    writeFileSync(join(odd, 'inner.h'), 'typedef struct { int a; } inner_t;\n');
    const file = join(odd, 'x "y\\z.h');
    writeFileSync(
      file,
      '#include "inner.h"\n#pragma pack(2)\nstruct x { char c; union { long l; inner_t i; } u; };\n',
    );
    const { types, failures } = await importFor(file, x86_64);
    expect([...failures]).toEqual([]);
    expect(sizeAndAlign(types.get('struct x'))).toEqual([10, 2]);
    const checked = await abi(['check', file, '-t', 'x86_64']);
    expect(checked.stdout).toMatch(/x86_64 +clang(-\d+)? +same \(2 types/);
    const pointed = join(folder, 'x(*)[3].h');
    writeFileSync(
      pointed,
      'struct arr { char c; struct { int a; } in[2]; union { long l; } u; };\n',
    );
    const arr = await importFor(pointed, x86_64);
    expect([...arr.failures]).toEqual([]);
    expect(sizeAndAlign(arr.types.get('struct arr'))).toEqual([24, 8]);
    const both = join(folder, 'a">b.h');
    writeFileSync(both, 'struct x { int a; };\n');
    const told = await abi(['import', both]);
    expect(told.stderr).toContain('cannot be written in an #include of C: rename it');
    expect(told.status).toBe(2);
  });
});

const macros = `struct f { int pid; union { int sa_handler; long sa_sigaction; } h; int gone __attribute__((unavailable)); };
enum level { LOW = 3, HIGH };
#define pid f.pid
#define sa_handler h.sa_handler
#define LOW HIGH
#define int long
#define f g
#define sizeof(x) 1
#define __builtin_offsetof(a, b) 0
#define __builtin_classify_type(x) 5
#define __builtin_types_compatible_p(a, b) 1
#define _Alignof(x) 1`;

describe('syslets abi on headers', () => {
  it('check FILE.h asks the header, whose macros hold nothing', async ({ skip }) => {
    if (reason) skip(reason);
    const { status, stdout, stderr } = await abi(['check', header(macros), '-t', 'x86_64,ppc64']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/x86_64 +clang(-\d+)? +same \(2 types/);
    expect(stdout).toMatch(/ppc64 +clang(-\d+)? +same \(2 types/);
    expect([0, 1]).toContain(status);
  });

  it('imports what a loader has as names of its own, and alignments that are none', async ({
    skip,
  }) => {
    if (reason) skip(reason);
    const file = header(
      'struct Object { int a; }; struct exports { int a; }; struct __esModule { int a; };\n' +
        'struct al { char c; _Alignas(0) int d; };',
    );
    const module = join(folder, 'loaders-names.ts');
    expect(await abi(['import', file, '-o', module])).toMatchObject({ status: 0, stderr: '' });
    const { stdout } = await abi(['show', module, '--sizes', '-t', 'x86_64']);
    const names = stdout.match(/^\w+(?= +[48] +4 )/gm);
    expect(names).toEqual(['al', 'Object_', '__esModule_', 'exports_']);
  });

  it('asks for members of arrays of structs without a tag, whatever they are', async ({ skip }) => {
    if (reason) skip(reason);
    const text = `struct h1 { struct { int a; short b; void *p; _Bool f; unsigned u : 3; } list[4]; };
struct h2 { int n; struct { int a; unsigned char b; unsigned u : 3, v : 2; } tail[]; };
struct h3 { struct { union { int i; struct { signed char z; } q[2]; } u; } l[1]; };
struct h4 { int a; short b; void *p; float f; int *q; };
struct h5 { char c; struct { int a; } gone[0]; };
struct h6 { int __attribute__((address_space(1))) *p; const int *const q; void (*r[2])(int); };`;
    const file = join(folder, 'hole.ts');
    writeFileSync(
      file,
      `import { array, bits, flexible, float, i8, int, pointer, struct, u16, u32, u64, u8, union } from 'syslets/abi';
export const h1 = struct('h1', { list: array(struct('', { a: u32, b: u16, p: u64, f: u8, u: bits(u32, 3) }), 4) });
export const h2 = struct('h2', { n: int, tail: flexible(struct('', { a: u32, b: i8, u: bits(u32, 2), v: bits(u32, 3) })) });
export const h3 = struct('h3', { l: array(struct('', { u: union('', { i: u32, q: array(struct('', { z: u8 }), 2) }) }), 1) });
export const h4 = struct('h4', { a: int, b: pointer(), p: u64, f: pointer(), q: float });
export const h5 = struct('h5', { c: int, gone: array(struct('', { a: u32 }), 0) });
export const h6 = struct('h6', { p: pointer(), q: pointer(), r: array(pointer(), 2) });`,
    );
    const args = ['check', file, '--header', header(text), '-t', 'x86_64', '--json'];
    const { stdout } = await abi(args);
    const rows = JSON.parse(stdout).rows as {
      compiler: string;
      status: string;
      differences: { record: string; what: string; ours: string; theirs: string }[];
      refusals: object[];
    }[];
    const clang = rows.find((row) => row.compiler.startsWith('clang'));
    const told = clang?.differences.map((one) => `${one.record}: ${one.what}: ${one.theirs}`);
    expect(clang?.refusals).toEqual([]);
    expect(told).toEqual(
      expect.arrayContaining([
        'struct h1: type of list[0].a: signed, 4 bytes',
        'struct h1: type of list[0].b: signed, 2 bytes',
        'struct h1: type of list[0].p: pointer, 8 bytes',
        'struct h1: type of list[0].f: bool, 1 byte',
        'struct h2: type of tail[0].a: signed, 4 bytes',
        'struct h2: type of tail[0].b: unsigned, 1 byte',
        'struct h2: bits of tail[0].u: 40:3',
        'struct h2: bits of tail[0].v: 43:2',
        'struct h3: type of l[0].u.i: signed, 4 bytes',
        'struct h3: type of l[0].u.q[0].z: signed, 1 byte',
        'struct h4: type of b: signed, 2 bytes',
        'struct h4: type of p: pointer, 8 bytes',
        'struct h4: type of f: float, 4 bytes',
        'struct h4: type of q: pointer, 8 bytes',
        'struct h5: type of gone[0].a: signed, 4 bytes',
      ]),
    );
    expect(told?.filter((one) => one.startsWith('struct h6'))).toEqual([]);
  });

  it('each type gets its own answer', async ({ skip }) => {
    if (reason) skip(reason);
    const file = join(folder, 'own.ts');
    writeFileSync(
      file,
      `import { struct, u8, u16, u128 } from 'syslets/abi';
export const right = struct('right', { a: u8 });
export const wrong = struct('wrong', { a: u16 });
export const none = struct('none', { a: u8 });
export const wide = struct('wide', { a: u128 });
export const word = struct('word', { int: u8 });`,
    );
    const text =
      'struct right { unsigned char a; }; struct wrong { unsigned char a; }; struct none { int b; };\n#ifdef __LP64__\nstruct wide { unsigned __int128 a; };\n#endif';
    const against = await abi([
      'check',
      file,
      '--header',
      header(text),
      '-t',
      'x86_64,i386',
      '--json',
    ]);
    const rows = JSON.parse(against.stdout).rows as {
      target: string;
      compiler: string;
      status: string;
      types: number;
      differences: { what: string; record: string }[];
      refusals: { record: string; reason: string }[];
    }[];
    const clang = rows.find((row) => row.target === 'x86_64' && row.compiler.startsWith('clang'));
    expect(clang).toMatchObject({ status: 'different', types: 3 });
    expect(clang?.refusals).toEqual([
      { record: 'struct none', reason: expect.stringContaining("no member named 'a'") },
    ]);
    expect(clang?.differences.find((one) => one.what === 'type of a')).toMatchObject({
      record: 'struct wrong',
      ours: 'unsigned, 2 bytes',
      theirs: 'unsigned, 1 byte',
    });
    const alone = await abi(['check', file, '-t', 'i386']);
    expect(alone.stdout).toMatch(
      /i386 +clang(-\d+)? +same \(3 types, \d+ answers\), 2 not checked/,
    );
    expect(alone.stdout).toContain(
      "wide: not checked: struct wide, member 'a': target i386 has no __int128",
    );
    expect(alone.stdout).toContain("word: not checked: 'int' is a keyword of C");
    expect(alone.status).toBe(0);
    const required = await abi(['check', file, '-t', 'i386', '--require', 'i386']);
    expect(required.status).toBe(2);
  });

  it('reaches types of included headers, by any of their names', async ({ skip }) => {
    if (reason) skip(reason);
    const shown = await abi(['show', '/usr/include/signal.h:siginfo_t', '-t', 'x86_64']);
    expect(shown.stdout).toContain('size: 128, align: 8');
    const checked = await abi([
      'check',
      '/usr/include/signal.h',
      '--struct',
      'siginfo_t',
      '-t',
      'x32',
    ]);
    expect(checked.stdout).toMatch(/x32 +clang(-\d+)? +same \(1 type,/);
    const inner = header('typedef struct tagMSG { long l; } MSG, *PMSG; struct opaque;');
    const outer = header(`#include "${inner}"`);
    expect((await abi(['show', `${outer}:MSG`])).stdout).toContain('struct tagMSG {');
    const pointer = await abi(['show', `${outer}:PMSG`]);
    expect(pointer.stderr).toContain(
      "'PMSG' is a pointer, expected what it points to: struct tagMSG",
    );
    expect((await abi(['show', `${outer}:MGS`])).stderr).toContain('did you mean MSG?');
  });

  it('finds a header where #include <…> does', async ({ skip }) => {
    if (reason) skip(reason);
    const shown = await abi(['show', 'sys/stat.h:stat', '-t', 'x86_64']);
    expect(shown.stdout).toContain('size: 144, align: 8');
    const checked = await abi(['check', 'signal.h', '--struct', 'siginfo_t', '-t', 'x86_64,i386']);
    expect(checked.stdout).toMatch(/x86_64 +clang(-\d+)? +same \(1 type,/);
    expect(checked.stdout).toMatch(/i386 +clang(-\d+)? +same \(1 type,/);
    const missing = await abi(['show', 'no/such.h:stat', '-t', 'x86_64']);
    expect(missing.stderr).toContain(
      "there is no file or folder 'no/such.h', and clang finds no <no/such.h> for x86_64",
    );
    expect(missing.status).toBe(2);
  });

  it('never writes an empty module', async ({ skip }) => {
    if (reason) skip(reason);
    const umbrella = header(`#include "${header('struct a { int x; }; struct b { int y; };')}"`);
    const { status, stdout, stderr } = await abi(['import', umbrella]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /declares no struct, union or enumeration itself; those that it includes declare 2: .*--all.*--struct/,
    );
    expect((await abi(['import', umbrella, '--all'])).stdout).toContain('export const b = ');
  });

  it('-t all leaves out the targets that the header is not for, and says so', async ({ skip }) => {
    if (reason) skip(reason);
    const text = '#ifdef __sparc__\n#error no sparc\n#endif\nstruct a { long x; };';
    const { status, stdout, stderr } = await abi(['show', `${header(text)}:a`, '-t', 'all']);
    expect(stderr).toMatch(/^not read for sparc64: .*error: no sparc\n$/);
    expect(stdout).toContain('/* m68k */');
    expect(stdout).not.toContain('/* sparc64 */');
    expect(status).toBe(0);
  });
});

const noM68k = reason ?? (await noCompiler('m68k', 'm68k-linux-gnu-gcc'));

describe.skipIf(noM68k)(`a header for m68k${noM68k ? ` (${noM68k})` : ''}`, () => {
  const text = `struct a { char c; int x; long long y; long double l; };
struct __attribute__((packed)) p { char c; int x; };
#pragma pack(1)
struct q { char c; double d; int i; };
#pragma pack()
struct al { char c; int x __attribute__((aligned(4))); unsigned b : 3, d : 9; };
typedef struct { int a; } T __attribute__((aligned(8)));
enum { LOOSE = sizeof(struct a), FINE = 4 };
enum e { A, S = sizeof(struct p) }; enum f { B = sizeof(struct a) };
struct pad { char c; char rest[64 - sizeof(struct a)]; };
#ifdef __m68k__
struct only { short m; };
#endif`;

  it('is read by clang, and has the layouts of GCC', async () => {
    const { types, failures, constants } = await imported(text, m68k);
    const found = [...types].map(([name, type]) => {
      const { size, align } = layout(type, m68k);
      return `${name} ${size} ${align}`;
    });
    expect(found).toEqual(
      expect.arrayContaining([
        'struct a 26 2',
        'struct p 5 1',
        'struct q 13 1',
        'struct al 12 4',
        'T 4 8',
        'struct only 2 2',
        'enum e 4 2',
      ]),
    );
    // What clang computes by its own layouts is refused, where GCC has another number.
    expect([...failures]).toEqual([
      ['struct pad', expect.stringMatching(/^member 'rest': type of rest would be/)],
      ['enum f', expect.stringMatching(/^member 'B': value of B would be \d+, .* is 26$/)],
      ['LOOSE', expect.stringMatching(/^its value would be \d+, the compiler's is 26$/)],
    ]);
    expect([...constants]).toEqual([['FINE', 4n]]);
  });

  it('is checked, and compared with an object', async () => {
    const file = header('struct s { char c; int x; long long y; }; typedef short small;');
    const define = (type: string) => {
      const made = join(folder, `m68k-${type}.ts`);
      const members = `{ c: char, x: ${type}, y: longlong }`;
      writeFileSync(
        made,
        `import { char, float, int, longlong, struct } from 'syslets/abi';
export const s = struct('s', ${members});`,
      );
      return made;
    };
    const args = ['--header', file, '-t', 'm68k', '--require', 'm68k'];
    const same = await abi(['check', define('int'), ...args]);
    expect(same.stdout).toMatch(/^m68k +m68k-linux-gnu-gcc +same \(1 type, /m);
    expect(same.status).toBe(0);
    const other = await abi(['check', define('float'), ...args]);
    expect(other.stdout).toMatch(/^struct s +type of x +float, 4 bytes +signed, 4 bytes$/m);
    expect(other.status).toBe(1);
    expect((await abi(['check', file, '-t', 'm68k', '--require', 'm68k'])).status).toBe(0);
    const text = 'struct s { char c; int x; long long y; } o; typedef short small; small k;';
    const object = objectFor(folder, text, m68k, ['-g']);
    expect((await abi(['diff', file, object])).stdout).toBe('no difference\n');
    expect((await abi(['check', '--header', file, '--against', object])).status).toBe(0);
  });
});

const own = 'struct s { char a; int b; };';
const ATTRIBUTE = '__attribute__((packed, aligned(2)))';
const PACKED = '__attribute__((packed))';

/** Each: the header, and why GCC has its struct otherwise than clang; nothing where both have the same. */
const disputes: readonly (readonly [string, string, RegExp | undefined])[] = [
  ['_Pragma between the braces', 'struct s { char a; _Pragma("pack(1)") int b; };', /pack is 1 at/],
  [
    'a pack that ends between them',
    `#pragma pack(1)\n${own.replace('}', '\n#pragma pack()\n}')}`,
    /pack is none at/,
  ],
  [
    'a pop of another label',
    `#pragma pack(push, x, 1)\n#pragma pack(pop, y)\n${own}`,
    /pack is none at/,
  ],
  ['a number with a pop', `#pragma pack(push)\n#pragma pack(pop, 2)\n${own}`, /pack is none at/],
  ['a number that is a macro', `#define N 1\n#pragma pack(N)\n${own}`, /pack is none at/],
  ['more behind the bracket', `#pragma pack(1) x\n${own}`, /pack is 1 at/],
  [
    'an attribute before an anonymous struct',
    `struct s { char z; ${ATTRIBUTE} ${own.replace('s ', '')} };`,
    /a member without a name: GCC ignores/,
  ],
  [
    'an attribute of an earlier declaration',
    `struct ${ATTRIBUTE} s;\n${own}`,
    /GCC ignores an attribute of an earlier/,
  ],
  [
    'packed behind a star, by a macro, after another attribute',
    `#define P ${ATTRIBUTE}\nstruct s { char c; __attribute__((aligned(1))) int *P a; };`,
    /member 'a': GCC ignores an attribute inside its declarator/,
  ],
  [
    'packed in the brackets of a declarator',
    `struct s { char c; int (${ATTRIBUTE} a)[3]; };`,
    /member 'a': GCC ignores an attribute inside its declarator/,
  ],
  [
    'packed behind a star, by a macro',
    `#define P __attribute__((packed))\nstruct s { char c; int /* ( */ * P a; };`,
    /member 'a': GCC ignores an attribute inside/,
  ],
  [
    'a bit-field of an aligned typedef',
    'typedef int i8 __attribute__((aligned(8)));\nstruct s { char c; i8 a : 3; };',
    /member 'a': GCC aligns a bit-field as its typedef says/,
  ],
  [
    'packed in front of a declarator, and behind it',
    `struct s { char c; typeof(int *) /* ( */ ${PACKED} * a, (*b)(int) ${PACKED}; ${PACKED} int (d); };`,
    undefined,
  ],
  [
    'bit-fields of aligned typedefs that GCC places as clang does',
    `typedef int i8 __attribute__((aligned(8))); typedef int i2 __attribute__((aligned(2)));
    typedef char c4 __attribute__((aligned(4)));
    struct in { char c; i8 a : 3; } ${PACKED};
    _Pragma("pack(push, 2)") struct low { char c; i8 a : 3; c4 b : 2; }; _Pragma("pack(pop)")
    struct s { i8 a : 3; char c; i2 d : 30; i2 e : 9; c4 f : 6; i8 g : 3 ${PACKED}; struct in h; struct low i; };`,
    undefined,
  ],
  [
    'packs in macros around it',
    `#define P(x) _Pragma("pack(push,1)") x _Pragma("pack(pop)")\nP(${own})`,
    undefined,
  ],
  [
    'packs of types within',
    `struct s { char a;\n#pragma pack(push, 1)\nstruct { char x; int y; };\n#pragma pack(pop)\nint c; };`,
    undefined,
  ],
  [
    '_Alignas before an anonymous struct',
    'struct s { char z; _Alignas(8) struct { char a; }; };',
    undefined,
  ],
];

describe('what GCC lays out otherwise than clang', () => {
  it.for(disputes)('is told: %s', async ([, text, why], { skip }) => {
    if (reason) skip(reason);
    const { disputed } = await imported(text);
    const told = disputed?.get('struct s');
    if (why) expect(told).toMatch(why);
    else expect([told, disputed?.size]).toEqual([undefined, 0]);
  });

  it('is told of what contains it, and not where GCC has no such target', async ({ skip }) => {
    if (reason) skip(reason);
    const file = header(
      `struct in { char a; _Pragma("pack(1)") int b; };\nstruct s { struct in i; };`,
    );
    const { disputed } = await importFor(file, x86_64);
    expect(disputed?.get('struct s')).toMatch(/^member 'i': #pragma pack is 1/);
    const { disputed: none } = await importFor(file, targets['aarch64-apple']);
    expect(none?.size).toBe(0);
    const said = /^struct s: GCC lays it out otherwise than clang, .* member 'i': /m;
    const shown = await abi(['show', `${file}:s`, '-t', 'x86_64']);
    expect([shown.status, shown.stderr]).toEqual([0, expect.stringMatching(said)]);
    const made = await abi(['import', file, '-t', 'x86_64']);
    expect([made.status, made.stderr]).toEqual([0, expect.stringMatching(said)]);
  });
});
