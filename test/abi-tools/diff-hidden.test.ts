import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { clangFile } from '../../lib/abi-tools/compilers.ts';
import type { DiffRow } from '../../lib/abi-tools/diff.ts';
import { Random } from '../../lib/abi-tools/random.ts';
import { run, whyNo } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

// Changes to types without a tag that no type with a name has in it: each must show in a diff of
// whole headers, under the name of what leads to it, and none that was not made.

const missing = await noClang();
const seed = Number(process.env.SYSLETS_SEED ?? Date.now() % 2 ** 32);
const folder = mkdtempSync(join(tmpdir(), 'syslets-hidden-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Version = 'old' | 'new';
/** What changes; `id` is in the name of the member or enumerator that does. */
type Hidden = (id: string, version: Version) => string;

const records: Readonly<Record<string, Hidden>> = {
  'a member of a struct': (id, v) => `struct { ${v === 'old' ? 'int' : 'long'} c_${id}; }`,
  'a member of a union': (id, v) => `union { char c; ${v === 'old' ? 'int' : 'float'} c_${id}; }`,
  'an enumerator in a struct': (id, v) =>
    `struct { int k; enum { c_${id} = ${v === 'old' ? 1 : 2} } e; }`,
  'a struct behind a pointer of a struct': (id, v) =>
    `struct { struct { ${v === 'old' ? 'short' : 'int'} c_${id}; } *q; }`,
};
const enums: Readonly<Record<string, Hidden>> = {
  'an enumerator': (id, v) => `enum { c_${id} = ${v === 'old' ? 1 : 2} }`,
};

type Holder = (hidden: string, name: string) => string;

const holders: Readonly<Record<string, Holder>> = {
  'a typedef of a pointer': (hidden, name) => `typedef ${hidden} *${name};`,
  'a typedef of an array': (hidden, name) => `typedef ${hidden} ${name}[2];`,
  'a typedef of an array of pointers': (hidden, name) => `typedef ${hidden} *${name}[2];`,
  'a typedef of a pointer to a function': (hidden, name) => `typedef ${hidden} (*${name})(void);`,
  'a typedef of a function': (hidden, name) => `typedef ${hidden} *${name}(void);`,
  'a second typedef': (hidden, name) => `typedef ${hidden} ${name}, *p_${name};`,
  'an object': (hidden, name) => `extern ${hidden} ${name};`,
  'an array of objects': (hidden, name) => `extern const ${hidden} ${name}[3];`,
  'a pointer to an object': (hidden, name) => `extern ${hidden} *${name};`,
  'a function': (hidden, name) => `${hidden} *${name}(int);`,
  'a pointer in a struct': (hidden, name) => `struct ${name} { int x; ${hidden} *m; };`,
  'pointers in a struct': (hidden, name) => `struct ${name} { ${hidden} **m[2]; };`,
  'a pointer to an array in a struct': (hidden, name) => `struct ${name} { ${hidden} (*m)[2]; };`,
  'a pointer to a function in a struct': (hidden, name) =>
    `struct ${name} { ${hidden} *(*m)(int); };`,
  'a pointer in a typedef of a struct': (hidden, name) =>
    `typedef struct { ${hidden} *m; } ${name};`,
  'a pointer in an array in a struct': (hidden, name) =>
    `struct ${name} { struct { ${hidden} *m; } in[2]; };`,
  'a pointer in an anonymous union': (hidden, name) =>
    `struct ${name} { union { ${hidden} *m; int y; }; };`,
  'a member': (hidden, name) => `struct ${name} { ${hidden} m; };`,
  'a member that is an array': (hidden, name) => `struct ${name} { ${hidden} m[2]; };`,
};
const enumHolders: Readonly<Record<string, Holder>> = {
  ...holders,
  'an unnamed bit-field': (hidden, name) => `struct ${name} { int x; ${hidden} : 3; };`,
  'a bit-field': (hidden, name) => `struct ${name} { int x; ${hidden} m : 3; };`,
  nothing: (hidden) => `${hidden};`,
};

interface Item {
  readonly kind: string;
  readonly id: string;
  readonly text: (version: Version) => string;
}

function itemsOf(hidden: typeof records, around: typeof holders, from: number): Item[] {
  const pairs = Object.entries(hidden).flatMap(([what, make]) =>
    Object.entries(around).map(([where, hold]) => ({ kind: `${what} in ${where}`, make, hold })),
  );
  return pairs.map(({ kind, make, hold }, at) => {
    const id = `${from + at}x`;
    return { kind, id, text: (version) => hold(make(id, version), `n_${id}`) };
  });
}

const ofRecords = itemsOf(records, holders, 0);
const all = [...ofRecords, ...itemsOf(enums, enumHolders, ofRecords.length)];

interface Told {
  readonly different: readonly { readonly name: string; readonly rows: readonly DiffRow[] }[];
  readonly notCompared: readonly unknown[];
}

describe.skipIf(missing)(
  `diff of whole headers${missing ? `: ${missing}` : ` (seed ${seed})`}`,
  () => {
    it.for([1, 2, 3])('shows each change below what has no name (%i)', async (round) => {
      const random = new Random(seed + round);
      const changed = new Set(all.filter(() => random.chance(50)).map(({ id }) => id));
      const files = (['old', 'new'] as const).map((version) => {
        const file = join(folder, `${version}${round}.h`);
        const lines = all.map((one) => one.text(changed.has(one.id) ? version : 'old'));
        writeFileSync(file, `${lines.join('\n')}\n`);
        return file;
      });
      const { stdout, stderr } = await abi(['diff', '--json', ...files]);
      expect(stderr).toBe('');
      const { different, notCompared } = JSON.parse(stdout) as Told;
      expect(notCompared).toEqual([]);
      const rows = different.flatMap((one) => one.rows);
      const shown = rows.flatMap(({ what }) => /\bc_(\w+)/.exec(what)?.[1] ?? []);
      const kindsOf = (ids: Iterable<string>) => {
        const wanted = new Set(ids);
        return all.filter(({ id }) => wanted.has(id)).map(({ kind }) => kind);
      };
      expect(kindsOf(shown)).toEqual(kindsOf(changed));
      expect(rows.every(({ breaks }) => breaks === 'offset' || breaks === 'value')).toBe(true);
      const same = await abi(['diff', files[0] ?? '', files[0] ?? '']);
      expect(same.stdout).toBe('no difference\n');
    });

    it('compares typedefs of what is no struct', async () => {
      const [a, b] = [join(folder, 'a.h'), join(folder, 'b.h')];
      writeFileSync(a, 'typedef int id; typedef char name[8]; typedef int same;');
      writeFileSync(b, 'typedef long id; typedef char name[16]; typedef int same;');
      const { stdout, status } = await abi(['diff', '--json', `${a}@x86_64`, `${b}@x86_64`]);
      const { different } = JSON.parse(stdout) as Told;
      expect(different.map(({ name }) => name)).toEqual(['typedef id', 'typedef name']);
      expect(status).toBe(1);
    });

    it.for([
      ['struct { int a; } N[4]', 'struct { int a; } N[5]', 'offset'],
      ['struct { int a; } N[4][2]', 'struct { int a; } N[2][4]', 'value'],
      ['union { int a; } N[]', 'union { int a; } N[4]', 'offset'],
      ['enum { A, B } N[2]', 'enum { A, B } N[3]', 'offset'],
    ])('compares typedef %s with %s', async ([old, now, breaks]) => {
      const [a, b] = [join(folder, 'array-a.h'), join(folder, 'array-b.h')];
      writeFileSync(a, `typedef ${old};`);
      writeFileSync(b, `typedef ${now};`);
      const { stdout, status } = await abi(['diff', '--json', `${a}@x86_64`, `${b}@x86_64`]);
      const { different } = JSON.parse(stdout) as Told;
      expect(different.map(({ name }) => name)).toEqual(['typedef N']);
      expect(different[0]?.rows.map((row) => row.breaks)).toContain(breaks);
      expect(status).toBe(1);
      const same = await abi(['diff', `${a}@x86_64`, `${a}@x86_64`]);
      expect(same.stdout).toBe('no difference\n');
    });

    it.for<[text: string, name: string]>([
      ['struct s { enum { A, B } *p; };', 'behind struct s.p'],
      ['typedef enum { A, B } *P;', 'behind P'],
      ['enum { A, B } *f(void);', 'behind f'],
      ['extern enum { A, B } e;', 'behind e'],
    ])('compares the size of the enumeration in %s', async ([text, name]) => {
      const [a, b] = [join(folder, 'enum-a.h'), join(folder, 'enum-b.h')];
      writeFileSync(a, text);
      writeFileSync(b, text.replace('enum', 'enum __attribute__((packed))'));
      const { stdout, status } = await abi(['diff', '--json', `${a}@x86_64`, `${b}@x86_64`]);
      const { different, notCompared } = JSON.parse(stdout) as Told;
      expect(notCompared).toEqual([]);
      expect(different.map((one) => one.name)).toEqual([name]);
      expect(different[0]?.rows.map(({ what }) => what)).toContain('size');
      expect(status).toBe(1);
    });

    it('says of typedefs that have no counterpart that it did not compare them', async () => {
      const file = join(folder, 'other.h');
      const types = ['_BitInt(17) b', '_Atomic int a', '__attribute__((vector_size(16))) int v'];
      const functions = ['int f(int)', 'int (*g(int))(void)', 'void h()'];
      const lines = [...types, ...functions].map((one) => `typedef ${one};\n`);
      writeFileSync(file, `${lines.join('')}struct s { int x; };`);
      const { stdout } = await abi(['diff', '--json', `${file}@x86_64`, `${file}@x86_64`]);
      const { notCompared } = JSON.parse(stdout) as { notCompared: { name: string }[] };
      const names = new Set(notCompared.map(({ name }) => name));
      expect([...names].sort()).toEqual(['typedef a', 'typedef b', 'typedef v']);
    });
  },
);

const noGcc = whyNo('gcc');
const compilers = [
  ['gcc', noGcc],
  [clangFile(), missing],
] as const;

it.for(compilers)('what pointers in a binary of %s lead to', async ([compiler, why], { skip }) => {
  if (why) skip(why);
  const [old, now] = ['int', 'long'].map((type) => {
    const file = join(folder, `${compiler}-${type}`);
    const text = `typedef struct { ${type} c_1; } *handle;
struct s { handle h; struct { struct { ${type} c_2; } *deeper; } *p; } used;`;
    writeFileSync(`${file}.c`, text);
    run(compiler, ['-g', '-c', '-o', `${file}.o`, `${file}.c`]);
    return `${file}.o`;
  }) as [string, string];
  const { stdout } = await abi(['diff', '--json', old, now]);
  const { different } = JSON.parse(stdout) as Told;
  const names = different.map(({ name }) => name).sort();
  expect(names).toEqual(['behind handle', 'behind struct s.p.deeper']);
  expect((await abi(['diff', old, old])).stdout).toBe('no difference\n');
});
