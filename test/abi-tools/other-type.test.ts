import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { targets } from '../../lib/abi/index.ts';
import { objectFor } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-other-type-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const reason = await noClang();

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

interface Row {
  readonly compiler: string;
  readonly status: string;
  readonly differences: readonly { record: string; what: string; ours: string; theirs: string }[];
  readonly refusals: readonly { record: string; reason: string }[];
}

/** Of each compiler that was asked, its status, what differs, and what it refuses. */
async function checked(...args: readonly string[]) {
  const { stdout, stderr } = await abi(['check', ...args, '--json']);
  expect(stderr).toBe('');
  const asked = (JSON.parse(stdout).rows as Row[]).filter((row) => row.status !== 'not checked');
  expect(asked.length).toBeGreaterThan(0);
  return asked.map(({ status, differences, refusals }) => {
    const told = differences
      .filter(({ what }) => what !== 'initialised bytes')
      .map(({ record, what, ours, theirs }) => `${record}: ${what}: ${ours} is ${theirs}`);
    return { status, told: told.sort(), refused: refusals.map(({ record }) => record) };
  });
}

/** All that members can be of, each in a header that goes on declaring it. */
const types = `
struct p { int x, y; };            struct other_p { int y, x; };
struct in { int q; };              struct other_in { unsigned q; };
struct pad { char a; int b; };     struct other_pad { char a, more; int b; };
typedef struct { short lo, hi; } pair;
typedef struct { unsigned short lo, hi; } other_pair;
typedef union { int i; float f; } val;
typedef union { float i; int f; } other_val;
struct deep { struct p p; };       struct other_deep { struct other_p p; };
enum col { RED, GREEN = 5 };       enum other_col { BLACK, WHITE };
struct same { int x, y; };
typedef struct p p_t;
`;

/** A struct for each member. */
function boxes(members: readonly string[]): string {
  return types + members.map((one, at) => `struct box${at} { char first; ${one}; };`).join('\n');
}

/** A member, what becomes of it, and what is to be told of it. */
const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ['struct p m', 'struct other_p m', ['offset of m.x: 4 is 8', 'offset of m.y: 8 is 4']],
  [
    'struct p m[2][3]',
    'struct other_p m[2][3]',
    ['offset of m[0][0].x: 4 is 8', 'offset of m[0][0].y: 8 is 4'],
  ],
  ['struct p m[]', 'struct other_p m[]', ['offset of m[0].x: 4 is 8', 'offset of m[0].y: 8 is 4']],
  ['struct in m', 'struct other_in m', ['type of m.q: signed, 4 bytes is unsigned, 4 bytes']],
  [
    'pair m',
    'other_pair m',
    ['lo', 'hi'].map((name) => `type of m.${name}: signed, 2 bytes is unsigned, 2 bytes`),
  ],
  [
    'val m[2]',
    'other_val m[2]',
    [
      'type of m[0].i: signed, 4 bytes is float, 4 bytes',
      'type of m[0].f: float, 4 bytes is signed, 4 bytes',
    ],
  ],
  ['struct deep m', 'struct other_deep m', ['offset of m.p.x: 4 is 8', 'offset of m.p.y: 8 is 4']],
  [
    'struct { int a; struct p m; } u',
    'struct { int a; struct other_p m; } u',
    ['offset of u.m.x: 8 is 12', 'offset of u.m.y: 12 is 8'],
  ],
  ['struct pad m', 'struct other_pad m', ['member m.more: - is char (signed) at 5, 1 byte']],
];

/** The same type under other words, and another one that has all in the same places. */
const alike: readonly (readonly [string, string])[] = [
  ['struct p m', 'const struct p m'],
  ['struct p m[2]', 'volatile p_t m[2]'],
  ['struct p m', 'p_t m'],
  ['struct p m', 'struct same m'],
  ['enum col m', 'const enum col m'],
];

const languages = ['-t', 'x86_64,x86_64:c++'];
const title = 'a member that became another type of its size';

