import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { targets } from '../../lib/abi/index.ts';
import { objectFor } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-kinds-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const reason = await noClang();

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const header = `struct one { int x; };
union two { int y; };
struct nest { int k; struct { union { int c; float d; }; }; };
struct list { struct { union { int e; }; } all[2]; };
typedef struct { int a; } pair;
struct point { char c; int x; };
struct flat { int k; struct { int b; }; };
enum choice { Q };
`;

/** `u` and `s` are `union` and `struct` where the definitions are right. */
function definitions(name: string, u: string, s: string): string {
  return written(
    name,
    `import { anonymous, array, float, int, struct, union } from 'syslets/abi';
export const one = ${s}('one', { x: int });
export const two = ${u}('two', { y: int });
export const nest = struct('nest', { k: int,
  _1: anonymous(${s}('', { _2: anonymous(union('', { c: int, d: float })) })) });
export const list = struct('list', { all: array(struct('', { _1: anonymous(${u}('', { e: int })) }), 2) });
export const pair = ${s}('', { a: int });
export const flat = struct('flat', { k: int, b: int });`,
  );
}

interface Row {
  readonly compiler: string;
  readonly status: string;
  readonly reason?: string;
  readonly differences: readonly { record: string; what: string; ours: string; theirs: string }[];
  readonly refusals: readonly unknown[];
}

async function checked(...args: readonly string[]) {
  const { status, stdout, stderr } = await abi(['check', ...args, '--json']);
  expect(stderr).toBe('');
  const rows = (JSON.parse(stdout).rows as Row[]).filter((row) => row.status !== 'not checked');
  expect(rows.length, stdout).toBeGreaterThan(0);
  return { status, rows };
}

function told({ differences }: Row): string[] {
  return differences
    .map(({ record, what, ours, theirs }) => `${record}: ${what}: ${ours} is ${theirs}`)
    .sort();
}

const swapped = [
  'pair: type: union is struct',
  'struct list: type around all[0].e: struct is union',
  'struct nest: type around c: union is struct',
  'struct one: type: union is struct',
  'union two: type: struct is union',
];

describe.skipIf(reason)(
  `a struct where a header has a union${reason ? ` (${reason})` : ''}`,
  () => {
    const file = written('kinds.h', header);

    it.each(['x86_64', 'x86_64:c++', 's390x', 'wasm32'])('differs on %s', async (target) => {
      const wrong = definitions('swapped.ts', 'struct', 'union');
      const { status, rows } = await checked(wrong, '--header', file, '-t', target);
      for (const row of rows) expect(told(row), row.compiler).toEqual(swapped);
      expect(status).toBe(1);
      const right = definitions('right.ts', 'union', 'struct');
      const other = await checked(right, '--header', file, '-t', target);
      for (const row of other.rows) expect(row, row.compiler).toMatchObject({ status: 'same' });
    });

    it.each(['4', '5'])('differs from what DWARF %s has', async (version) => {
      const names = ['struct one', 'union two', 'struct nest', 'struct list', 'pair'];
      const uses = names.map((name, at) => `${name} v${at};`).join('\n');
      const flags = ['-g', `-gdwarf-${version}`];
      const object = objectFor(folder, `${header}${uses}\n`, targets.x86_64, flags);
      const other = header
        .replace('struct one', 'union one')
        .replace('union two', 'struct two')
        .replace('struct { union { int c', 'union { union { int c');
      const changed = written('changed.h', other);
      const { status, rows } = await checked('--header', changed, '--against', object);
      for (const row of rows) {
        expect(told(row), row.compiler).toContain('union one: type: struct is union');
        expect(told(row), row.compiler).toContain('struct two: type: union is struct');
        expect(told(row).join('\n'), row.compiler).toMatch(/nest: type around c: struct is union/);
      }
      expect(status).toBe(1);
    });
  },
);

describe.skipIf(reason)(
  `an enumeration where a header has a struct${reason ? ` (${reason})` : ''}`,
  () => {
    it.each(['x86_64', 'x86_64:c++', 's390x'])(
      'differs on %s, and is no refusal',
      async (target) => {
        const file = written('other-kinds.h', header);
        const wrong = written(
          'enums.ts',
          `import { enumeration, int, struct } from 'syslets/abi';
export const point = enumeration('point', { U: 5 });
export const choice = struct('choice', { x: int });`,
        );
        const { status, rows } = await checked(wrong, '--header', file, '-t', target);
        for (const row of rows) {
          expect(told(row), row.compiler).toEqual([
            'enum choice: type: struct is unsigned',
            'struct point: type: enum, unsigned, 4 bytes is struct, 8 bytes',
          ]);
          expect(row.refusals, row.compiler).toEqual([]);
        }
        expect(status).toBe(1);
      },
    );
  },
);
