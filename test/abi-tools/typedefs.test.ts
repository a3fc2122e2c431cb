import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { targets } from '../../lib/abi/index.ts';
import { clangFile } from '../../lib/abi-tools/compilers.ts';
import { objectFor, run, whyNo } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-typedefs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const reason = await noClang();

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const header = written(
  'typedefs.h',
  `typedef int number;
typedef unsigned char byte;
typedef float real;
typedef int wide __attribute__((aligned(16)));
typedef int *place;
typedef short grid[2][3];
typedef struct { int a; short b : 5; } rows[3];
struct tagged { int x; };
typedef struct tagged row[2];
struct kept { int x; };
`,
);

const imports =
  "import { aligned, array, bits, char, float, i16, i32, int, pointer, struct, u8, uint } from 'syslets/abi';\n";

interface Row {
  readonly compiler: string;
  readonly status: string;
  readonly types: number;
  readonly differences: readonly { record: string; what: string; ours: string; theirs: string }[];
  readonly refusals: readonly { record: string; reason: string }[];
  readonly unchecked: readonly { record: string; reason: string }[];
}

async function checked(name: string, text: string, ...args: readonly string[]) {
  const file = written(name, imports + text);
  const { status, stdout, stderr } = await abi([
    'check',
    file,
    '--header',
    header,
    '--json',
    ...args,
  ]);
  expect(stderr).toBe('');
  const rows = (JSON.parse(stdout).rows as Row[]).filter((row) => row.status !== 'not checked');
  expect(rows.length, stdout).toBeGreaterThan(0);
  return { status, rows };
}

const right = `export const number = int;
export const byte = u8;
export const real = float;
export const wide = aligned(16, int);
export const place = pointer('int');
export const grid = array(array(i16, 3), 2);
export const rows = array(struct('', { a: int, b: bits(i16, 5) }), 3);
export const tagged = struct('tagged', { x: i32 });
export const row = array(tagged, 2);
export const kept = struct('kept', { x: int });`;

const wrong = `export const number = uint;
export const byte = char;
export const real = int;
export const wide = aligned(2, float);
export const place = u8;
export const grid = array(array(i16, 2), 3);
export const rows = array(struct('', { a: int, c: i16 }), 3);
export const row = array(struct('', { x: float }), 2);
export const kept = struct('kept', { x: int });`;

const declared = `typedef unsigned int word; typedef float real; typedef short grid[2][3]; typedef char *text;
typedef void (*call)(int); typedef struct { int a; } rows[3]; typedef struct opaque *handle;
struct s { word w; real r; grid g; text t; call c; handle h; };
`;
const used = 'struct s s; rows r;';
const changes = {
  word: ['unsigned int word', 'int word'],
  real: ['float real', 'unsigned real'],
  grid: ['grid[2][3]', 'grid[3][2]'],
  rows: ['{ int a; } rows', '{ float a; } rows'],
} as const;

