import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Target, targets } from '../../lib/abi/index.ts';
import type { CheckRow } from '../../lib/abi-tools/check.ts';
import { clangFile } from '../../lib/abi-tools/compilers.ts';
import { importBinary, openBinary } from '../../lib/abi-tools/import-binary.ts';
import { objectFor, whyNo } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

// `_Atomic` can make a type longer and align it more, and debug information tells neither.

const folder = mkdtempSync(join(tmpdir(), 'syslets-atomic-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const noClangHere = await noClang();

const values: Readonly<Record<string, string>> = {
  c: 'char',
  l: 'long long',
  d: 'long double',
  p: 'char *',
  ...Object.fromEntries([1, 3, 4, 6, 8, 12, 16, 24].map((size) => [`s${size}`, `struct s${size}`])),
};

/** Each as a member, as the elements of arrays, behind a typedef and in a union. */
const declarations = [
  ...Object.entries(values).flatMap(([name, type]) => {
    const size = /^s(\d+)$/.exec(name)?.[1];
    return [
      size ? `struct s${size} { char c[${size}]; };` : '',
      `typedef _Atomic(${type}) a_${name};`,
      `struct m_${name} { char before; _Atomic(${type}) m; char after; };`,
      `struct n_${name} { char before; _Atomic(${type}) m[2][3]; char after; };`,
      `struct t_${name} { a_${name} m[3]; };`,
      `union u_${name} { a_${name} m; char c; };`,
      `struct p_${name} { a_${name} *m; struct m_${name} *n; };`,
    ];
  }),
].join('\n');
const objects = Object.keys(values).flatMap((name) =>
  ['struct m', 'struct n', 'struct t', 'union u', 'struct p'].map(
    (kind) => `${kind}_${name} o${kind.at(-1)}_${name};`,
  ),
);
const source = `${declarations}\n${objects.join('\n')}\n`;
const header = join(folder, 'atomic.h');
writeFileSync(header, declarations);

const asked = ['x86_64', 'i386', 'arm'].map(
  (name) => targets[name as keyof typeof targets] as Target,
);
const cases = [
  ...asked.map((target) => [target.name, clangFile(), target, noClangHere] as const),
  ['x86_64', 'gcc', targets.x86_64, whyNo('gcc')] as const,
];

function madeBy(compiler: string, target: Target): string {
  return objectFor(folder, source, target, ['-g', '-gdwarf-5', '-w'], compiler);
}

describe('_Atomic in DWARF', () => {
  it.for(cases)('%s by %s', async ([, compiler, target, missing], { skip }) => {
    if (missing) skip(missing);
    const file = madeBy(compiler, target);
    const against = ['check', '--header', header, '--against', file, '--json'];
    const { stdout } = await abi([...against, '-t', target.name]);
    const { rows } = JSON.parse(stdout) as { readonly rows: readonly CheckRow[] };
    const own = rows.filter((row) => {
      return (
        row.status !== 'not checked' && row.compiler.startsWith('clang') === (compiler !== 'gcc')
      );
    });
    expect(own.length).toBeGreaterThan(0);
    for (const row of own) expect(row.differences).toEqual([]);
    const { failures } = importBinary(openBinary(file, target));
    const refused = [...failures].filter(([, reason]) => reason.includes('_Atomic'));
    // The pointers' targets do not matter: no struct p_… is refused.
    expect(refused.filter(([name]) => name.startsWith('struct p_'))).toEqual([]);
    const odd = compiler === 'gcc' ? [] : ['s3', 's6'];
    const names = new Set(refused.flatMap(([name]) => /_(s\d+)$/.exec(name)?.[1] ?? []));
    for (const name of odd) expect([...names]).toContain(name);
    for (const name of ['s1', 's4', 's8', 's16', 's24']) expect([...names]).not.toContain(name);
    if (compiler === 'gcc') expect(refused).toEqual([]);
  });

  it('of arrays is refused where the DWARF of clang has no room for it to be told', ({ skip }) => {
    if (noClangHere) skip(noClangHere);
    const text = `typedef struct { char c[3]; } t; typedef _Atomic t a;
struct atomic { a m[3]; }; struct also { t m[2]; int x; }; struct packed { t m[3]; char c; };
struct one { t m; int x; }; typedef t row[2]; struct row { row m[2]; long x; };
struct tail { int n; a m[]; }; struct zero { int n; row m[0]; }; struct odd { char n; t m[]; };
struct __attribute__((packed)) tight { char n; a m[2]; char z; };
struct atomic o1; struct also o2; struct packed o3; struct one o4; struct row o5; struct tail *o6;
struct zero *o7; struct odd *o8; struct tight o9;`;
    const told = (version: string, compiler: string) => {
      const file = objectFor(folder, text, targets.x86_64, ['-g', `-gdwarf-${version}`], compiler);
      const { failures } = importBinary(openBinary(file, targets.x86_64));
      return [...failures.keys()].filter((name) => name.startsWith('struct'));
    };
    const tails = ['struct tail', 'struct zero', 'struct tight'];
    const refused = ['struct atomic', 'struct also', 'struct row', ...tails];
    expect(told('4', clangFile())).toEqual(refused);
    expect(told('5', clangFile())).toEqual(['struct atomic', 'struct tail', 'struct tight']);
    if (!whyNo('gcc')) expect(told('4', 'gcc')).toEqual([]);
  });

  const scalars = `typedef _Atomic int atomic_t; enum e { EA, EB };
struct plain { char a; _Atomic int i; _Atomic char c; _Atomic(short) s; _Atomic long long l; _Atomic double d; };
struct bools { char a; _Atomic _Bool b; _Atomic enum e e; _Atomic unsigned char u; _Atomic float f; };
struct pointers { _Atomic(int *) p; _Atomic int *q; void *_Atomic v; void (*_Atomic f)(int); };
struct inside { char x; struct { char q; _Atomic int z; } in; union { _Atomic short y; char w; }; atomic_t n[3]; };
struct qualified { char x; const _Atomic int i; volatile _Atomic short s; _Atomic const char c; };
struct packed { char x; _Atomic int i; char y; } __attribute__((packed));
struct tail { int n; _Atomic int t[]; };
`;
  const used = ['plain', 'bools', 'pointers', 'inside', 'qualified', 'packed', 'tail'];
  const uses = used.map((name) => `struct ${name} *use_${name};`).join('\n');

  it.for(['4', '5'])(
    'of a scalar is read, and its header checked whole (DWARF %s)',
    async (version, { skip }) => {
      if (noClangHere) skip(noClangHere);
      const scalarsFile = join(folder, 'scalars.h');
      writeFileSync(scalarsFile, scalars);
      for (const compiler of [clangFile(), 'gcc'].filter((one) => !whyNo(one))) {
        const flags = ['-g', `-gdwarf-${version}`];
        const file = objectFor(folder, `${scalars}${uses}`, targets.x86_64, flags, compiler);
        const against = ['--header', scalarsFile, '--against', file, '--require', 'x86_64'];
        const { stdout, status } = await abi(['check', ...against, '-t', 'x86_64', '--json']);
        const { rows } = JSON.parse(stdout) as { readonly rows: readonly CheckRow[] };
        const asked = rows.filter((row) => row.status !== 'not checked');
        expect(asked.length).toBeGreaterThan(0);
        for (const row of asked) {
          // An enumeration, too, and a typedef, which GCC leaves out before DWARF 5.
          const more = compiler !== 'gcc' || version === '5' ? 2 : 1;
          expect([row.status, row.types, row.unchecked]).toEqual(['same', used.length + more, []]);
        }
        expect(status).toBe(0);
      }
    },
  );

  it.for(['gcc', clangFile()])(
    'of a struct takes no values, and is no refusal (%s)',
    async (compiler, { skip }) => {
      const missing = noClangHere ?? whyNo(compiler);
      if (missing) skip(missing);
      const text = `struct t { int z; unsigned b : 3; }; union w { int i; float f; };
struct a { _Atomic(struct t) t; _Atomic(struct t) l[2]; _Atomic union w w; unsigned q : 5;
  struct { _Atomic(struct t) k; } in; int last; };\n`;
      const file = join(folder, 'structs.h');
      writeFileSync(file, text);
      for (const changed of [
        text,
        text.replace('int last', 'float last'),
        text.replace(': 5', ': 6'),
      ]) {
        const source = `${changed}struct a o;`;
        const object = objectFor(folder, source, targets.x86_64, ['-g', '-gdwarf-5'], compiler);
        const { stdout, status } = await abi([
          'check',
          '--header',
          file,
          '--against',
          object,
          '--json',
        ]);
        const { rows } = JSON.parse(stdout) as { readonly rows: readonly CheckRow[] };
        const asked = rows.filter((row) => row.status !== 'not checked');
        expect(asked.length).toBeGreaterThan(0);
        for (const { differences, refusals } of asked) {
          const told = differences
            .map(({ what }) => what)
            .filter((what) => what !== 'initialised bytes');
          const wanted =
            changed === text ? [] : [changed.includes(': 6') ? 'bits of q' : 'type of last'];
          expect([told, refusals]).toEqual([wanted, []]);
        }
        expect(status).toBe(changed === text ? 0 : 1);
      }
    },
  );

  it('is no part of the BTF of clang: what is made of it is refused', async ({ skip }) => {
    if (noClangHere) skip(noClangHere);
    const text = 'struct a { _Atomic int x[2][2]; }; struct b { int y; }; struct a a; struct b b;';
    const file = objectFor(folder, text, targets.generic, ['-g', '--target=bpf'], clangFile());
    const { types, failures } = importBinary(openBinary(file, targets.generic, { format: 'btf' }));
    expect([...types.keys()]).toEqual(['struct b']);
    expect([...failures.keys()]).toEqual(['struct a']);
  });
});