describe.skipIf(reason)(`${title}${reason ? ` (${reason})` : ''}`, () => {
  it('is looked into', async () => {
    const definitions = await imported('ours.h', boxes(cases.map(([member]) => member)));
    const header = written('theirs.h', boxes(cases.map(([, other]) => other)));
    const told = cases
      .flatMap(([, , all], at) => all.map((one) => `struct box${at}: ${one}`))
      .sort();
    for (const row of await checked(definitions, '--header', header, ...languages))
      expect(row).toEqual({ status: 'different', told, refused: [] });
  });

  it('says nothing where all is in the same places', async () => {
    const definitions = await imported('alike.h', boxes(alike.map(([member]) => member)));
    const header = written('alike2.h', boxes(alike.map(([, other]) => other)));
    for (const row of await checked(definitions, '--header', header, ...languages))
      expect(row).toEqual({ status: 'same', told: [], refused: [] });
  });

  it('tells the enumerators of an enumeration', async () => {
    const members = ['m', 'm[2]', 'm : 4'];
    const definitions = await imported('enum.h', boxes(members.map((one) => `enum col ${one}`)));
    const header = written('enum2.h', boxes(members.map((one) => `enum other_col ${one}`)));
    const all = [
      'RED in m: 0 is -',
      'GREEN in m: 5 is -',
      'BLACK in m: - is 0',
      'WHITE in m: - is 1',
    ];
    const told = members
      .flatMap((_, at) => all.map((one) => `struct box${at}: value of ${one}`))
      .sort();
    for (const row of await checked(definitions, '--header', header, ...languages))
      expect(row.told).toEqual(told);
  });

  it('refuses one that has other names inside', async () => {
    const definitions = await imported('names.h', boxes(['struct p m', 'struct p m']));
    const header = written('names2.h', boxes(['struct { int v, w; } m', 'struct in m[2]']));
    for (const { status, told, refused } of await checked(
      definitions,
      '--header',
      header,
      ...languages,
    )) {
      expect([status, refused]).toEqual(['different', ['struct box0']]);
      for (const one of told) expect(one).toMatch(/^struct box1: (?:size|type|member) (?:of )?m/);
    }
  });

  it('is told of where an array has a length and the other has none', {
    timeout: 600_000, // ten headers, each asked of every compiler in C and in C++
  }, async () => {
    const elements = ['char', 'struct p', 'void *', 'short @[2]'];
    const tails = (length: string) =>
      elements
        .map((one, at) => `struct box${at} { int n; char c; ${declared(one, 't', length)}; };`)
        .join('\n');
    const texts = { open: tails('[]'), zero: tails('[0]'), three: tails('[3]') };
    const told = async (ours: string[], theirs: keyof typeof texts) => {
      const header = written(`${theirs}.h`, types + texts[theirs]);
      const rows = await checked(...ours, '--header', header, ...languages);
      return rows.map(({ status, told: all, refused }) => {
        const types = all
          .filter((one) => one.includes('type of t'))
          .map((one) => one.split(':')[0]);
        return [status, types.length > 0 ? types : refused];
      });
    };
    const all = elements.map((_, at) => `struct box${at}`);
    const different = Array.from({ length: 4 }, () => ['different', all]);
    const same = Array.from({ length: 4 }, () => ['same', []]);
    const [open, three] = [
      await imported('open.h', types + texts.open),
      await imported('three.h', types + texts.three),
    ];
    const objectOf = (name: keyof typeof texts) => {
      const objects = all.map((one, at) => `${one} *object${at};`).join(' ');
      return objectFor(folder, types + texts[name] + objects, targets.x86_64, ['-g']);
    };
    expect(await told([open], 'open')).toEqual(same);
    expect(await told([open], 'three')).toEqual(different);
    expect(await told([three], 'open')).toEqual(different);
    expect(await told([three], 'zero')).toEqual(different);
    expect(await told(['--against', objectOf('open')], 'three')).toEqual(different);
    expect(await told(['--against', objectOf('three')], 'open')).toEqual(different);
    // Debug information does not tell these apart.
    for (const one of ['open', 'zero'] as const)
      for (const other of ['open', 'zero'] as const)
        expect(await told(['--against', objectOf(one)], other)).toEqual(same);
  });

  it('is looked into where a binary has the definition', async () => {
    const source = `${boxes(['struct p m'])} struct box0 object; struct other_p other;`;
    const object = objectFor(folder, source, targets.x86_64, ['-g']);
    const header = written('binary.h', boxes(['struct other_p m']));
    const told = cases[0]?.[2].map((one) => `struct box0: ${one}`);
    for (const row of await checked('--against', object, '--header', header))
      expect(row.told).toEqual(told);
  });
});

/** A member in C; `@` is where its name and its first dimension go. */
function declared(type: string, name: string, length: string): string {
  const [base, rest = ''] = type.split(' @');
  return `${base} ${name}${length}${rest}`;
}

/** What import makes of a header. */
async function imported(name: string, text: string): Promise<string> {
  const header = written(name, text);
  const file = header.replace(/\.h$/, '.ts');
  const { status, stderr } = await abi(['import', header, '-t', 'x86_64', '-o', file]);
  expect([status, stderr]).toEqual([0, '']);
  return file;
}
