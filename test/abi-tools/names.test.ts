import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CheckRow } from '../../lib/abi-tools/check.ts';
import { clangFile } from '../../lib/abi-tools/compilers.ts';
import type { DiffRow } from '../../lib/abi-tools/diff.ts';
import { run, whyNo } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

// What a definition, a header, a binary and a compiler call one type.

const folder = mkdtempSync(join(tmpdir(), 'syslets-names-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const missing = await noClang();

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function rowsOf(...args: readonly string[]): Promise<readonly CheckRow[]> {
  const { stdout, stderr } = await abi(['check', '-t', 'x86_64', '--json', ...args]);
  if (stdout === '') throw new Error(stderr);
  const { rows } = JSON.parse(stdout) as { readonly rows: readonly CheckRow[] };
  const asked = rows.filter(({ status }) => status !== 'not checked');
  expect(asked.length).toBeGreaterThan(0);
  return asked;
}

/** Imports a header, and checks what that gives against it. */
async function roundTrip(name: string, text: string): Promise<readonly CheckRow[]> {
  const header = file(`${name}.h`, text);
  const made = join(folder, `${name}.ts`);
  const { stderr } = await abi(['import', header, '-t', 'x86_64', '-o', made]);
  expect(stderr).toBe('');
  return rowsOf(made, '--header', header);
}

const imported: Readonly<Record<string, string>> = {
  'a name of JavaScript': 'struct Object { int a; }; union undefined { int b; };',
  'a tag and a typedef that aligns more':
    'struct s { char c; int z; }; typedef struct s s __attribute__((aligned(16))); struct t { char c; s z; struct s y; };',
  'such a typedef first':
    'typedef struct s s __attribute__((aligned(16))); struct s { char c; int z; };',
  'a tag and a typedef of another type':
    'struct t { int a; }; typedef union { long z; } t; struct v { t p; struct t q; };',
  'a tag that is exported twice': 'struct a { int x; }; typedef struct a b; struct c { b y; };',
};

describe.skipIf(missing)(`names${missing ? `: ${missing}` : ''}`, () => {
  it.for(Object.entries(imported))('%s is checked under its name in C', async ([name, text]) => {
    for (const row of await roundTrip(name.replaceAll(' ', '-'), text)) {
      expect([row.status, row.unchecked]).toEqual(['same', []]);
    }
  });

  it('asks about names that no macro can have', async () => {
    const level =
      'struct level { int *level; unsigned char defined; };\nstruct user { struct level l[2]; };';
    const operators = 'enum op { and = 1, defined, xor };\nstruct op_of { enum op or; };';
    const rows = [
      ...(await roundTrip('level', level)),
      ...(await roundTrip('operators', operators)),
    ];
    const [header, made] = [join(folder, 'level.h'), join(folder, 'level.ts')];
    rows.push(...(await rowsOf('-t', 'x86_64:c++', made, '--header', header)));
    expect(rows.map(({ target }) => target)).toContain('x86_64:c++');
    for (const row of rows) expect([row.compiler, row.status]).toEqual([row.compiler, 'same']);
  });

  it('asks what the header defines as macros beside its enumerators', async () => {
    const header = file(
      'macros.h',
      `enum e { A = 1,
#define A A
  B = 2 };
#define B 7
#define C 9
struct s { enum e x; };`,
    );
    const define = (c: number) =>
      file(
        `macros${c}.ts`,
        `import { enumeration, struct } from 'syslets/abi';
export const e = enumeration('e', { A: 1, B: 2, C: ${c} });
export const s = struct('s', { x: e });`,
      );
    for (const row of await rowsOf(define(9), '--header', header)) {
      expect([row.compiler, row.status]).toEqual([row.compiler, 'same']);
    }
    for (const row of await rowsOf(define(8), '--header', header)) {
      const one = { record: 'enum e', what: 'value of C', ours: '8', theirs: '9' };
      expect(row.differences).toEqual([one]);
    }
  });

  it('compares each type of a name that a program has several of', async ({ skip }) => {
    const noGcc = whyNo('gcc') ?? whyNo('ld');
    if (noGcc) skip(noGcc);
    const units = ['int', 'long'].map((type) => {
      const object = join(folder, `${type}.o`);
      run('gcc', ['-g', '-c', '-x', 'c', '-o', object, '-'], `struct a { ${type} x; } ${type}_;`);
      return object;
    });
    const program = join(folder, 'both.o');
    run('ld', ['-r', '-o', program, ...units]);
    const header = file('one.h', 'struct a { int x; };');
    for (const more of [[], ['--struct', 'a']]) {
      for (const row of await rowsOf('--header', header, '--against', program, ...more)) {
        expect(row.status).toBe('different');
        expect(row.types).toBe(2);
        expect(new Set(row.differences.map(({ record }) => record))).toEqual(
          new Set(['struct a (a__2)']),
        );
      }
    }
  });

  it('diff of a header and an object leaves out what the object does not tell', async ({
    skip,
  }) => {
    const noGcc = whyNo('gcc');
    if (noGcc) skip(noGcc);
    const text = `#pragma pack(2)
struct p { short a, b; int c; };
#pragma pack()
typedef struct { int a; } t __attribute__((aligned(8)));
struct v { t m; int n; struct p q; };`;
    const header = file('aligned.h', text);
    const object = join(folder, 'aligned.o');
    const source = `${text} struct p p; struct v v;`;
    run('gcc', ['-gdwarf-2', '-gstrict-dwarf', '-w', '-c', '-x', 'c', '-o', object, '-'], source);
    const { stdout } = await abi(['diff', '--json', `${header}@x86_64`, object]);
    const { different } = JSON.parse(stdout) as { different: { rows: readonly DiffRow[] }[] };
    const rows = different.flatMap((one) => one.rows);
    expect(rows).toEqual([]);
  });
});

const newer = `enum e : unsigned char { A = 200 };
typedef typeof((char)0) c;
typedef typeof(nullptr) nullptr_t;
static_assert(sizeof(int) == 4);
constexpr int K = 3;
struct [[gnu::packed]] s { bool a; enum e b; c t[K]; typeof(long) l; void *p; };
struct n { nullptr_t x; };
struct w { _BitInt(17) b; };
`;

describe.skipIf(missing)('--std', () => {
  it('reads a header by the standard that it is written for', async () => {
    const header = file('c23.h', newer);
    const old = await abi(['import', header, '-t', 'x86_64']);
    expect([old.status, old.stdout]).toEqual([2, '']);
    expect(old.stderr).toMatch(/^a header of C23 is read with --std c23$/m);
    const { stdout, stderr } = await abi(['import', header, '-t', 'x86_64', '--std', 'c23']);
    expect(stdout).toContain("struct('s', {");
    expect(stderr).toMatch(/struct n: member 'x': it uses the type 'nullptr_t'/);
    expect(stderr).toMatch(/struct w: member 'b': it uses the type '_BitInt\(17\)'/);
    const rows = await rowsOf(header, '--std', 'c23');
    const own = rows.filter(({ compiler }) => compiler === clangFile());
    expect(own.map(({ status, types }) => [status, types])).toEqual([['same', 2]]);
  });

  it('reads enumerations with a type of their own before they have enumerators', async () => {
    const header = file(
      'announced.h',
      `enum op : unsigned short; enum late : int; struct q { enum op o; enum late l; int n; };
enum late : int { LA = -4 }; enum late : int; enum never; struct p { enum never *e; };`,
    );
    const { stdout, stderr } = await abi(['import', header, '-t', 'x86_64', '--std', 'c23']);
    expect(stderr).toBe('');
    expect(stdout).toContain("op = enumeration('op', {}, { base: 'ushort' });");
    expect(stdout).toMatch(/late = enumeration\('late', \{\s+LA: -4,\s+\}, \{ base: 'int' \}\);/);
    const rows = await rowsOf(header, '--std', 'c23');
    const own = rows.filter(({ compiler }) => compiler === clangFile());
    expect(own.map(({ status, types }) => [status, types])).toEqual([['same', 4]]);
  });

  it('says what is none', async () => {
    const header = file('any.h', 'struct s { int a; };');
    const none = await abi(['show', `${header}:s`, '--std', 'c99x']);
    expect([none.status, none.stderr]).toEqual([2, expect.stringContaining("'c99x'")]);
    const word = await abi(['show', `${header}:s`, '--std', 'a b']);
    expect([word.status, word.stderr]).toEqual([2, expect.stringContaining('c23')]);
  });
});

describe.skipIf(missing)('export', () => {
  it('packs an enumeration of an object where that gives its integer', async ({ skip }) => {
    const noGcc = whyNo('gcc') ?? whyNo('g++');
    if (noGcc) skip(noGcc);
    const text = `enum __attribute__((packed)) small { S = -1, T = 100 };
enum __attribute__((packed)) wide { W = 300 }; struct packs { char c; enum small s; enum wide w; } packs;`;
    const object = join(folder, 'packs.o');
    run('gcc', ['-g', '-c', '-x', 'c', '-o', object, '-'], text);
    const made = join(folder, 'packs.out.h');
    await abi(['export', `${object}:packs`, '-o', made]);
    expect(readFileSync(made, 'utf8')).toMatch(/^enum __attribute__\(\(packed\)\) small \{$/m);
    // The header's own assertions tell the sizes.
    const size = '#ifdef __cplusplus\nstatic_assert\n#else\n_Static_assert\n#endif\n';
    const source = `#include "${made}"\n${size}(sizeof(enum small) == 1 && sizeof(enum wide) == 2, "");`;
    run('gcc', ['-fsyntax-only', '-std=gnu11', '-x', 'c', '-'], source);
    run('g++', ['-fsyntax-only', '-x', 'c++', '-'], source);
  });

  const header = `typedef enum { EA = 1 } ea; typedef enum { FA = 5 } fa;
enum enumeration { ZZ = 3 };
struct x { ea a; fa b; enum enumeration c; struct x *next; };
enum this { and = 2 };
struct y { ea a; struct { int in; } or[2]; struct { struct { char c; } t[2]; } arr[2]; };
struct class { int class, new, class_; enum this this; struct { int delete; } template; long operator : 3; struct class *next; };
`;

  it('gives headers that C and C++ take, side by side', async () => {
    const source = file('export.h', header);
    const names = ['x', 'y', 'class'];
    for (const name of names) {
      const made = join(folder, `made-${name}.h`);
      const { stderr, status } = await abi(['export', `${source}:${name}`, '-o', made]);
      expect([status, stderr]).toEqual([0, '']);
    }
    const lines = includes('made', names);
    const uses = {
      c: 'int f(struct class *p) { return p->class; }',
      'c++': 'int f(struct class__ *p) { return p->class__; }',
    };
    for (const [language, use] of Object.entries(uses)) {
      expect(errorsOf(language, lines + use)).toEqual([]);
    }
  });

  /** Exports types of a header, each to a header of its own. */
  async function exported(kind: string, text: string, names: readonly string[]): Promise<void> {
    const source = file(`${kind}.h`, text);
    for (const name of names) {
      const made = join(folder, `${kind}-${name}.h`);
      const args = ['export', `${source}:${name}`, '-t', 'x86_64,i386', '-o', made];
      const { stderr, status } = await abi(args);
      expect([name, status, stderr]).toEqual([name, 0, '']);
    }
  }

  function includes(kind: string, names: readonly string[]): string {
    return names.map((name) => `#include "${kind}-${name}.h"\n`).join('');
  }

  function errorsOf(language: string, input: string): string[] {
    return [clangFile(), 'g++']
      .filter((one) => !whyNo(one))
      .flatMap((compiler) => {
        const args = ['-x', language, '-fsyntax-only', `-I${folder}`, '-'];
        const { stderr } = spawnSync(compiler, args, { input });
        return `${stderr}`.split('\n').filter((line) => line.includes('error'));
      });
  }

  const shared = `typedef enum { EA = 1 } ea; typedef enum { FA = 5 } fa;
typedef struct { int a; struct { int q; } in[2]; ea e; } item;
struct node { struct node *next; item it; item v[2]; ea e; };
struct Node { struct { char c; } z[2]; struct node n; struct item *p; enum { RED, GREEN } c; ea e; fa f; };
typedef struct { int a; } up __attribute__((aligned(8)));
struct has { up u; struct { int odd; } w[3]; struct Node n[2]; struct item *q; };
`;

  it('gives headers that share types and names, in any order', async () => {
    const names = ['item', 'node', 'Node', 'up', 'has'];
    await exported('shared', shared, names);
    for (const order of [names, names.toReversed()]) {
      for (const language of ['c', 'c++']) {
        const use = `${includes('shared', order)}int f(struct Node *p) { return p->n.it.in[1].q; }`;
        expect([order, language, errorsOf(language, use)]).toEqual([order, language, []]);
      }
    }
  });

  const inner = (type: string, outer: string) =>
    `struct inner { struct { ${type} q; } in[2]; }; struct ${outer} { struct inner i; };`;
  const aligned = (type: string, outer: string) =>
    `struct inner { ${type} a[2] __attribute__((aligned(16))); }; struct ${outer} { struct inner i; };`;
  const different: readonly [string, string, string, string][] = [
    [inner('int', 'one'), 'one', inner('float', 'two'), 'two'],
    [aligned('int', 'one'), 'one', aligned('float', 'two'), 'two'],
    ['struct inner { int a; };', 'inner', 'struct inner { float a; };', 'inner'],
  ];

  it.each(different)('of %s and %s make an error together', async (a, one, b, other) => {
    await exported('older', a, [one]);
    await exported('newer', b, [other]);
    const both = includes('older', [one]) + includes('newer', [other]);
    for (const language of ['c', 'c++']) {
      expect(errorsOf(language, both)).toContainEqual(
        expect.stringContaining('struct inner is another one than in a header before this one'),
      );
    }
  });

  it('makes an error in C++ of a member that it alone has under another name', async () => {
    const text = 'struct s { int class; }; struct x { int class_; struct s i; };';
    await exported('spelled', text, ['s', 'x']);
    const message = 'struct s is another one than in a header before this one';
    for (const order of [
      ['s', 'x'],
      ['x', 's'],
    ]) {
      expect(errorsOf('c++', includes('spelled', order))[0]).toContain(message);
      expect(errorsOf('c', includes('spelled', order))).toEqual([]);
    }
  });

  it.each([
    'struct info { int page_aligned; }; struct page { struct info i; }; struct book { struct info i; };',
    'struct page { int x; }; typedef struct { int y; } struct_page; struct book { struct page p; struct_page q; };',
  ])('mixes up no names of %s', async (text) => {
    const names = ['page', 'book', ...(text.includes('struct_page') ? ['struct_page'] : [])];
    await exported('mixed', text, names);
    for (const language of ['c', 'c++']) {
      expect(errorsOf(language, includes('mixed', [...names, ...names]))).toEqual([]);
    }
  });
});

/** What a compiler takes for its own in a header: all the macros that have no `_` in front. */
function macrosOf(compiler: string): string[] {
  const input = '#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n';
  const { stdout } = spawnSync(compiler, ['-std=gnu11', '-E', '-dM', '-x', 'c', '-'], { input });
  return [...`${stdout}`.matchAll(/^#define ([A-Za-z]\w*)/gm)].map(([, name = '']) => name);
}

const compilers = [clangFile(), 'gcc'].filter((one) => !whyNo(one));
const newerC =
  'alignas alignof bool constexpr false nullptr static_assert thread_local true typeof typeof_unqual';

describe.skipIf(compilers.length === 0)('export of names that are taken', () => {
  const macros = [...new Set(compilers.flatMap(macrosOf))];
  const names = [
    ...new Set([...macros, ...newerC.split(' '), 'size_t', 'int8_t', 'asm', 'wchar_t']),
  ];
  const members = names.map((name) => `${name}: int`).join(', ');
  const values = ['NULL', 'SIZE_MAX', 'uint32_t', 'ptrdiff_t', 'nullptr'];
  const text = `import { array, bits, enumeration, int, pointer, struct, union, size_t, u8, unnamedBits } from 'syslets/abi';
const e = enumeration('typeof', { ${values.map((name, at) => `${name}: ${at}`).join(', ')} });
export const s = struct('s', { ${members}, tail: size_t,
  p: pointer('struct class'), q: array(pointer('union bool'), 2), r: pointer('struct s') });
export const t = struct('thread_local', { e, bit: bits(int, 3), gap: unnamedBits(e, 4), true_: u8, in: union('NULL', { nullptr: u8 }) });`;

  it('renames them where a compiler would not take them', async () => {
    expect(macros).toContain('SIZE_MAX');
    const source = file('taken.ts', text);
    for (const name of ['s', 't']) {
      const made = join(folder, `taken-${name}.h`);
      const { stderr, status } = await abi([
        'export',
        `${source}:${name}`,
        '-t',
        'x86_64',
        '-o',
        made,
      ]);
      expect([status, stderr]).toEqual([0, '']);
    }
    const input = '#include "taken-s.h"\n#include "taken-t.h"\n';
    for (const compiler of compilers) {
      for (const std of ['c11', 'gnu17', 'c2x', 'c++11', 'gnu++20']) {
        const args = ['-x', std.includes('++') ? 'c++' : 'c', `-std=${std}`, '-fsyntax-only'];
        const { stderr, status } = spawnSync(compiler, [...args, `-I${folder}`, '-'], { input });
        expect([compiler, std, status, `${stderr}`]).toEqual([compiler, std, 0, '']);
      }
    }
  });

  it('keeps a name that only newer C has taken in older C', async () => {
    const source = file('older.ts', text);
    const { stdout } = await abi(['export', `${source}:t`, '-t', 'x86_64']);
    const use = (name: string) => `${stdout}\nstruct ${name} x;\n`;
    for (const compiler of compilers) {
      const args = ['-std=c11', '-fsyntax-only', '-x', 'c', '-'];
      expect(spawnSync(compiler, args, { input: use('thread_local') }).status).toBe(0);
      expect(spawnSync(compiler, args, { input: use('thread_local_') }).status).not.toBe(0);
    }
  });
});
