import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cpp, type RecordType, type Target, targets, x86_64 } from '../../lib/abi/index.ts';
import { ask } from '../../lib/abi-tools/ask.ts';
import type { CheckRow } from '../../lib/abi-tools/check.ts';
import { compileC } from '../../lib/abi-tools/compile-c.ts';
import { clangFile, compilersFor } from '../../lib/abi-tools/compilers.ts';
import { CEmitter } from '../../lib/abi-tools/emit-c.ts';
import { TypeMaker } from '../../lib/abi-tools/fuzz-types.ts';
import { Random } from '../../lib/abi-tools/random.ts';
import { abi } from './cli.ts';
import { noClang, noCompiler } from './tools.ts';

// C++ has neither _Generic nor designators for every member: what it is asked must find the same.

const folder = mkdtempSync(join(tmpdir(), 'syslets-cpp-types-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const missing = await noClang();

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

interface Case {
  /** In C. */
  readonly header: string;
  /** The wrong definition, `export const s = …` of it, or all. */
  readonly ours: string;
  /** What differs: of which member, and what the header has there. */
  readonly shown: readonly (readonly [what: string, theirs: string])[];
}

/** A member that is `theirs` in C and `ours` with us, before a long that hides its size. */
function member(theirs: string, ours: string, shown: string, before = ''): Case {
  const [type, suffix = ''] = theirs.split(' @');
  return {
    header: `${before} struct s$ { ${type} x${suffix}; long z; };`,
    ours: `struct('s$', { x: ${ours}, z: long })`,
    shown: [['type of x', shown]],
  };
}

/** A bit-field between others. */
function field(theirs: string, ours: string, shown: readonly (readonly [string, string])[]): Case {
  return {
    header: `enum e$ { A$, B$ = 5 }; struct s$ { int a : 3; ${theirs}; int c : 4; long z; };`,
    ours: `struct('s$', { a: bits(int, 3), ${ours}, c: bits(int, 4), z: long })`,
    shown,
  };
}

const cases: Readonly<Record<string, Case>> = {
  'a float for an integer': member('float', 'i32', 'float, 4 bytes'),
  'a typedef that names itself an integer': member(
    's32',
    'i32',
    'float, 4 bytes',
    'typedef float s32;',
  ),
  'an integer for a float': member('int', 'float', 'signed, 4 bytes'),
  'a double for a long': member('double', 'longlong', 'float, 8 bytes'),
  'another sign': member('int', 'u32', 'signed, 4 bytes'),
  'another sign of a byte': member('signed char', 'uchar', 'signed, 1 byte'),
  'another sign of a long': member('unsigned long', 'long', 'unsigned, 8 bytes'),
  'a bool for a byte': member('bool', 'u8', 'bool, 1 byte'),
  'a byte for a bool': member('unsigned char', 'bool', 'unsigned, 1 byte'),
  'a shorter integer': member('short', 'int', 'signed, 2 bytes'),
  'an enumeration of a byte': member(
    'enum ch$',
    "enumeration('ch$', { R$: 0, G$: 200 })",
    'unsigned, 1 byte',
    'enum ch$ : unsigned char { R$, G$ = 200 };',
  ),
  'an enumeration with a sign': member(
    'enum n$',
    "enumeration('n$', { N$: 0 })",
    'signed, 4 bytes',
    'enum n$ { N$, M$ = -1 };',
  ),
  'a typedef with a name that is known': member(
    'size_t',
    'u64',
    'unsigned, 4 bytes',
    'typedef unsigned int size_t;',
  ),
  'a struct for an integer': member(
    'le32',
    'u32',
    'struct, 4 bytes',
    'typedef struct { unsigned char b[4]; } le32;',
  ),
  'a union for a struct': member(
    'union u$',
    "struct('u$', { a: int })",
    'union, 4 bytes',
    'union u$ { int a; };',
  ),
  'a pointer for an integer': member('void *', 'u64', 'pointer, 8 bytes'),
  'an integer for a pointer': member('unsigned long', 'pointer()', 'unsigned, 8 bytes'),
  'a vector': member(
    'v2',
    'u64',
    'something else, 8 bytes',
    'typedef int v2 __attribute__((vector_size(8)));',
  ),
  'an array for one': member('int @[2]', 'u64', 'array, 8 bytes'),
  'one for an array': member('int', 'array(u8, 4)', 'signed, 4 bytes, not in [4]'),
  'other dimensions': member('char @[2][3]', 'array(array(char, 2), 3)', 'not in [3][2]'),
  'a dimension too few': member('short @[2][3]', 'array(short, 6)', 'array, 6 bytes'),
  'another element': member('short @[2]', 'array(u16, 2)', 'signed, 2 bytes, in [2]'),
  'an array of pointers': member('char * @[2]', 'array(u64, 2)', 'pointer, 8 bytes, in [2]'),
  'a flexible tail of another element': {
    header: 'struct s$ { int n; float t[]; };',
    ours: "struct('s$', { n: int, t: flexible(int) })",
    shown: [['type of t', 'float, 4 bytes, in []']],
  },
  'a member inside of what has no tag': {
    header:
      'struct s$ { struct { char c; struct { float f; } d[2]; } in; union { long l; double g; }; };',
    ours: `struct('s$', { in: struct('', { c: char, d: array(struct('', { f: int }), 2) }),
      _u: anonymous(union('', { l: long, g: longlong })) })`,
    shown: [
      ['type of in.d[0].f', 'float, 4 bytes'],
      ['type of g', 'float, 8 bytes'],
    ],
  },
  'a member inside of what has a tag': {
    header: 'struct in$ { char c; float f; }; struct s$ { int n; struct in$ i[3]; };',
    ours: "struct('s$', { n: int, i: array(struct('in$', { c: char, f: u32 }), 3) })",
    shown: [['type of i[0].f', 'float, 4 bytes']],
  },
  'an enumerator of what is only inside': {
    header:
      'enum e$ { A$, B$ = 5 }; struct s$ { enum e$ m; enum { C$ = 3 } own[2]; enum e$ f : 4; };',
    ours: `struct('s$', { m: enumeration('e$', { A$: 0, B$: 6 }), own: array(enumeration('', { C$: 4 }), 2),
      f: bits(enumeration('e$', { A$: 1, B$: 5 }), 4) })`,
    shown: [
      ['value of B$', '5'],
      ['value of C$', '3'],
      ['value of A$', '0'],
    ],
  },
  'an enumeration of its own': {
    header: 'enum k$ { K$ = 1, L$ = 7 };',
    ours: "enumeration('k$', { K$: 1, L$: 8 }, { base: 'int' })",
    shown: [
      ['type', 'unsigned, 4 bytes'],
      ['value of L$', '7'],
    ],
  },
  'a bit-field with another sign': field('unsigned b : 5', 'b: bits(int, 5)', [
    ['type of b', 'unsigned'],
  ]),
  'a bit-field that is a bool': field('bool b : 1', 'b: bits(uint, 1)', [['type of b', 'bool']]),
  'a bit-field of an enumeration': field(
    'enum e$ b : 4',
    "b: bits(enumeration('e$', { A$: 0, B$: 5, N$: -1 }), 4)",
    [['type of b', 'unsigned']],
  ),
  'a bit-field of another width': field('int b : 5', 'b: bits(int, 4), _g: unnamedBits(int, 1)', [
    ['bits of b', '3:5'],
  ]),
  'bit-fields in another order': field('int b : 5; int d : 2', 'd: bits(int, 2), b: bits(int, 5)', [
    ['bits of b', '3:5'],
    ['bits of d', '8:2'],
  ]),
  'bit-fields inside of others': {
    header:
      'struct s$ { int n; struct { char c; int a : 4, b : 3; } in[2]; struct { int q : 9; }; };',
    ours: `struct('s$', { n: int,
      in: array(struct('', { c: char, a: bits(int, 3), _: unnamedBits(int, 1), b: bits(int, 3) }), 2),
      _s: anonymous(struct('', { q: bits(int, 8) })) })`,
    shown: [
      ['bits of in[0].a', '8:4'],
      ['bits of q', '96:9'],
    ],
  },
  'a bit-field of a union': {
    header: 'union s$ { float f; unsigned b : 11; long z; };',
    ours: "union('s$', { f: float, b: bits(uint, 10), z: long })",
    shown: [['bits of b', '0:11']],
  },
};

const names =
  'anonymous, array, bits, bool, char, enumeration, flexible, float, i32, int, long, longlong, pointer, short, struct, u16, u32, u64, u8, uchar, uint, union, unnamedBits';

/** Each under names of its own, all in one header: `$` is the case's number. */
const numbered = Object.entries(cases).map(([name, { header, ours, shown }], index) => {
  const own = (text: string) => text.replaceAll('$', `_${index}`);
  const lines = shown.map(([what, theirs]) => [own(what), theirs] as const);
  return { name, index, header: own(header), ours: own(ours), shown: lines };
});

async function checked(): Promise<readonly CheckRow[]> {
  const definitions = numbered.map(({ index, ours }) => `export const s_${index} = ${ours};`);
  const headers = ['#include <stdbool.h>', ...numbered.map(({ header }) => header), ''];
  const ours = file(
    'all.ts',
    `import { ${names} } from 'syslets/abi';\n${definitions.join('\n')}\n`,
  );
  const args = ['check', ours, '--header', file('all.h', headers.join('\n'))];
  const { stdout, stderr } = await abi([...args, '-t', 'x86_64,x86_64:c++,ppc64:c++', '--json']);
  if (stdout === '') throw new Error(stderr);
  const { rows } = JSON.parse(stdout) as { readonly rows: readonly CheckRow[] };
  return rows.filter(({ status }) => status !== 'not checked');
}

/** Of one case; objects with values are those of C alone. */
function told({ differences }: CheckRow, index: number): { what: string; theirs: string }[] {
  const own = differences.filter(({ record, what }) => {
    return record.endsWith(`_${index}`) && what !== 'initialised bytes';
  });
  return own.map(({ what, theirs }) => ({ what, theirs }));
}

const rows = missing ? [] : await checked();
const inCpp = rows.filter(({ target }) => target.endsWith(':c++'));

describe.skipIf(missing)(`check for C++${missing ? `: ${missing}` : ''}`, () => {
  it('says that no initialised bytes are compared there', async () => {
    const of = (language: string) => rows.filter(({ target }) => target.endsWith(language));
    for (const { uncompared } of of(':c++')) expect(uncompared).toEqual(['initialised bytes']);
    for (const { uncompared } of of('x86_64')) expect(uncompared).toEqual([]);
    const { stdout } = await abi(['check', '-t', 'x86_64,x86_64:c++']);
    expect(stdout).toMatch(
      /^initialised bytes: not compared: C\+\+ cannot initialise every member \(x86_64:c\+\+\)$/m,
    );
  });

  // So there is no byte order to compare: GCC has the attribute, and says that it ignores it in C++.
  it('has the byte order of the target in all members, as GCC has it', async ({ skip }) => {
    const gcc = await noCompiler('x86_64', 'cc');
    if (gcc) skip(gcc);
    const compiler = compilersFor('x86_64').find(({ name }) => name === 'cc');
    if (!compiler) throw new Error('no cc of x86_64');
    const text = `struct s { int a; } __attribute__((scalar_storage_order("big-endian")));
#pragma scalar_storage_order big-endian
struct t { int a; };
struct s ours = { 1 }; struct t other = { 1 };`;
    const bytesOf = async (target: Target) => {
      const made = await compileC(text, target, compiler, []);
      if (typeof made === 'string') throw new Error(made);
      return ['ours', 'other'].map((name) => made.bytesOf(name)?.[0]);
    };
    const inC = await bytesOf(x86_64);
    if (inC[0] !== 0) skip('cc has no scalar_storage_order: it is no GCC');
    expect(await bytesOf(cpp(x86_64))).toEqual([1, 1]);
  });

  it('asks clang for both targets', () => {
    const asked = inCpp.filter(({ compiler }) => compiler === clangFile());
    expect(asked.map(({ target }) => target)).toEqual(['x86_64:c++', 'ppc64:c++']);
  });

  it.for(numbered)('sees $name, as for C', ({ index, shown }) => {
    expect(inCpp.length).toBeGreaterThan(0);
    for (const row of inCpp) {
      expect(row.refusals.filter(({ record }) => record.endsWith(`_${index}`))).toEqual([]);
      const found = told(row, index);
      for (const [what, theirs] of shown) {
        expect(found).toContainEqual({ what, theirs: expect.stringContaining(theirs) });
      }
      const inC = rows.find((one) => one.target === 'x86_64' && one.compiler === row.compiler);
      if (!inC || row.target !== 'x86_64:c++') continue;
      const whats = (list: typeof found) => list.map(({ what }) => what).sort();
      expect(whats(found)).toEqual(whats(told(inC, index)));
    }
  });
});

describe.skipIf(missing)(`a header for C++${missing ? `: ${missing}` : ''}`, () => {
  const args = ['-t', 'x86_64:c++,i386:c++', '--json'];

  /** Of the compilers that are here. */
  async function rowsOf(given: readonly string[]): Promise<readonly CheckRow[]> {
    const { stdout, stderr } = await abi(['check', ...given, ...args]);
    if (stdout === '') throw new Error(stderr);
    const { rows } = JSON.parse(stdout) as { readonly rows: readonly CheckRow[] };
    const asked = rows.filter(({ answers }) => answers > 0);
    expect(asked.map(({ compiler }) => compiler)).toContain(clangFile());
    return asked;
  }

  const secret = (more = '') => `struct s { int a;
#ifdef __cplusplus
private:
#endif
  short b; unsigned c : 3; struct { int x, y; } in; ${more}
  enum color { RED = 2, BLUE } col;
#ifdef __cplusplus
protected:
#endif
  struct deep { char q; long w; } d; char tail[3];
};
struct t { struct s one; int z; };
`;

  it('is asked about members and types that are private in it', async () => {
    for (const row of await rowsOf([file('secret.h', secret())])) {
      expect(row).toMatchObject({ status: 'same', types: 4, refusals: [], unchecked: [] });
    }
  });

  it('is asked about members of a private base', async () => {
    const text = `#ifdef __cplusplus
struct base { int pub; int more; };
struct s : private base { char z; };
#else
struct s { int pub; int more; char z; };
#endif
`;
    for (const row of await rowsOf([file('base.h', text), '--struct', 's'])) {
      expect(row).toMatchObject({ status: 'same', types: 1, refusals: [] });
    }
  });

  it('shows private members that are other ones, and those that a definition lacks', async () => {
    const ours = file(
      'secret.ts',
      `import { bits, array, char, enumeration, int, long, struct, u16, uint } from 'syslets/abi';
const deep = struct('deep', { q: char, w: long });
export const s = struct('s', { a: int, b: u16, c: bits(uint, 4), in: struct('', { y: int, x: int }),
  col: enumeration('color', { RED: 2, BLUE: 4 }), d: deep, tail: array(char, 3) });\n`,
    );
    const header = file('more.h', secret('short more;'));
    for (const { differences } of await rowsOf([ours, '--header', header])) {
      expect(differences.map(({ what }) => what)).toEqual(
        expect.arrayContaining([
          ...['type of b', 'bits of c', 'offset of in.x', 'value of BLUE', 'member more'],
        ]),
      );
    }
  });

  it('is not believed where it is another one with access control off', async () => {
    const text = `#ifdef __cplusplus
template <class T> struct sees { template <class U> static char f(__typeof__(((U *)0)->hidden) *);
  template <class U> static long f(...); enum { n = sizeof(f<T>(0)) }; };
class closed { int hidden; };
#endif
struct s {
#ifdef __cplusplus
private:
  int b; char pad[sees<closed>::n];
#else
  int b; char pad[1];
#endif
};
`;
    const { stderr, status } = await abi([
      'check',
      file('asks.h', text),
      ...['--struct', 's', '-t', 'x86_64:c++'],
    ]);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining("cannot be imported: size would be 8, the compiler's is 12"),
    ]);
  });

  it('is asked about what is declared in a struct or union without a name', async () => {
    const text = `struct ip { union { struct ctl { int flow; short p; enum in_ctl { AA = 1, BB = 7 } e; } un1;
  struct row { int *p; } rows[2][3]; struct far { char z; } *far; enum bf { X1 = 1, X2 } b : 4; } un; int last; };
typedef struct { struct in { int m; } k; struct { struct deepest { long l; } dd; } uu; } outer;
void ip(void);
`;
    const header = file('inner.h', text);
    for (const row of await rowsOf([header])) {
      expect(row).toMatchObject({ status: 'same', types: 9, refusals: [], unchecked: [] });
    }
    const ours = file(
      'inner.ts',
      `import { enumeration, int, short, struct, u16 } from 'syslets/abi';
export const in_ctl = enumeration('in_ctl', { AA: 1, BB: 8 });
export const ctl = struct('ctl', { flow: int, p: u16, e: in_ctl });\n`,
    );
    for (const { differences } of await rowsOf([ours, '--header', header])) {
      expect(differences.map(({ record, what }) => `${record}: ${what}`).sort()).toEqual([
        'enum in_ctl: value of BB',
        'struct ctl: type of p',
      ]);
    }
  });
});

