import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { targets, x86_64 } from '../../lib/abi/index.ts';
import { clangFile } from '../../lib/abi-tools/compilers.ts';
import type { DiffRow } from '../../lib/abi-tools/diff.ts';
import { objectFor, run, whyNo } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

// Whole binaries: which types belong together, and what debug information leaves out.

const folder = mkdtempSync(join(tmpdir(), 'syslets-diff-binaries-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const missing = await noClang();
const noLinker = whyNo('ld');

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A source with that name, as an object. */
function unit(name: string, text: string, version = '5'): string {
  const source = file(name, text);
  const object = join(folder, `${name}.o`);
  const flags = ['--target=x86_64-linux-gnu', '-g', `-gdwarf-${version}`, '-w'];
  run(clangFile(), [...flags, '-c', '-o', object, source]);
  return object;
}

let count = 0;

function program(...units: readonly string[]): string {
  const made = join(folder, `program-${count++}.o`);
  run('ld', ['-r', '-o', made, ...units]);
  return made;
}

interface Told {
  readonly breaks: boolean;
  readonly different: readonly { readonly name: string; readonly rows: readonly DiffRow[] }[];
  readonly notHeld?: { readonly types: readonly string[]; readonly enumerators: readonly string[] };
  readonly oneSided?: readonly { readonly file: string; readonly enumerators: readonly string[] }[];
}

async function diff(a: string, b: string): Promise<Told & { readonly stderr: string }> {
  const { stdout, stderr } = await abi(['diff', `${a}@x86_64`, `${b}@x86_64`, '--json']);
  if (stdout === '') throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Told), stderr };
}

describe.skipIf(missing ?? noLinker)(`types of one name${missing ?? noLinker ?? ''}`, () => {
  const texts = {
    int: 'struct a { int x; }; struct a one; typedef struct { int u; } t; t ones;',
    long: 'struct a { long x; }; struct a two; typedef struct { long u; } t; t twos;',
    float: 'struct a { float x; }; struct a three; typedef struct { float u; } t; t threes;',
  };

  it('are the same in whatever order their units stand', async () => {
    const units = Object.entries(texts).map(([name, text]) => unit(`${name}.c`, text));
    const [first = '', ...others] = units;
    const { different } = await diff(program(...units), program(...others.reverse(), first));
    expect(different).toEqual([]);
  });

  it('are those of one unit where one has changed, and one that is gone is told', async () => {
    const [i, l, f] = Object.entries(texts).map(([name, text]) => unit(`${name}.c`, text));
    const before = program(i as string, l as string, f as string);
    const changed = unit('long.c', texts.long.replace('long x', 'unsigned x; int y'));
    const now = await diff(before, program(f as string, changed, i as string));
    const [one, ...more] = now.different;
    expect([one?.name, more]).toEqual(['a__2', []]);
    expect(one?.rows.map(({ what }) => what)).toEqual(['alignment', 'x', 'y']);
    const less = await diff(before, program(f as string, i as string));
    expect(less.different.map(({ name, rows }) => [name, rows[0]?.what, rows[0]?.b])).toEqual([
      ['a__2', 'type', '-'],
      ['t__2', 'type', '-'],
    ]);
  });

  it('are typedefs of arrays of large enumerations, told apart by their values', async () => {
    const source = (bit: number) =>
      `typedef enum { BIG = 1ull << ${bit} } pair[2]; __attribute__((used)) static pair at;`;
    const [one, same, other] = [40, 40, 41].map((bit, at) => unit(`big-${at}.c`, source(bit)));
    const alike = await diff(one as string, program(one as string, same as string));
    expect([alike.different, alike.stderr]).toEqual([[], '']);
    const mixed = await diff(one as string, program(one as string, other as string));
    expect(mixed.stderr).toContain('units there give that name to several types');
  });
});

