import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as zlib from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type EnumType,
  layout,
  type RecordType,
  type Target,
  type Type,
  targets,
  x86_64,
} from '../../lib/abi/index.ts';
import { clangArgs, clangFile } from '../../lib/abi-tools/compilers.ts';
import { factsOf } from '../../lib/abi-tools/facts.ts';
import { importBinary, openBinary } from '../../lib/abi-tools/import-binary.ts';
import { importFor } from '../../lib/abi-tools/import-header.ts';
import { Random } from '../../lib/abi-tools/random.ts';
import { readsOf } from '../../lib/debug-info/binary-file.ts';
import { openSections } from '../../lib/debug-info/dwarf-sections.ts';
import { readElfHeader } from '../../lib/debug-info/elf-sections.ts';
import { attributeCases } from './attribute-cases.ts';
import { objectFor, randomSource, run, whyNo } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

/** What compilers and tools make of debug information: languages, forms, files of its own. */

const folder = mkdtempSync(join(tmpdir(), 'syslets-dwarf-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const noClangHere = await noClang();
let count = 0;

function made(compiler: string, name: string, text: string, flags: readonly string[]): string {
  const source = join(folder, `${count++}-${name}`);
  writeFileSync(source, text);
  run(compiler, ['-w', '-c', ...flags, '-o', `${source}.o`, source]);
  return `${source}.o`;
}

const imported = (file: string) => importBinary(openBinary(file, x86_64));

/** The facts of each type by its name, and the refusals. */
function told(file: string): Record<string, string> {
  const { types, failures } = imported(file);
  const list = [...types].map(([name, type]) => [name, factsOf(type, x86_64).join('; ')]);
  return Object.fromEntries([...list, ...failures].sort());
}

const compilers = ['gcc', clangFile()].flatMap((name) =>
  ['4', '5'].map((version) => [name, version] as const),
);

describe.for(compilers)('attributes that %s leaves out of DWARF %s', ([compiler, version]) => {
  const missing = compiler === 'gcc' ? whyNo('gcc') : noClangHere;

  it.for(attributeCases)('%s', ([, text, name, lines], { skip }) => {
    if (missing) skip(missing);
    const source = `${text}\n${name} used;`;
    const file = objectFor(folder, source, x86_64, ['-g', `-gdwarf-${version}`], compiler);
    const found = imported(file).types.get(name);
    if (!found) throw new Error(`${name} is not there`);
    const facts = factsOf(found, x86_64);
    for (const line of lines) expect(facts).toContain(line);
  });
});

describe('a union that GCC writes without its members', () => {
  const text = `
typedef union { const int *a; const long *b; } nameless __attribute__((transparent_union));
typedef union alone { int *a; long *b; } alone_t __attribute__((transparent_union));
typedef union both { int *a; long *b; } both_t __attribute__((transparent_union));
struct holds { nameless x; char c; }; struct has { both_t x; char c; };
struct holds holds; struct has has; union both both;
int use(alone_t x) { return x.a != 0; }`;
  const reason = expect.stringContaining('transparent_union');

  it.for(['4', '5'])(
    'is refused, or read where another entry has them: DWARF %s',
    (version, { skip }) => {
      const missing = whyNo('gcc');
      if (missing) skip(missing);
      const file = made('gcc', 'hollow.c', text, ['-g', `-gdwarf-${version}`]);
      const { types, failures } = imported(file);
      expect(Object.fromEntries(failures)).toEqual({
        nameless: reason,
        alone_t: reason,
        'union alone': reason,
        'struct holds': reason,
      });
      const laid = (name: string) => layout(types.get(name) as Type, x86_64);
      expect([laid('union both'), laid('struct has')]).toMatchObject([
        { size: 8, align: 8 },
        { size: 16, align: 8 },
      ]);
    },
  );

  it('is refused in BTF, too', ({ skip }) => {
    const missing = whyNo('gcc') ?? whyNo('pahole');
    if (missing) skip(missing);
    const file = made('gcc', 'hollow.c', text, ['-g', '-gdwarf-4']);
    run('pahole', ['-J', file]);
    const { failures } = importBinary(openBinary(file, x86_64, { format: 'btf' }));
    expect(failures.get('union alone')).toEqual(reason);
    expect(failures.get('struct holds')).toEqual(reason);
  });
});

const plain = `
typedef unsigned long long u64;
typedef u64 low __attribute__((aligned(4)));
struct inc;
struct s {
  unsigned a : 3; long b : 40; _Bool c : 1; int grid[3][4]; struct inc *next; void (*call)(int);
  struct { int x; union { float y; char z[4]; }; }; long double wide; short tail[];
};
struct m { char a; low b; _Atomic int c; const volatile char *d; int none[0]; };
typedef struct { int a; } untagged;
typedef untagged alias;
struct v { int a __attribute__((vector_size(16))); };
struct z { _Complex double a; };
_Static_assert(sizeof(struct s) == 96 && sizeof(struct m) == 24, "by the compiler");
struct s *s; struct m m; alias one; struct v v; struct z z;
`;

describe('C', () => {
  it.for(compilers)('of %s, DWARF %s', ([compiler, version], { skip }) => {
    const missing = compiler === 'gcc' ? whyNo('gcc') : noClangHere;
    if (missing) skip(missing);
    const file = made(compiler, 'plain.c', plain, ['-g', `-gdwarf-${version}`]);
    const found = told(file);
    expect(found['struct s']).toMatch(/^96 bytes; a: unsigned 4 at 0:0:3; b: signed 8 at 0:3:40; /);
    expect(found['struct s']).toContain('c: bool 1 at 5:43:1; grid[0][0]: signed 4 at 8;');
    expect(found['struct s']).toContain('next: pointer 8 at 56; call: pointer 8 at 64;');
    expect(found['struct m']).toBe(
      '24 bytes; a: signed 1 at 0; b: unsigned 8 at 4; c: signed 4 at 12; d: pointer 8 at 16',
    );
    expect(found.untagged).toBe('4 bytes; a: signed 4 at 0');
    expect(found.alias).toBe(found.untagged);
    expect(found['struct v']).toBe("member 'a': a vector has no counterpart here");
    expect(found['struct z']).toMatch(/^member 'a': '.*' \(complex, 16 bytes\) has no counterpart/);
  });
});

describe('another byte order', () => {
  it.for(['4', '5'])('in DWARF %s is refused, never read wrong', (version, { skip }) => {
    const missing = whyNo('gcc');
    if (missing) skip(missing);
    const text = `#define BIG __attribute__((scalar_storage_order("big-endian")))
#define LITTLE __attribute__((scalar_storage_order("little-endian")))
struct net { int x; } BIG; struct wide { unsigned long y[2]; } BIG;
struct bit { unsigned b : 3; } BIG; struct own { int x; } LITTLE;
struct around { struct net n; };
struct net net; struct wide wide; struct bit bit; struct own own; struct around around;`;
    const found = told(made('gcc', 'order.c', text, ['-g', `-gdwarf-${version}`]));
    const why = "its byte order is not the target's (scalar_storage_order)";
    expect(found).toEqual({
      'struct net': `member 'x': ${why}`,
      'struct wide': `member 'y': ${why}`,
      'struct bit': `member 'b': ${why}`,
      'struct around': `member 'n': member 'x': ${why}`,
      'struct own': '4 bytes; x: signed 4 at 0',
    });
  });
});

const cpp = `
namespace geo {
struct base { int a; char b; };
struct derived : base { char c; long d; };
struct early { early() {} int a; char b; };
struct late : early { char c; long d; };
static_assert(sizeof(derived) == 24 && sizeof(late) == 16, "by the compiler");
template <class T> struct box { T value; int n; static int count; };
class hidden { int x; public: int y; enum class color : unsigned char { red, green = 200 } col; };
enum class byte : unsigned char {};
struct bytes { byte b[3]; enum blank {} e; short s; };
struct virt { virtual ~virt() {} int q; };
struct shared : virtual base { int z; };
struct empty {};
struct holds { empty e; int x; };
struct refs { int &r; base *p; };
struct part { int base::*p; };
}
int of(geo::refs x) { return x.r; }
geo::derived d; geo::late l; geo::box<geo::base> b; geo::hidden h; geo::bytes y; geo::virt v; geo::shared w; geo::holds o;
geo::part p;
`;

const inCpp = {
  'struct geo::base': '8 bytes; a: signed 4 at 0; b: signed 1 at 4',
  'struct geo::derived':
    '24 bytes; a: signed 4 at 0; b: signed 1 at 4; c: signed 1 at 8; d: signed 8 at 16',
  'struct geo::late':
    '16 bytes; a: signed 4 at 0; b: signed 1 at 4; c: signed 1 at 5; d: signed 8 at 8',
  'struct geo::box<geo::base>':
    '12 bytes; value.a: signed 4 at 0; value.b: signed 1 at 4; n: signed 4 at 8',
  'enum geo::hidden::color': '1 byte, enum',
  'struct geo::hidden': '12 bytes; x: signed 4 at 0; y: signed 4 at 4; col: unsigned 1 at 8',
  'enum geo::byte': '1 byte, enum',
  'struct geo::bytes':
    '12 bytes; b[0]: unsigned 1 at 0; b[1]: unsigned 1 at 1; b[2]: unsigned 1 at 2; e: unsigned 4 at 4; s: signed 2 at 8',
  'struct geo::empty': '1 byte',
  'struct geo::holds': '8 bytes; x: signed 4 at 4',
  'struct geo::refs': '16 bytes; r: pointer 8 at 0; p: pointer 8 at 8',
  'struct geo::part': "member 'p': a pointer to a member has no counterpart here",
};

describe('C++', () => {
  const ways = ['g++', clangFile()].flatMap((name) =>
    [['-gdwarf-4'], ['-gdwarf-5'], ['-gdwarf-4', '-fdebug-types-section']].map(
      (flags) => [name, flags] as const,
    ),
  );

  it.for(ways)('of %s %s', ([compiler, flags], { skip }) => {
    const missing = compiler === 'g++' ? whyNo('g++') : noClangHere;
    if (missing) skip(missing);
    const found = told(made(compiler, 'plain.cc', cpp, ['-g', ...flags]));
    // A type unit of clang does not tell the class that an enumeration stands in.
    const color =
      'enum geo::hidden::color' in found ? {} : { 'enum geo::hidden::color': undefined };
    expect({ ...found, ...color }).toMatchObject({ ...inCpp, ...color });
    expect(found['struct geo::virt']).toMatch(/^it has virtual functions/);
    expect(found['struct geo::shared']).toMatch(/^it has (?:a virtual base|virtual functions)/);
  });

  it('has names with colons on the command line', async ({ skip }) => {
    if (noClangHere) skip(noClangHere);
    const file = made(clangFile(), 'plain.cc', cpp, ['-g']);
    const { stdout } = await abi(['show', `${file}:geo::box<geo::base>`, '--json']);
    expect(JSON.parse(stdout).layouts[0]).toMatchObject({ size: 12, align: 4 });
  });
});

describe('an enumeration', () => {
  const announced =
    'enum class E : unsigned char; enum F : short; struct s { E e; F f; int x; } o;';

  it('that is only announced is the integer that GCC tells', ({ skip }) => {
    const missing = whyNo('g++');
    if (missing) skip(missing);
    for (const version of ['4', '5']) {
      const found = told(made('g++', 'announced.cc', announced, ['-g', `-gdwarf-${version}`]));
      expect(found).toEqual({
        'enum E': '1 byte, enum',
        'enum F': '2 bytes, enum',
        'struct s': '8 bytes; e: unsigned 1 at 0; f: signed 2 at 2; x: signed 4 at 4',
      });
    }
  });

  it('that is only announced is refused where clang does not tell its sign', ({ skip }) => {
    if (noClangHere) skip(noClangHere);
    const found = told(made(clangFile(), 'announced.cc', announced, ['-g']));
    expect(found['struct s']).toMatch(/^member 'e': it is only announced, with a size/);
  });

  it.for(['g++', clangFile()])('is what another unit defines (%s)', async (compiler, { skip }) => {
    const missing = whyNo('ld') ?? (compiler === 'g++' ? whyNo('g++') : noClangHere);
    if (missing) skip(missing);
    const use = 'struct s { E e; int x; }; struct h { s q; };';
    const units = ['', ' { A, B }'].map((body, at) => {
      const text = `enum class E : unsigned char${body}; ${use} h o${at};`;
      return made(compiler, `unit-${at}.cc`, text, ['-g']);
    });
    const whole = join(folder, 'announced.o');
    run('ld', ['-r', '-o', whole, ...units]);
    const { types, docs } = imported(whole);
    expect([...types.keys()].sort()).toEqual(['enum E', 'struct h', 'struct s']);
    expect(types.get('enum E')).toMatchObject({ values: { A: 0, B: 1 } });
    expect([...docs]).toEqual([]);
  });

  it('that is only announced has enumerators that are neither gone nor the same', async ({
    skip,
  }) => {
    const missing = whyNo('g++') ?? noClangHere;
    if (missing) skip(missing);
    const header = join(folder, 'announced.h');
    writeFileSync(header, 'enum e : short { A, B = 7 }; struct s { enum e e; };');
    const object = made('g++', 'one.cc', 'enum e : short; struct s { enum e e; } o;', ['-g']);
    const { stdout, status } = await abi(['diff', header, object]);
    expect(stdout).toMatch(/^enum e +2 enumerators +only announced +nothing/m);
    expect(status).toBe(0);
    const checked = await abi(['check', '--header', header, '--against', object]);
    expect(checked.stdout).toContain('enum e: not checked: its enumerators');
    expect(checked.status).toBe(0);
  });

  const bases = {
    _Bool: "has the base '_Bool', which has no counterpart here",
    __int128: '{"F":"0n","N":"-3n","L":"1180591620717411303424n"} i128',
  };
  it.for(Object.entries(bases))(
    'of base %s is the same as of a header',
    async ([base, what], { skip }) => {
      if (noClangHere) skip(noClangHere);
      const values = base === '_Bool' ? 'F, T' : 'F, N = -3, L = (__int128)1 << 70';
      const text = `enum e : ${base} { ${values} }; struct s { enum e e; };`;
      const header = join(folder, 'base.h');
      writeFileSync(header, text);
      const files = [x86_64, targets.s390x].map(
        (target) => [target, objectFor(folder, `${text} struct s o;`, target, ['-g'])] as const,
      );
      const all = [
        await importFor(header, x86_64),
        ...files.map(([target, file]) => importBinary(openBinary(file, target))),
      ];
      for (const { types, failures } of all) {
        const found = types.get('enum e') as EnumType | undefined;
        const values = JSON.stringify(found?.values, (_, one) =>
          typeof one === 'bigint' ? `${one}n` : one,
        );
        expect(found ? `${values} ${found.base}` : failures.get('struct s')).toContain(what);
      }
    },
  );
});

describe('Rust', () => {
  it('of repr(C), and of what rustc orders itself', ({ skip }) => {
    const missing = whyNo('rustc');
    if (missing) skip(missing);
    const source = join(folder, 'plain.rs');
    writeFileSync(
      source,
      `#[repr(C)] pub struct Point { x: u8, y: i64, z: [u16; 3], w: Kind, c: char, ok: bool }
#[repr(u8)] #[derive(Clone, Copy)] pub enum Kind { One = 1, Two = 200 }
pub struct Mixed { a: u8, b: u32, c: u16 }
pub enum Single { Only(u32, u8) } pub enum Tag { Alone }
pub struct Holder { a: u8, unit: (), tag: Tag, single: Single }
#[no_mangle] pub static HOLDER: Holder = Holder { a: 1, unit: (), tag: Tag::Alone, single: Single::Only(1, 2) };
pub enum Either { Left(u32), Right(u8, u64) }
#[no_mangle] pub static POINT: Point = Point { x: 1, y: 2, z: [0; 3], w: Kind::Two, c: 'a', ok: true };
#[no_mangle] pub static MIXED: Mixed = Mixed { a: 1, b: 2, c: 3 };
#[no_mangle] pub static EITHER: Either = Either::Right(1, 2);
`,
    );
    const file = join(folder, 'plain-rust.o');
    run('rustc', [
      '-g',
      '--crate-type',
      'lib',
      '--emit',
      'obj',
      '-A',
      'warnings',
      '-o',
      file,
      source,
    ]);
    const found = told(file);
    expect(found['struct plain::Point']).toBe(
      '32 bytes; x: unsigned 1 at 0; y: signed 8 at 8; z[0]: unsigned 2 at 16; z[1]: unsigned 2 at 18; z[2]: unsigned 2 at 20; w: unsigned 1 at 22; c: unsigned 4 at 24; ok: bool 1 at 28',
    );
    expect(found['struct plain::Mixed']).toMatch(/^8 bytes; /);
    expect(found['struct plain::Single']).toMatch(
      /^8 bytes; Only\.__0: unsigned 4 at [04]; Only\.__1: /,
    );
    expect(found['struct plain::Tag']).toBe('0 bytes');
    expect(found['struct plain::Holder']).toMatch(/^12 bytes; /);
    expect(found['struct plain::Either']).toMatch(/^its variants share their bytes/);
  });
});

/** What a compiler for such a language hands to LLVM; `lengths`: how often there are three elements. */
const otherLanguage = (
  language: string,
  from: number,
  lengths = 1,
) => `target triple = "x86_64-linux-gnu"
@v = global [${4 * 3 ** lengths} x i8] zeroinitializer, !dbg !0
!llvm.dbg.cu = !{!2}
!llvm.module.flags = !{!7, !8}
!0 = !DIGlobalVariableExpression(var: !1, expr: !DIExpression())
!1 = distinct !DIGlobalVariable(name: "v", scope: !2, file: !3, line: 1, type: !4, isLocal: false, isDefinition: true)
!2 = distinct !DICompileUnit(language: DW_LANG_${language}, file: !3, producer: "other", isOptimized: false, runtimeVersion: 0, emissionKind: FullDebug, globals: !5)
!3 = !DIFile(filename: "a", directory: "/")
!4 = !DICompositeType(tag: DW_TAG_structure_type, name: "point", file: !3, line: 1, size: ${32 * 3 ** lengths}, elements: !6)
!5 = !{!0}
!6 = !{!10}
!7 = !{i32 2, !"Debug Info Version", i32 3}
!8 = !{i32 7, !"Dwarf Version", i32 4}
!10 = !DIDerivedType(tag: DW_TAG_member, name: "x", scope: !4, file: !3, line: 1, baseType: !12, size: ${32 * 3 ** lengths})
!12 = !DICompositeType(tag: DW_TAG_array_type, baseType: !13, size: ${32 * 3 ** lengths}, elements: !14)
!13 = !DIBasicType(name: "real", size: 32, encoding: DW_ATE_float)
!14 = !{${Array(lengths).fill('!15').join()}}
!15 = !DISubrange(lowerBound: ${from}, upperBound: ${from + 2})
`;

describe.skipIf(noClangHere)(`arrays of other languages${noClangHere ?? ''}`, () => {
  const fromOne =
    'Ada83 Ada95 Cobol74 Cobol85 Fortran77 Fortran90 Fortran95 Fortran03 Fortran08 Pascal83 Modula2 Modula3 PLI Julia';
  const fromNone = 'C89 C99 C11 C_plus_plus_14 Rust D Go';

  it.for([
    ...fromOne.split(' ').map((name) => [name, 1] as const),
    ...fromNone.split(' ').map((name) => [name, 0] as const),
  ])('of %s begin at %i where nothing else is told', ([language, from]) => {
    for (const first of [from, 1 - from, -4]) {
      const file = made(clangFile(), 'lang.ll', otherLanguage(language, first), []);
      const [type] = imported(file).types.values();
      expect(type).toMatchObject({ fields: { x: { length: 3 } } });
    }
  });

  it('whose first index moves the fastest are refused', () => {
    const reasonOf = (language: string) => {
      const file = made(clangFile(), 'lang.ll', otherLanguage(language, 1, 2), []);
      return [...imported(file).failures.values()];
    };
    const reason = 'an array whose first index moves the fastest has no counterpart here';
    expect(reasonOf('Fortran95')).toEqual([`member 'x': ${reason}`]);
    expect(reasonOf('Ada95')).toEqual([]);
  });
});

describe('long doubles that are not as usual', () => {
  const text = 'struct s { long double x; }; struct d { double x; }; struct s s; struct d d;';
  const reason = /^member 'x': 'long double' is an IEEE number of 128 bits here, as .* has it/;
  const failuresOf = (file: string, target: Target = x86_64) => [
    ...importBinary(openBinary(file, target)).failures,
  ];

  it('are refused where GCC tells -mlong-double-128', ({ skip }) => {
    const missing = whyNo('gcc');
    if (missing) skip(missing);
    const flags = (...more: string[]) => objectFor(folder, text, x86_64, ['-g', ...more], 'gcc');
    expect(failuresOf(flags('-mlong-double-128'))).toEqual([
      ['struct s', expect.stringMatching(reason)],
    ]);
    for (const usual of ['-mlong-double-80', '-mlong-double-64'])
      expect(failuresOf(flags(usual))).toEqual([]);
  });

  it('are refused where .gnu.attributes or a note of Android tells them', ({ skip }) => {
    if (noClangHere) skip(noClangHere);
    const { ppc64le } = targets;
    const power = (...more: string[]) =>
      objectFor(folder, text, ppc64le, ['-g', '-mcpu=power9', ...more]);
    const ieee = power('-mabi=ieeelongdouble');
    expect(failuresOf(ieee, ppc64le)).toEqual([['struct s', expect.stringMatching(reason)]]);
    expect(failuresOf(power(), ppc64le)).toEqual([]);
    const note = '__attribute__((section(".note.android.ident"))) int note = 1;';
    const android = objectFor(folder, `${text}${note}`, x86_64, ['-g']);
    expect(failuresOf(android)).toEqual([['struct s', expect.stringMatching(reason)]]);
  });
});

describe('forms of its own', () => {
  const source = 'struct point { int x; long y; } used;';
  const facts = '16 bytes; x: signed 4 at 0; y: signed 8 at 8';
  const missing = whyNo('gcc') ?? whyNo('objcopy');

  it('compressed', ({ skip }) => {
    if (missing) skip(missing);
    expect(told(made('gcc', 'zlib.c', source, ['-g', '-gz=zlib']))['struct point']).toBe(facts);
    const file = made('gcc', 'old.c', source, ['-g']);
    run('objcopy', ['--compress-debug-sections=zlib-gnu', file]);
    expect(told(file)['struct point']).toBe(facts);
    const zstd = made('gcc', 'zstd.c', source, ['-g']);
    run('objcopy', ['--compress-debug-sections=zstd', zstd]);
    if ('zstdDecompressSync' in zlib) expect(told(zstd)['struct point']).toBe(facts);
    else expect(() => told(zstd)).toThrow(/compressed with zstd, which Node reads from 22\.15 on/);
  });

  it('type units of C, and 64-bit DWARF', ({ skip }) => {
    if (missing) skip(missing);
    for (const flags of [['-fdebug-types-section'], ['-fdebug-types-section', '-gdwarf-4']]) {
      expect(told(made('gcc', 'types.c', source, ['-g', ...flags]))['struct point']).toBe(facts);
    }
    expect(told(made('gcc', 'wide.c', source, ['-g', '-gdwarf64']))['struct point']).toBe(facts);
  });

  it('64-bit DWARF of clang, whose tables have offsets of 8 bytes', ({ skip }) => {
    if (noClangHere) skip(noClangHere);
    const flags = ['-g', '-gdwarf-5', '-gdwarf64'];
    const file = objectFor(folder, source, targets.s390x, flags);
    const { types } = importBinary(openBinary(file, targets.s390x));
    const found = types.get('struct point');
    if (!found) throw new Error('struct point is not there');
    expect(factsOf(found, targets.s390x).join('; ')).toBe(facts);
  });

  it('a table of symbols is read once, however many sections it relocates', ({ skip }) => {
    if (missing) skip(missing);
    const text = `${source} struct line { struct point from; } line; struct area { struct line top; } area;`;
    const file = made('gcc', 'units.c', text, ['-g', '-gdwarf-4', '-fdebug-types-section']);
    const { sections } = readElfHeader(readsOf(file), file);
    const symbols = sections.find(({ name }) => name === '.symtab');
    const reads: number[] = [];
    const opened = openSections((at, size) => {
      reads.push(at);
      return readsOf(file)(at, size);
    }, file);
    expect(opened.info.length).toBeGreaterThan(3);
    expect(reads.filter((at) => at === symbols?.offset)).toHaveLength(1);
  });

  it('a bit-field in a unit that begins before the struct', ({ skip }) => {
    if (missing) skip(missing);
    const text =
      'typedef int low __attribute__((aligned(2)));\nstruct tb { char c; low a : 4; low b; low c2 : 30; } used;';
    for (const version of ['2', '3', '4', '5']) {
      const facts = told(made('gcc', 'before.c', text, ['-g', `-gdwarf-${version}`]))['struct tb'];
      expect(facts).toMatch(/ a: signed 4 at \d+:8:4;/);
    }
  });

  it('check compares no alignment, of which debug information tells little', async ({ skip }) => {
    if (missing) skip(missing);
    const text = (bits: number) => `#pragma pack(2)
union u2 { char c[5]; long x; };
struct k2 { union u2 u; char c; int : 0; char d; int a : ${bits}, b : 30; };
typedef struct { char c; } wide __attribute__((aligned(16)));
#pragma pack()`;
    const used = 'struct k2 one; wide two;';
    const header = join(folder, 'packed.h');
    writeFileSync(header, text(3));
    const same = made('gcc', 'same.c', `${text(3)}\n${used}`, ['-g', '-gdwarf-4']);
    const other = made('gcc', 'other.c', `${text(2)}\n${used}`, ['-g', '-gdwarf-4']);
    const checked = await abi(['check', '--header', header, '--against', same]);
    expect(checked.stdout).toMatch(/x86_64 +cc +same \(3 types,/);
    expect(checked.status).toBe(0);
    const different = await abi(['check', '--header', header, '--against', other]);
    expect(different.stdout).toMatch(/struct k2 +bits of a +104:2 +104:3/);
    expect(different.status).toBe(1);
  });

  it('an array of 2 ** 33 elements is no empty one', ({ skip }) => {
    if (missing) skip(missing);
    const text = 'struct big { char at[0x200000000]; int none[0]; } *used;';
    for (const version of ['2', '4', '5']) {
      const big = imported(made('gcc', 'big.c', text, ['-g', `-gdwarf-${version}`])).types.get(
        'struct big',
      );
      expect(big && layout(big, x86_64).size).toBe(0x200000000);
    }
  });

  it('split DWARF is named', async ({ skip }) => {
    if (missing) skip(missing);
    for (const version of ['4', '5']) {
      const file = made('gcc', 'split.c', source, ['-gsplit-dwarf', `-gdwarf-${version}`]);
      const { failures, types } = imported(file);
      expect(types.size).toBe(0);
      expect(failures.get('other types')).toMatch(
        /^the types of 1 unit are in files of split DWARF, which is not read here \(.*\.dwo\)/,
      );
      const shown = await abi(['show', `${file}:point`]);
      expect(shown.stderr).toMatch(
        /'point' is not in .*; the types of 1 unit are in files of split/,
      );
      expect(shown.status).toBe(2);
    }
  });

  it('a separate debug file', ({ skip }) => {
    if (missing) skip(missing);
    const file = made('gcc', 'whole.c', `${source} int main() {}`, ['-g']);
    const program = join(folder, 'program');
    run('gcc', ['-Wl,--build-id=none', '-o', program, file]);
    run('objcopy', ['--only-keep-debug', program, `${program}.debug`]);
    run('objcopy', ['--strip-debug', `--add-gnu-debuglink=${program}.debug`, program]);
    expect(told(program)['struct point']).toBe(facts);
    writeFileSync(`${program}.debug`, readFileSync(file));
    expect(() => told(program)).toThrow(/program has no debug information \(DWARF or BTF\)/);
  });

  it("dwz's partial units, and its alternate file or the lack of it", ({ skip }) => {
    const none = missing ?? whyNo('dwz');
    if (none) skip(none);
    const programs = [1, 2].map((number) => {
      const text = `#include <ucontext.h>\n${source} ucontext_t u; struct own_${number} { struct point p; } o; int main() {}`;
      const program = join(folder, `dwz-${number}`);
      run('gcc', ['-o', program, made('gcc', `dwz-${number}.c`, text, ['-g'])]);
      return program;
    });
    const before = programs.map(told);
    const common = join(folder, 'common.debug');
    run('dwz', ['-m', common, '-M', common, ...programs]);
    expect(existsSync(common)).toBe(true);
    expect(programs.map(told)).toEqual(before);
    rmSync(common);
    expect(() => told(programs[0] as string)).toThrow(/common\.debug' \(dwz's alternate file\)/);
  });

  it('one type of many units is one, and others of its name are named by their units', ({
    skip,
  }) => {
    if (missing) skip(missing);
    const shared =
      'struct shared { int a; struct shared *next; }; typedef struct { long z; } only;';
    const files = ['int a;', 'int a;', 'long b;'].map((member, index) => {
      const text = `${shared} struct own { ${member} }; struct own own_${index}; struct shared s_${index}; only o_${index};`;
      return made('gcc', `unit-${index}.c`, text, ['-g']);
    });
    const whole = join(folder, 'whole.o');
    run('ld', ['-r', '-o', whole, ...files]);
    const { types, docs } = imported(whole);
    expect([...types.keys()].sort()).toEqual([
      'only',
      'struct own',
      'struct own__2',
      'struct shared',
    ]);
    expect(docs.get('struct own')).toMatch(/^Of .*unit-0\.c\.$/);
    expect(docs.get('struct own__2')).toMatch(/^Of .*unit-2\.c\.$/);
    const second = importBinary(openBinary(whole, x86_64), { only: ['own__2'] });
    expect(factsOf(second.types.get('struct own__2') as never, x86_64)).toEqual([
      '8 bytes',
      'b: signed 8 at 0',
    ]);
  });

  it('the first of several types of one name is told of the others', async ({ skip }) => {
    if (missing) skip(missing);
    const files = ['int a;', 'long b;'].map((member, index) => {
      const text = `struct own { ${member} }; struct own own_${index}; struct one { int i; } one_${index};`;
      return made('gcc', `several-${index}.c`, text, ['-g']);
    });
    const whole = join(folder, 'several.o');
    run('ld', ['-r', '-o', whole, ...files]);
    const bytes = join(folder, 'several.bin');
    writeFileSync(bytes, Buffer.alloc(8));
    const told =
      /several\.o has 2 types called 'struct own': own \(of \S*several-0\.c\), own__2 \(of \S*several-1\.c\); this is own, name another as \S*several\.o:own__2\n/;
    for (const args of [
      ['show', `${whole}:own`],
      ['dump', `${whole}:own`, bytes],
      ['diagram', `${whole}:own`],
      ['export', `${whole}:own`],
    ]) {
      const { stdout, stderr, status } = await abi(args);
      expect([args[0], status, stderr]).toEqual([args[0], 0, expect.stringMatching(told)]);
      expect(stdout).toContain('own');
    }
    for (const other of ['own__2', 'one']) {
      const { stderr, status } = await abi(['show', `${whole}:${other}`]);
      expect([other, status, stderr]).toEqual([other, 0, '']);
    }
  });

  it('an object for the linker alone says so', async ({ skip }) => {
    if (missing) skip(missing);
    const text = 'struct lto { int a; } lto;';
    const slim = made('gcc', 'slim.c', text, ['-g', '-flto', '-fno-fat-lto-objects']);
    const { stderr, status } = await abi(['show', `${slim}:lto`]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/-flto.*-ffat-lto-objects/)]);
    const fat = made('gcc', 'fat.c', text, ['-g', '-flto', '-ffat-lto-objects']);
    expect((await abi(['show', `${fat}:lto`])).stdout).toContain('size: 4');
  });

  it('an array of 2^32 elements is refused where it looks like one of none', async ({ skip }) => {
    if (missing) skip(missing);
    const text =
      'struct far { char a[1ull << 32]; int b; } *far; union wide { char a[1ull << 32]; char b[(1ull << 32) + 4]; } *wide; typedef char many[1ull << 32] __attribute__((aligned(8))); struct held { many a; long b; } *held;';
    const file = made('gcc', 'far.c', text, ['-g']);
    const { types, failures } = imported(file);
    const why =
      "member 'a': debug information does not tell an array of 2^32 elements from one of none";
    expect([...failures]).toEqual([
      ['struct far', why],
      ['union wide', why],
      ['struct held', why],
    ]);
    expect([...types.keys()]).toEqual([]);
  });

  it('DWARF goes before BTF, and --format takes the other', async ({ skip }) => {
    const none = missing ?? whyNo('pahole');
    if (none) skip(none);
    const file = made('gcc', 'both.c', 'struct grid { int at[2][3]; } used;', ['-g']);
    run('pahole', ['-J', file]);
    const shown = await abi(['show', `${file}:grid`]);
    expect(shown.stdout).toContain('at[2][3]');
    // pahole 1.24 makes one dimension of two.
    const btf = await abi(['show', `${file}:grid`, '--format', 'btf']);
    expect(btf.stdout).toContain('at[6]');
  });
});