const seed = Date.now() % 2 ** 30;

describe.skipIf(missing)(`random structs in C++${missing ? `: ${missing}` : ''}`, () => {
  const some = ['x86_64', 'i386', 'ppc64'] as const;

  it.for(some)(`have clang's layout on %s (seed ${seed})`, async (name) => {
    const target = cpp(targets[name]);
    const compiler = compilersFor(name).find(({ file }) => file === clangFile());
    if (!target || !compiler) throw new Error(`no C++ for ${name}`);
    const maker = new TypeMaker(new Random(seed), [target]);
    const types = Array.from({ length: 60 }, () => maker.record());
    const sourceOf = (part: readonly RecordType[]) => {
      const emitter = new CEmitter(target);
      const questions = part.map((type) => ({ name: emitter.declareRecord(type), type }));
      return { prelude: emitter.text, questions };
    };
    const answer = await ask(types, sourceOf, target, compiler);
    expect(answer).toEqual({ asked: expect.any(Number), differences: [], refusals: [] });
    expect(answer.asked).toBeGreaterThan(types.length * 2);
  });
});

it('has a source of C++ compiled once, for questions and for what the header has more', async ({
  skip,
}) => {
  if (missing) skip(missing);
  const [log, program] = [join(folder, 'starts'), file('counting', '')];
  writeFileSync(program, `#!/bin/sh\necho "$*" >>'${log}'\nexec '${clangFile()}' "$@"\n`);
  chmodSync(program, 0o755);
  const header = file(
    'once.h',
    `struct once { int x; unsigned b : 3;
#ifdef __cplusplus
  short more;
#endif
}; enum color { RED, GREEN = 7 };`,
  );
  const definition = file(
    'once.ts',
    `import { bits, enumeration, int, struct, uint } from 'syslets/abi';
export const once = struct('once', { x: int, b: bits(uint, 3) });
export const color = enumeration('color', { RED: 0, GREEN: 7 });`,
  );
  const { stdout } = await abi(['check', definition, '--header', header, '-t', 'x86_64:c++'], {
    SYSLETS_CLANG: program,
  });
  expect(stdout).toMatch(/member more +- +short at 6, 2 bytes/);
  const compiled = readFileSync(log, 'utf8').split('\n');
  // Import asks by what names C++ reaches the types.
  expect(compiled.filter((one) => / -x c\+\+ .*-c /.test(one))).toHaveLength(2);
});