describe.skipIf(reason)(`what a typedef of a binary names${reason ? ` (${reason})` : ''}`, () => {
  const changed = Object.values(changes).reduce(
    (text, [from, to]) => text.replace(from, to),
    declared,
  );
  const others = 'typedef long only_here; only_here o;';
  const ways = [
    ['x86_64', 'gcc'],
    ['x86_64', clangFile()],
    ['s390x', clangFile()],
    ['i386', clangFile()],
    ['m68k', 'm68k-linux-gnu-gcc'],
  ] as const;

  it.for(ways)('is compared for %s by %s', async ([name, compiler], { skip }) => {
    const missing = whyNo(compiler);
    if (missing) skip(missing);
    const header = written('declared.h', declared);
    const made = (text: string) =>
      objectFor(folder, `${text}${used}${others}`, targets[name], ['-g'], compiler);
    const [same, other] = [made(declared), made(changed)];
    const names = Object.keys(changes);
    for (const pair of [
      [same, other],
      [header, other],
    ]) {
      const { stdout, status } = await abi(['diff', '--json', ...pair]);
      const told = (JSON.parse(stdout).different as { name: string }[]).map((one) => one.name);
      expect(told.flatMap((one) => /^typedef (.*)$/.exec(one)?.[1] ?? []).sort()).toEqual(
        [...names].sort(),
      );
      expect(status).toBe(1);
    }
    expect((await abi(['diff', same, made(declared)])).stdout).toBe('no difference\n');
    expect((await abi(['diff', header, same])).stdout).toBe('no difference\n');
    for (const [object, wanted] of [
      [same, []],
      [other, names],
    ] as const) {
      const args = ['--header', header, '--against', object, '--json'];
      const rows = (JSON.parse((await abi(['check', ...args])).stdout).rows as Row[]).filter(
        (row) => row.status !== 'not checked',
      );
      expect(rows.length).toBeGreaterThan(0);
      for (const { differences, unchecked, refusals } of rows) {
        const told = new Set(differences.map(({ record }) => record.replace('[0]', '')));
        told.delete('struct s');
        expect([[...told].sort(), unchecked, refusals]).toEqual([[...wanted].sort(), [], []]);
      }
    }
  });

  it.for(['gcc', clangFile()])(
    'is called as a header calls it (%s)',
    async (compiler, { skip }) => {
      const missing = whyNo(compiler);
      if (missing) skip(missing);
      const types = [
        ...['int (*N)(int)', 'int (**N)(int)', 'void *(*N)(word)', 'struct s *(*N)(void)'],
        ...['int (*N[3])(int)', 'int (*(*N)(int))(char)', 'const volatile unsigned long *N'],
        ...['word *N', 'word (*N)[3][4]', '_Bool *N', 'long double *N', 'const char *const *N'],
        ...['struct { int a; } (*N)[4][2]', 'struct { int b; } **N', 'enum { A } *N', 'void **N'],
        ...['enum { B } (*N)[2]', 'unsigned char N[2][2]', 'union { int c; } *(*N)(int)'],
        ...['int (*N)[]', 'signed char *N', 'long long unsigned *N', 'short unsigned int *N'],
      ];
      const all = types.map((type, at) => `typedef ${type.replace('N', `t${at}`)};\n`).join('');
      const objects = types.map((_, at) => `t${at} o${at};`).join('\n');
      const text = `typedef unsigned int word;\n${all}`;
      for (const version of ['4', '5']) {
        const flags = ['-g', `-gdwarf-${version}`];
        const object = objectFor(folder, text + objects, targets.x86_64, flags, compiler);
        const pair = [`${written('called.h', text)}@x86_64`, object];
        expect((await abi(['diff', ...pair])).stdout).toBe('no difference\n');
      }
    },
  );

  it('is told where units give one name to several types', async ({ skip }) => {
    const missing = whyNo('gcc') ?? whyNo('ld');
    if (missing) skip(missing);
    const unit = (type: string) =>
      objectFor(folder, `typedef ${type} word; word w_${type};`, targets.x86_64, ['-g'], 'gcc');
    const both = join(folder, 'both.o');
    run('ld', ['-r', '-o', both, unit('int'), unit('float')]);
    const { stderr } = await abi(['diff', both, both]);
    expect(stderr).toMatch(/^not compared: typedef word of .*: units there give that name to/m);
  });
});

describe.skipIf(reason)(`what a typedef names${reason ? ` (${reason})` : ''}`, () => {
  it.each(['x86_64', 'x86_64:c++', 's390x', 'wasm32', 'x86_64-windows-msvc'])(
    'is compared on %s',
    async (target) => {
      const args = ['-t', target, '--require', target];
      const same = await checked('right.ts', right, ...args);
      for (const row of same.rows)
        expect(row, row.compiler).toMatchObject({ status: 'same', unchecked: [], refusals: [] });
      expect(same.status).toBe(0);
      const { status, rows } = await checked('wrong.ts', wrong, '-t', target);
      for (const row of rows) {
        const told = row.differences.map(
          (one) => `${one.record}: ${one.what}: ${one.ours} is ${one.theirs}`,
        );
        expect(told, row.compiler).toEqual(
          expect.arrayContaining([
            'number: type: unsigned, 4 bytes is signed, 4 bytes',
            'real: type: signed, 4 bytes is float, 4 bytes',
            'wide: alignment: 2 is 16',
            'wide: type: float, 4 bytes is signed, 4 bytes',
            expect.stringMatching(/^place: type: unsigned, 1 byte is pointer, [48] bytes$/),
            'row[0]: type of x: float, 4 bytes is signed, 4 bytes',
          ]),
        );
        expect(told.join('\n'), row.compiler).toMatch(
          /^grid: type: signed, 2 bytes, in \[3\]\[2\] is /m,
        );
        expect(
          row.refusals.map(({ record }) => record),
          row.compiler,
        ).toEqual(['rows[0]']);
        expect(told.join('\n'), row.compiler).not.toContain('kept');
      }
      expect(status).toBe(1);
    },
  );

  it('is listed where the header has none of that name, and compared where it has nothing else', async () => {
    const { rows } = await checked(
      'scalars.ts',
      'export const real = int; export const none = int;',
      '-t',
      'x86_64',
    );
    for (const row of rows) {
      expect(row).toMatchObject({ status: 'different', types: 1 });
      expect(row.unchecked).toEqual([{ record: 'none', reason: `${header} does not declare it` }]);
    }
  });
});