describe('damaged DWARF', () => {
  const seed = Number(process.env.SYSLETS_SEED ?? Date.now() % 2 ** 32);
  const kinds = [x86_64, targets.s390x, targets.i386].map((target) => ({
    target,
    name: target.name,
  }));

  it.for(kinds)(`of $name is told, never a crash (seed ${seed})`, ({ target }, { skip }) => {
    if (noClangHere) skip(noClangHere);
    const random = new Random(seed);
    const source = randomSource(seed, target, 6);
    const whole = readFileSync(objectFor(folder, source.text, target, ['-g']));
    const file = join(folder, 'damaged.o');
    let refused = 0;
    for (let round = 0; round < 200; round++) {
      const bytes = Buffer.from(whole);
      for (let hit = 0; hit <= round % 4; hit++) {
        const at = 64 + random.below(bytes.length - 64);
        bytes[at] = round % 2 === 0 ? random.below(256) : (bytes[at] ?? 0) ^ (1 << random.below(8));
      }
      writeFileSync(file, round % 5 === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes);
      try {
        importBinary(openBinary(file, target));
      } catch (error) {
        expect(
          (error as Error).name,
          `${basename(file)}, round ${round}: ${(error as Error).stack}`,
        ).toBe('UserError');
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(20);
  });
});

/** Unnamed bit-fields, empty base classes and attributes, each of which aligns or does not. */
const aligned = `
struct behind { int a; short : 16; }; struct between { char a; int : 0; char b[4]; };
struct wide { int a; long long : 0; }; struct alone { short : 16; int : 0; };
struct crossing { char : 5; short : 5; char b; }; struct late { int : 27; short b : 3; };
struct holds { struct behind x[2]; char c; }; union over { char c; int : 20; };
struct told { int a; } __attribute__((aligned(8)));
struct member { char a; int b __attribute__((aligned(16))); };
`;
const alignedInCpp = `${aligned}
struct none {}; struct other : none {}; struct bases : none, other {};
struct first : none, other { int x; };
struct alignas(16) base { int x; }; struct derived : base { int y; }; struct same : base {};
struct alignas(8) nothing {}; struct on_nothing : nothing { int a; };
struct short_base { int x; char c; }; struct reused : short_base { char d; };
`;

describe('the alignment of a binary that tells those of attributes', () => {
  const clang = clangFile();
  const ways: readonly (readonly [Target, string, ...string[]])[] = [
    [x86_64, 'gcc', '-gdwarf-4'],
    [x86_64, 'gcc', '-gdwarf-5'],
    [x86_64, clang, '-gdwarf-5'],
    [targets.i386, clang, '-gdwarf-5'],
    [targets.s390x, clang, '-gdwarf-5'],
    [targets.aarch64, clang, '-gdwarf-5'],
  ];
  const each = ways.flatMap((way) => [
    { way, language: 'c', text: aligned },
    { way, language: 'cc', text: alignedInCpp },
  ]);

  it.for(each)('is that of $language by $way.1 $way.2 for $way.0.name', (one, { skip }) => {
    const { way, language, text } = one;
    const [target, compiler, ...flags] = way;
    const program = compiler === 'gcc' && language === 'cc' ? 'g++' : compiler;
    const missing = compiler === clang ? noClangHere : whyNo(program);
    if (missing) skip(missing);
    const names = [...text.matchAll(/\b((?:struct|union) \w+)(?= (?:: [\w, ]+)?\{)/g)].map(
      ([, name]) => name as string,
    );
    expect(names.length).toBeGreaterThan(8);
    const asked = names.map((name, at) => {
      return `struct asked_${at} { char size[__alignof__(${name})]; } asked_${at}; ${name} use_${at};`;
    });
    const source = [text, ...asked].join('\n');
    const own = compiler === clang ? (clangArgs(target.name) ?? []) : [];
    const file = made(program, `aligned.${language}`, source, [...own, '-g', ...flags]);
    const { types } = importBinary(openBinary(file, target));
    const of = (name: string) => layout(types.get(name) as Type, target);
    for (const [at, name] of names.entries()) {
      const theirs = of(`struct asked_${at}`).size;
      if (target.unnamedBitsAlign && mayAlign.includes(name)) continue;
      expect(`${name} ${of(name).align}`).toBe(`${name} ${theirs}`);
    }
  });

  /** ARM aligns these to their unnamed bit-fields, which nothing tells: the least stands there. */
  const mayAlign = ['between', 'wide', 'alone', 'crossing', 'late'].map((name) => `struct ${name}`);

  const lowered = `
struct whole { long long a; int b; } __attribute__((packed, aligned(4))); struct holds { char c; struct whole x; };
struct one { long long a; } __attribute__((packed, aligned(2)));
union either { long long a; int b; } __attribute__((packed, aligned(2)));
struct member { int x __attribute__((packed, aligned(2))); };
struct moved { char c; int x __attribute__((packed, aligned(2))); };
struct ignored { long long a; } __attribute__((aligned(2)));`;

  const named = ways.map(([target, compiler, ...flags]) => ({ target, compiler, flags }));

  it.for(named)(
    'may be less than that of its members: $compiler $flags.0 for $target.name',
    (way, { skip }) => {
      const { target, compiler, flags } = way;
      const missing = compiler === clang ? noClangHere : whyNo(compiler);
      if (missing) skip(missing);
      const names = [...lowered.matchAll(/\b(?:struct|union) \w+(?= \{)/g)].map(([name]) => name);
      expect(names.length).toBe(7);
      const asked = names.map((name, at) => {
        return `struct asked_${at} { char size[_Alignof(${name})]; } asked_${at}; ${name} use_${at};`;
      });
      const own = compiler === clang ? (clangArgs(target.name) ?? []) : [];
      const source = [lowered, ...asked].join('\n');
      const file = made(compiler, 'lowered.c', source, [...own, '-g', ...flags]);
      const { types, guessed } = importBinary(openBinary(file, target));
      const alignOf = (name: string) => layout(types.get(name) as Type, target).align;
      const theirs = (at: number) => layout(types.get(`struct asked_${at}`) as Type, target).size;
      const wrong = names.filter((name, at) => alignOf(name) !== theirs(at));
      // clang tells what the attribute asks for, and not whether packed lets it have that.
      if (compiler === clang) expect(guessed).toEqual(expect.arrayContaining(wrong));
      else expect([wrong, guessed]).toEqual([[], []]);
    },
  );

  it('is said not to be told where it is not', async ({ skip }) => {
    if (noClangHere) skip(noClangHere);
    const text = `struct s { int a; } __attribute__((aligned(8))); struct t { int a; short : 16; };
struct u { char c; struct t in[2]; }; struct p { char c; int x; }; struct s s; struct t t; struct u u; struct p p;`;
    const guessed = (file: string, target: Target) =>
      importBinary(openBinary(file, target)).guessed;
    const old = made(clang, 'untold.c', text, ['-g', '-gdwarf-4']);
    expect(guessed(old, x86_64)).toEqual(['struct t', 'struct u']);
    const arm = [...(clangArgs('aarch64') ?? []), '-g', '-gdwarf-5'];
    const wide = made(clang, 'untold.c', text, arm);
    expect(guessed(wide, targets.aarch64)).toEqual(['struct t', 'struct u']);
    expect(guessed(made(clang, 'told.c', text, ['-g', '-gdwarf-5']), x86_64)).toEqual([]);
    const doubt = (names: string) =>
      `${old} does not tell the alignment of ${names}: it may be another than what places and size ask for\n`;
    const whole = await abi(['import', old, '-t', 'x86_64']);
    expect([whole.status, whole.stderr]).toEqual([0, doubt('struct t, struct u')]);
    const one = await abi(['show', `${old}:u@x86_64`]);
    expect([one.status, one.stderr]).toEqual([0, doubt('struct u')]);
    expect((await abi(['show', `${old}:p@x86_64`])).stderr).toBe('');
  });
});

/** Its alignments are told by no attribute, and shown by sizes alone. */
const packed = `
#pragma pack(4)
struct p1 { char c; long long b:60; long long d:10; }; struct p2 { long long a:20; long long b:50; };
struct p3 { char c; int a; short b; }; struct p4 { char a; long long b:60; };
#pragma pack(2)
struct p5 { char a; int b:20; char d; }; struct p6 { char a; int b; char c; };
#pragma pack(1)
struct p7 { char a; int b; }; struct p8 { char a; int b:30; };
#pragma pack()
struct p9 { char c; struct p1 x; char d; }; struct q1 { int a; short : 16; };
struct q2 { char a; int : 0; char b[4]; }; struct q3 { char a; short b; } __attribute__((packed));
`;

describe('a struct that #pragma pack(n) moves', () => {
  const ways = [x86_64, targets.i386].flatMap((target) => [
    { target, version: 4 },
    { target, version: 5 },
  ]);

  it.for(ways)('is aligned as by GCC for $target.name, DWARF $version', (one, { skip }) => {
    const { target, version } = one;
    const missing = whyNo('gcc');
    if (missing) skip(missing);
    const names = [...packed.matchAll(/\bstruct \w\d(?= \{)/g)].map(([name]) => name);
    expect(names.length).toBe(12);
    const asked = names.map((name, at) => {
      return `struct asked_${at} { char size[_Alignof(${name})]; } asked_${at}; ${name} use_${at};`;
    });
    const flags = [target === x86_64 ? '-m64' : '-m32', '-g', `-gdwarf-${version}`];
    const file = made('gcc', 'packed.c', [packed, ...asked].join('\n'), flags);
    const { types, guessed } = importBinary(openBinary(file, target));
    const of = (name: string) => layout(types.get(name) as Type, target);
    const theirs = names.map((_, at) => of(`struct asked_${at}`).size);
    expect(names.map((name) => `${name} ${of(name).align}`)).toEqual(
      names.map((name, at) => `${name} ${theirs[at]}`),
    );
    const withGaps = names.filter((name) => hasGap(types.get(name) as RecordType));
    expect(withGaps).toEqual(['struct q1', 'struct q2']);
    expect(guessed).toEqual([]);
  });

  const hasGap = ({ fields }: RecordType) => Object.keys(fields).some((key) => /^_gap/.test(key));

  it('is said not to be told its alignment where several explain the layout', ({ skip }) => {
    const missing = whyNo('gcc');
    if (missing) skip(missing);
    const text = `
#pragma pack(1)
struct one { int a; long long b; }; struct two { char a; int b; char c; short : 16; };
#pragma pack()
struct holds { struct one x; }; struct odd { char a; int b; } __attribute__((packed)) odd;
struct one one; struct two two; struct holds holds;`;
    const file = made('gcc', 'several.c', text, ['-g', '-gdwarf-5']);
    const { guessed } = importBinary(openBinary(file, x86_64));
    expect([...(guessed ?? [])].sort()).toEqual(['struct holds', 'struct one', 'struct two']);
  });
});
