import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
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
