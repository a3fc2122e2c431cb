import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { x86_64 } from '../../lib/abi/index.ts';
import { objectFor, run, whyNo } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-survey-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const source = `
struct point { char kind; int x; char last; };
struct line { struct point ends[2]; };
struct tree { union { struct { long none; struct line edge; }; int all; }; struct point *near; };
struct plain { int a, b; };
typedef struct plain same;
`;

describe('syslets abi show of a whole file', () => {
  const file = join(folder, 'shapes.ts');
  writeFileSync(
    file,
    `import { anonymous, array, char, int, long, pointer, struct, union } from 'syslets/abi';
export const point = struct('point', { kind: char, x: int, last: char });
export const line = struct('line', { ends: array(point, 2) });
export const tree = struct('tree', {
  _0: anonymous(union('', { _0: anonymous(struct('', { none: long, edge: line })), all: int })),
  near: pointer('struct point'),
});
export const plain = struct('plain', { a: int, b: int });
export const same = plain;
`,
  );

  it('lists sizes, the largest first, each type once', async () => {
    const { stdout, status } = await abi(['show', file, '--sizes', '-t', 'x86_64']);
    expect(stdout.trimEnd().split('\n')).toEqual([
      'x86_64',
      'type   size  align  holes  bytes in holes  padding',
      '-----  ----  -----  -----  --------------  -------',
      'tree   40    8      0      0               0',
      'line   24    4      0      0               0',
      'point  12    4      1      3               3',
      'plain  8     4      0      0               0',
    ]);
    expect(status).toBe(0);
  });

  it('tells what it could not read', async ({ skip }) => {
    const reason = await noClang();
    if (reason) skip(reason);
    const refused = join(folder, 'refused.h');
    writeFileSync(
      refused,
      'struct in { int x; }; struct k { struct in i; }; struct s { _Atomic int a; struct in b; };',
    );
    const { stdout, stderr, status } = await abi(['show', refused, '--containing', 'in']);
    expect(stdout).toMatch(/^k /m);
    expect(stderr).toMatch(/^not shown: struct s: .*_Atomic.*\n$/);
    expect(status).toBe(0);
  });

  it('answers for each type where one is none', async () => {
    const mixed = join(folder, 'mixed.ts');
    writeFileSync(
      mixed,
      `import { bits, flexible, int, short, struct, u128 } from 'syslets/abi';
export const wide = struct('wide', { a: bits(short, 17) });
export const open = struct('open', { t: flexible(int), n: int });
export const big = struct('big', { w: u128 });
export const good = struct('good', { n: int });
`,
    );
    const { stdout, stderr, status } = await abi(['show', mixed, '--sizes', '-t', 'x86_64,i386']);
    expect(stdout).toMatch(/^x86_64\n.*\n.*\nbig .*\ngood .*\n\ni386\n.*\n.*\ngood .*\n$/);
    const reasons = stderr.trimEnd().split('\n');
    const told = reasons.map((line) => /^not shown: (\w+ on \w+): ./.exec(line)?.[1]);
    const byTarget = (target: string) => told.filter((one) => one?.endsWith(target)).sort();
    expect([...byTarget('x86_64'), ...byTarget('i386')]).toEqual([
      ...['open on x86_64', 'wide on x86_64'],
      ...['big on i386', 'open on i386', 'wide on i386'],
    ]);
    expect(status).toBe(0);
  });

  it('lists those with holes, and those that hold a type by value', async () => {
    const holes = await abi(['show', file, '--holes', '1', '-t', 'i386,x86_64', '--json']);
    const names = (JSON.parse(holes.stdout) as { types: { name: string }[] }[]).map(({ types }) =>
      types.map(({ name }) => name),
    );
    expect(names).toEqual([['point'], ['point']]);
    const holding = await abi(['show', file, '--containing', 'point', '-t', 'x86_64']);
    expect(holding.stdout).toMatch(/^tree .* edge\.ends\[2\]$/m);
    expect(holding.stdout).toMatch(/^line .* ends\[2\]$/m);
    expect(holding.stdout).not.toContain('plain');
    const none = await abi(['show', file, '--holes', '9']);
    expect(none.stdout).toMatch(/no such struct or union/);
  });

  it('of an object is the same', async ({ skip }) => {
    const missing = whyNo('gcc');
    if (missing) skip(missing);
    const text = `${source} struct tree tree; same one;`;
    const object = objectFor(folder, text, x86_64, ['-g'], 'gcc');
    const [ours, theirs] = await Promise.all(
      [file, object].map((one) => abi(['show', one, '--sizes', '-t', 'x86_64'])),
    );
    expect(theirs?.stdout).toBe(ours?.stdout);
    const holding = await abi(['show', object, '--containing', 'struct point']);
    expect(holding.stdout).toMatch(/^tree .* edge\.ends\[2\]$/m);
  });

  it('tells types of one name apart that an object has', async ({ skip }) => {
    const missing = whyNo('gcc') ?? whyNo('ld');
    if (missing) skip(missing);
    const files = ['int a;', 'long b;'].map((member, index) => {
      const text = `struct own { ${member} }; struct hold_${index} { struct own one; } hold_${index};`;
      return objectFor(folder, text, x86_64, ['-g'], 'gcc');
    });
    const whole = join(folder, 'whole.o');
    run('ld', ['-r', '-o', whole, ...files]);
    const holders = async (name: string) => {
      const { stdout } = await abi(['show', whole, '--containing', name, '--json']);
      return (JSON.parse(stdout) as { types: { name: string }[] }[])[0]?.types.map(
        (one) => one.name,
      );
    };
    expect(await holders('own')).toEqual(['hold_0']);
    expect(await holders('own__2')).toEqual(['hold_1']);
  });

  it('finds in a header of several targets what each of them has', async ({ skip }) => {
    const missing = await noClang();
    if (missing) skip(missing);
    const header = join(folder, 'targets.h');
    writeFileSync(
      header,
      `${source}#ifdef __x86_64__
struct only { long x; };
struct holds { struct only one; };
#endif
`,
    );
    const listed = async (name: string) => {
      const args = ['show', header, '--containing', name, '-t', 'x86_64,i386', '--json'];
      const lists = JSON.parse((await abi(args)).stdout) as { types: { name: string }[] }[];
      return lists.map(({ types }) => types.map((one) => one.name).sort());
    };
    const both = ['line', 'tree'];
    expect(await listed('point')).toEqual([both, both]);
    expect(await listed('only')).toEqual([['holds'], []]);
    expect(await listed('line')).toEqual([['tree'], ['tree']]);
  });

  it('says what it expected', async () => {
    const whole = await abi(['show', file]);
    expect(whole.stderr).toContain(`name a type, as ${file}:TYPE`);
    const one = await abi(['show', `${file}:point`, '--sizes']);
    expect(one.stderr).toContain('expected a FILE as a whole');
    const many = await abi(['show', file, '--holes', 'many']);
    expect(many.stderr).toContain('expected a number of holes from 1 up');
    expect([whole.status, one.status, many.status]).toEqual([2, 2, 2]);
    const unknown = await abi(['show', file, '--containing', 'pint']);
    expect(unknown.stderr).toContain('did you mean point');
  });
});