describe('a name such as x__2 that C has itself', () => {
  it('is no second x, in definitions or in headers', async () => {
    const module = (x: string, second: string) =>
      file(
        `names-${count++}.ts`,
        `import { i32, i64, struct } from 'syslets/abi';
export const vec = struct('', { a: ${x} });
export const vec__2 = struct('', { a: ${second} });`,
      );
    const { different } = await diff(module('i32', 'i64'), module('i64', 'i32'));
    expect(different.map(({ name }) => name)).toEqual(['vec', 'vec__2']);
    const grown = await diff(module('i32', 'i32'), module('i64', 'i32'));
    expect(grown.different.map(({ name }) => name)).toEqual(['vec']);
  });

  it.skipIf(missing)(`is no second x, in objects${missing ?? ''}`, async () => {
    const object = (x: string, second: string) =>
      unit(
        `names-${count++}.c`,
        `typedef struct { ${x} a; } vec; typedef struct { ${second} a; } vec__2; vec v; vec__2 w;`,
      );
    const { different } = await diff(object('int', 'long'), object('long', 'int'));
    expect(different.map(({ name }) => name)).toEqual(['vec', 'vec__2']);
    const sizes = different.map(({ rows }) => rows.find(({ what }) => what === 'size'));
    expect(sizes.map((row) => [row?.a, row?.b])).toEqual([
      ['4', '8'],
      ['8', '4'],
    ]);
  });
});

describe.skipIf(missing)(`a class that cannot be read any more${missing ?? ''}`, () => {
  it('is a difference of its own status', async () => {
    const object = (text: string) => {
      const source = file(`class-${count++}.cc`, text);
      const flags = ['--target=x86_64-linux-gnu', '-fstandalone-debug', '-g'];
      run(clangFile(), [...flags, '-c', '-o', `${source}.o`, source]);
      return `${source}.o`;
    };
    const classes = (more: string) =>
      object(`namespace ns { struct A { int x; ${more} }; } struct B { int y; }; ns::A a; B b;`);
    const [plain, changed] = [classes(''), classes('virtual ~A() {}')];
    const { status, stdout, stderr } = await abi(['diff', plain, changed]);
    expect(stdout).toMatch(
      /^ns::A\n.*\n.*\ntype +struct ns_A, 4 bytes +not read: it has virtual functions: .* not known$/m,
    );
    expect(stdout).toMatch(/1 difference, 1 could not be compared\n$/);
    expect(stderr).toContain('not compared: struct ns::A of ');
    expect(status).toBe(2);
    const same = await abi(['diff', changed, changed]);
    expect(same).toMatchObject({ stdout: 'no difference in what was compared\n', status: 0 });
  });
});

describe.skipIf(missing)('enumerations without a name', () => {
  const before = `enum { K1 = 1, K2 = 2 }; struct s { enum { M1, M2 = 4 } m; int x; } s;
typedef enum { T1 = 8 } t; t typed; int uses(int x) { enum { L = 3 }; return x == K1 ? K2 : L; }`;
  const after = before.replace('K2 = 2', 'K2 = 3');
  const loose = 'enumerators without a type';

  it.for(['DWARF 4', 'DWARF 5', 'GCC', 'BTF'])('are compared (%s)', async (kind, { skip }) => {
    const noGcc = kind === 'GCC' && whyNo('gcc');
    if (noGcc) skip(`${noGcc}: clang alone was asked`);
    const made = (text: string) => {
      if (kind === 'GCC') return objectFor(folder, text, x86_64, ['-g'], 'gcc');
      if (kind !== 'BTF') return unit(`loose-${count++}.c`, text, kind.slice(-1));
      const object = join(folder, `loose-${count++}.o`);
      run(clangFile(), ['--target=bpf', '-g', '-w', '-c', '-o', object, file('loose.c', text)]);
      return object;
    };
    const wanted = [{ what: 'enum.K2', a: '2', b: '3', breaks: 'value' }];
    const { different } = await diff(made(before), made(after));
    expect(different).toMatchObject([{ name: loose, rows: wanted }]);
    const inTypes = after.replace('M2 = 4', 'M2 = 5').replace('T1 = 8', 'T1 = 9');
    const rows = (await diff(made(after), made(inTypes))).different.map(({ name }) => name);
    expect(rows.sort()).toEqual(['s', 't']);
  });

  it('are compared with those of a header, which a binary need not have', async () => {
    const object = unit('loose.c', `${before} enum { OTHER = 7 } other;`);
    const held = `${before.replace(/int uses.*/, '')} enum { UNUSED = 9 };`;
    const same = await diff(file('loose.h', held), object);
    expect([same.different, same.notHeld?.enumerators]).toEqual([[], ['UNUSED']]);
    const changed = file('loose-2.h', held.replace('K2 = 2', 'K2 = 3'));
    for (const [a, b] of [
      [changed, object],
      [object, changed],
    ] as const) {
      const { different, notHeld } = await diff(a, b);
      expect(different).toMatchObject([{ name: loose, rows: [{ what: 'enum.K2' }] }]);
      expect(notHeld?.enumerators).toEqual(['UNUSED']);
    }
  });

  it('that one binary alone has are told in the result', async ({ skip }) => {
    if (missing) skip(missing);
    const text = (more: string) =>
      `struct s { int a; } s; enum { BOTH = 1, ${more} }; int f(void) { return BOTH + ${more}; }`;
    const [a, b] = [unit('alone-a.c', text('OLD')), unit('alone-b.c', text('NEW'))];
    const { breaks, different, oneSided } = await diff(a, b);
    expect([breaks, different]).toEqual([false, []]);
    expect(oneSided).toEqual([
      { file: a, enumerators: ['OLD'] },
      { file: b, enumerators: ['NEW'] },
    ]);
    const { stdout } = await abi(['diff', a, b]);
    expect(stdout).toMatch(/^no difference in what was compared$/m);
    expect(stdout).toMatch(/^in .*alone-a\.c\.o alone: 1 enumerator \(OLD\): not compared/m);
    const own = await diff(file('alone.h', 'struct s { int a; }; enum { BOTH = 1 };'), b);
    expect(own.oneSided).toEqual([{ file: b, enumerators: ['NEW'] }]);
    const whole = file('alone-whole.h', 'struct s { int a; };\n#include "alone-inner.h"\n');
    file('alone-inner.h', 'enum { BOTH = 1, NEW };');
    expect((await diff(whole, b)).oneSided).toBeUndefined();
  });

  it('of one name with several values are told, and no others', async ({ skip }) => {
    if (noLinker) skip(noLinker);
    const other = unit('several-2.c', 'enum { K1 = 9, K3 = 3 } k; int y;');
    const both = program(unit('several.c', before), other);
    const { stderr, different } = await diff(both, program(unit('several-3.c', after), other));
    expect(different).toMatchObject([{ name: loose, rows: [{ what: 'enum.K2' }] }]);
    expect(stderr).toMatch(
      /^not compared: K1 of .*: enumerations without a name there give it several values$/m,
    );
    expect(stderr).not.toMatch(/K[23] of/);
  });
});

describe.skipIf(missing)('a header and an object', () => {
  const included = 'struct shared { int i; };\n';
  const text = `#include "shared.h"
enum { MAX = 64, LEAST };
enum unused { UA, UB };
struct never { int n; };
struct used { struct shared s; enum mode { MA, MB = 3 } m; int x; };
typedef struct { short k; } alone;
`;

  it('differ in nothing that debug information leaves out, and that is told once', async () => {
    file('shared.h', included);
    const header = file('held.h', text);
    const object = unit('held.c', `${text}struct used object;`);
    for (const pair of [
      [header, object],
      [object, header],
    ] as const) {
      const { different, notHeld, stderr, breaks } = await diff(...pair);
      expect([different, breaks]).toEqual([[], false]);
      expect(notHeld).toMatchObject({
        types: ['never', 'unused', 'alone'],
        enumerators: ['MAX', 'LEAST'],
      });
      expect(stderr).toBe(
        `not compared: 3 types and 2 enumerators of ${header} that ${object} does not hold: debug information leaves out what is not used\n`,
      );
    }
  });

  it('differ in what the object holds', async () => {
    file('shared.h', included);
    const header = file('now.h', text.replace('MB = 3', 'MB = 4').replace('int x', 'long x'));
    const object = unit('then.c', `${text}struct used object; struct own { int o; } own;`);
    const { different } = await diff(object, header);
    expect(different.map(({ name }) => name).sort()).toEqual(['mode', 'own', 'used']);
    const gone = different.find(({ name }) => name === 'own');
    expect(gone?.rows).toMatchObject([{ what: 'type', b: '-', breaks: 'value' }]);
  });

  it('agree about what has no tag behind pointers', async () => {
    const declared = `struct s { enum { A, B = 4 } *p; void (*f)(struct { int a; } *); };`;
    const header = file('behind.h', declared);
    const same = await diff(header, unit('behind.c', `${declared} struct s s;`));
    expect([same.different, same.stderr]).toEqual([[], '']);
    const other = unit('behind-2.c', `${declared.replace('B = 4', 'B = 5')} struct s s;`);
    const { different } = await diff(header, other);
    expect(different.map(({ rows }) => rows)).toMatchObject([[{ what: 'enum.B', b: '5' }]]);
    const wide = unit('behind-3.c', `${declared.replace('B = 4', 'B = 1L << 40')} struct s s;`);
    const rows = (await diff(header, wide)).different.flatMap((one) => one.rows);
    expect(rows.map(({ what }) => what)).toContain('size');
  });

  it('agree about what has no tag in an array that a typedef names', async () => {
    const before = 'typedef struct { int k; } (*pa)[4], ar[2], *arp[2]; typedef ar arar[3];';
    const after = before.replace('int k', 'float k');
    const used = 'pa a; ar b; arp c; arar d;';
    const [first, second] = [file('arrays.h', before), file('arrays-2.h', after)];
    for (const version of ['4', '5']) {
      const old = unit(`arrays-${version}.c`, `${before} ${used}`, version);
      const fresh = unit(`arrays-${version}-2.c`, `${after} ${used}`, version);
      for (const [a, b] of [
        [old, fresh],
        [first, fresh],
        [old, second],
      ] as const) {
        const { different } = await diff(a, b);
        const names = different.map(({ name }) => name).sort();
        expect(names).toEqual(['behind pa', 'typedef ar', 'typedef arar']);
      }
      expect((await diff(first, old)).different).toEqual([]);
    }
    const alone = 'typedef struct { int k; } ar[2]; ar a;';
    const objects = ['int', 'float'].map((one, at) =>
      unit(`array-${at}.c`, alone.replace('int', one)),
    );
    const { different } = await diff(...(objects as [string, string]));
    expect(different.map(({ name }) => name).sort()).toEqual(['behind ar', 'typedef ar']);
  });

  it.for(['s390x', 'i386', 'aarch64'] as const)(
    'are both of the target of the object, which is said (%s)',
    async (name) => {
      const declared = 'struct s { long a; char c; };';
      const header = file('target.h', declared);
      const object = objectFor(folder, `${declared} struct s o;`, targets[name], ['-g']);
      for (const pair of [
        [header, object],
        [object, header],
        [`${header}:s`, `${object}:s`],
      ] as const) {
        const { status, stdout, stderr } = await abi(['diff', ...pair]);
        expect([status, stdout]).toEqual([0, 'no difference\n']);
        expect(stderr).toContain(` is read for ${name}, the target of ${object}`);
      }
      const other = name === 's390x' ? 'x86_64' : 's390x';
      const asked = await abi(['diff', `${header}@${other}`, object]);
      expect(asked.stdout).toContain(`target.h (${other})`);
      expect(asked.stderr).toBe('');
    },
  );

  it('say so where neither has a type to compare', async () => {
    const [a, b] = [unit('none-1.c', 'int a;'), unit('none-2.c', 'long b;')];
    const { status, stdout, stderr } = await abi(['diff', a, b]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(`neither ${a} nor ${b} has a type to compare\n`);
  });

  it('with a tag and a typedef of one name are compared by their names in C', async ({ skip }) => {
    const declared = `struct t { int a; }; typedef union { long z; } t;
struct v { struct t q; }; struct w { t u; };`;
    const header = file('pair.h', declared);
    for (const used of ['struct v v;', 'struct w w;', 'struct v v; struct w w;']) {
      for (const version of ['4', '5']) {
        const object = unit(`pair-${version}.c`, `${declared} ${used}`, version);
        const { different } = await diff(header, object);
        expect([used, version, different]).toEqual([used, version, []]);
      }
    }
    const noGcc = whyNo('gcc');
    if (noGcc) skip(`${noGcc}: clang alone was asked`);
    const object = objectFor(folder, `${declared} struct v v;`, x86_64, ['-gdwarf-4'], 'gcc');
    expect((await diff(header, object)).different).toEqual([]);
  });
});
