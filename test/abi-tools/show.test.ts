import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { targets } from '../../lib/abi/index.ts';
import { clangFile } from '../../lib/abi-tools/compilers.ts';
import { run } from '../../lib/abi-tools/run.ts';
import { abi } from './cli.ts';
import { noClang, noCompiler } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-show-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'gaps.ts');
writeFileSync(
  file,
  `import { array, bits, struct, u8, u32, u64, i386, union, enumeration } from 'syslets/abi';
export const gaps = struct('gaps', { a: u8, b: u32, flag: bits(u32, 3), big: array(u64, 8), last: u8 });
export const many = struct('many', { head: u32, body: array(u8, 200), tail: union('', { x: u32, y: u64 }) });
export const other = struct('gaps', { a: u8, b: u64, big: array(u64, 8), last: u8 });
`,
);

describe('syslets abi show', () => {
  it('marks holes and cache lines', async () => {
    const { stdout } = await abi(['show', `${file}:gaps`, '-t', 'x86_64']);
    expect(stdout).toContain('/* XXX 3 bytes hole, try to pack */');
    expect(stdout).toContain('flag:3;                  /*      8: 0     4 */');
    expect(stdout).toContain('/* --- cacheline 1 boundary (64 bytes) was 16 bytes ago --- */');
    expect(stdout).toContain('/* size: 88, align: 8, cachelines: 2, members: 5 */');
    expect(stdout).toContain('/* padding: 7 */');
  });

  it('declares what has no tag where it stands, and arrays as C does', async () => {
    const { stdout } = await abi(['show', `${file}:many`, '-t', 'x86_64']);
    const lines = [
      '\tu8           body[200];               /*      4      200 */',
      '\tunion {',
      '\t\tu64          y;               /*    208        8 */',
      '\t} tail;                               /*    208        8 */',
    ];
    for (const line of lines) expect(stdout.split('\n')).toContain(line);
  });

  it('prints JSON that stays as it is', async () => {
    const { stdout } = await abi(['show', 'syslet_completion', '-t', 'i386', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      layouts: [
        {
          type: 'struct syslet_completion',
          target: 'i386',
          size: 16,
          align: 4,
          members: [
            { name: 'status', type: 'u64', offset: 0, size: 8, bitOffset: 0 },
            { name: 'caller_data', type: 'u64', offset: 8, size: 8, bitOffset: 64 },
          ],
          holes: [],
          tailPadding: 0,
        },
      ],
      missing: [],
    });
  });

  it('prints the enumerators of an enumeration, and no members of what has none', async () => {
    const values = join(folder, 'values.ts');
    writeFileSync(
      values,
      `import { aligned, array, enumeration, u64 } from 'syslets/abi';
export const e = enumeration('e', { LOW: -1, HIGH: 5 });
export const far = aligned(16, e);
export const list = array(array(u64, 3), 2);
export const big = aligned(16, u64);
`,
    );
    const show = async (name: string, ...more: string[]) => {
      return (await abi(['show', `${values}:${name}`, '-t', 'x86_64', ...more])).stdout;
    };
    expect(await show('e')).toMatch(
      /^enum e \{ +\/\* x86_64 \*\/\n\tLOW = -1,\n\tHIGH = 5,\n\n\t\/\* size: 4, align: 4, integer: i32, enumerators: 2 \*\/\n\};\n$/,
    );
    expect(await show('far')).toContain('size: 4, align: 16, integer: i32, enumerators: 2');
    expect(JSON.parse(await show('e', '--json')).layouts[0]).toMatchObject({
      size: 4,
      enumerators: { LOW: -1, HIGH: 5 },
      members: [],
    });
    expect(await show('list')).toMatch(
      /^u64\[2\]\[3\]; +\/\* x86_64 \*\/\n\n\t\/\* size: 48, align: 8 \*\/\n$/,
    );
    expect(await show('big')).toContain('size: 8, align: 16 */');
    expect(await show('big')).not.toContain('members');
  });

  it('says where a type does not exist, and offers names like a wrong one', async () => {
    const missing = await abi(['show', 'indirect_registers', '-t', 'x86_64,arm']);
    expect(missing.stdout).toContain('/* does not exist on arm */');
    const wrong = await abi(['show', 'syslet_rign']);
    expect(wrong.stderr).toContain("'syslet_rign' is not in syslets/abi; did you mean syslet_ring");
    expect(wrong.status).toBe(2);
    const unnamed = await abi(['show', file]);
    expect(unnamed.stderr).toContain(`name a type, as ${file}:TYPE; there is gaps, many, other`);
    expect(unnamed.status).toBe(2);
  });
});

describe('syslets abi diff', () => {
  it('compares two targets', async () => {
    const { status, stdout } = await abi(['diff', 'syslet_args@i386', 'syslet_args@x86_64']);
    expect(stdout).toMatch(/alignment +4 +8/);
    expect(status).toBe(1);
    expect((await abi(['diff', 'syslet_args@ppc64', 'syslet_args@sparc64'])).status).toBe(0);
  });

  it('compares two types of two files', async () => {
    const { stdout } = await abi(['diff', `${file}:gaps`, `${file}:other`]);
    expect(stdout).toMatch(/flag +u32 at 8 bit 0, 3 wide, 4 bytes +-/);
    expect(stdout).toMatch(/b +u32 at 4, 4 bytes +u64 at 8, 8 bytes/);
  });
});

describe('syslets abi export', () => {
  it('gives a header that compilers agree with', async ({ skip }) => {
    const reason = await noCompiler('x86_64', 'cc');
    if (reason) skip(reason);
    for (const name of [`${file}:gaps`, `${file}:many`, 'syslet_call', 'indirect_params']) {
      const { stdout } = await abi(['export', name, '-t', 'x86_64,i386']);
      const c = await run('cc', ['-x', 'c', '-std=c11', '-Werror', '-fsyntax-only', '-'], {
        input: stdout,
      });
      expect([name, c.status, c.stderr]).toEqual([name, 0, '']);
      const wrong = stdout.replace(/sizeof\((struct|union) (\w+)\) == \d+/, 'sizeof($1 $2) == 3');
      const refused = await run('cc', ['-x', 'c', '-std=c11', '-fsyntax-only', '-'], {
        input: wrong,
      });
      expect(refused.stderr).toContain('static assertion failed');
    }
  });

  it('asserts what C++ makes of an empty struct', async ({ skip }) => {
    const reason = await noCompiler('x86_64', 'cc');
    if (reason) skip(reason);
    const { stdout } = await abi(['export', 'syslet_args', '-t', 'generic']);
    const cpp = await run('c++', ['-x', 'c++', '-fsyntax-only', '-'], { input: stdout });
    expect([cpp.status, cpp.stderr]).toEqual([0, '']);
  });
});

const noClangHere = await noClang();
const compilers = [
  ...((await noCompiler('x86_64', 'cc')) ? [] : ['cc']),
  ...(noClangHere ? [] : [clangFile()]),
];

describe('syslets abi export of typedefs', () => {
  const header = join(folder, 'typedefs.h');
  writeFileSync(
    header,
    `#include <stdbool.h>
typedef struct { int a; } up __attribute__((aligned(8)));
typedef struct { long long a; bool b; } down __attribute__((aligned(2)));
struct tag { int a; bool b : 1; };
typedef struct tag far __attribute__((aligned(64)));
#ifndef __cplusplus
typedef struct tag tag __attribute__((aligned(16)));
#endif
typedef struct { bool b; up one; } plain;
#pragma pack(push, 1)
typedef struct { char a; int b; } tight __attribute__((aligned(4)));
#pragma pack(pop)
typedef union { int a; char b[3]; } joined __attribute__((aligned(32)));
`,
  );
  const names = ['up', 'down', 'far', 'tag', 'plain', 'tight', 'joined'];

  it.for(names)('keeps the name and the alignment of %s, in C and C++', async (name, { skip }) => {
    if (noClangHere) skip(noClangHere);
    const { stdout, stderr, status } = await abi(['export', `${header}:${name}`, '-t', 'x86_64']);
    expect([status, stderr]).toEqual([0, '']);
    const exported = name === 'tag' ? 'tag_t' : name;
    // The header's own names get out of the way, and both compilers compare the two.
    const own = [...names, 'tag'].map((one) => `#define ${one} own_${one}\n`).join('');
    const back = [...names, 'tag'].map((one) => `#undef ${one}\n`).join('');
    const text = `#include <stdbool.h>\n${own}#include "${header}"\n${back}${stdout}${stdout}
int sizes[sizeof(${exported}) == sizeof(own_${name}) ? 1 : -1];
int aligns[__alignof__(${exported}) == __alignof__(own_${name}) ? 1 : -1];
`;
    for (const language of ['c', 'c++']) {
      // In C++ a typedef may not be named as a tag with another alignment.
      if (language === 'c++' && name === 'tag') continue;
      for (const compiler of compilers) {
        const args = ['-x', language, '-fsyntax-only', '-Werror', '-'];
        const made = await run(compiler, args, { input: text });
        expect([compiler, language, made.status, made.stderr]).toEqual([compiler, language, 0, '']);
      }
    }
  });
});

describe('syslets abi diagram', () => {
  it('draws targets beside each other in text', async () => {
    const { stdout } = await abi(['diagram', `${file}:gaps`, '-t', 'x86_64']);
    expect(stdout).toContain('    0 |a  |///////////|b              |');
    expect(stdout).toContain('byte 8: flag:3');
  });

  it('draws SVG, with what lies over each other', async () => {
    const output = join(folder, 'many.svg');
    await abi(['diagram', `${file}:many`, '-t', 'x86_64,ppc64', '-o', output]);
    const svg = readFileSync(output, 'utf8');
    expect(svg).toMatch(/^<svg xmlns/);
    expect(svg).toContain('<title>tail.y: byte 208, 8 bytes</title>');
    expect(svg).toContain('>or</text>');
    expect(svg).toMatch(/… \d+ bytes/);
    expect(svg.match(/class="title"/g)).toHaveLength(2);
  });
});

describe('syslets abi dump', () => {
  it('shows the bytes and the value of each member', async () => {
    const bytes = Buffer.alloc(40);
    bytes.writeBigUInt64LE(77n, 16);
    const input = join(folder, 'ring.bin');
    writeFileSync(input, bytes);
    const { stdout } = await abi([
      'dump',
      'syslet_completion',
      input,
      '--at',
      '16',
      '-t',
      'x86_64',
    ]);
    expect(stdout).toContain('struct syslet_completion at 16 (16 bytes, x86_64)');
    expect(stdout).toContain('| 4d 00 00 00 00 00 00 00');
    expect(stdout).toContain('| 77 (0x4d)');
    const big = await abi(
      ['dump', 'syslet_completion', '-', '--at', '16', '-t', 'ppc64'],
      {},
      bytes.toString('latin1'),
    );
    expect(big.stdout).toContain('5548434740920451072');
  });

  it('shows the same bytes as each target sees them, and holes', async () => {
    const input = join(folder, 'gaps.bin');
    writeFileSync(input, Buffer.alloc(88, 1));
    const { stdout } = await abi(['dump', `${file}:gaps`, input, '-t', 'x86_64,ppc64']);
    expect(stdout).toContain('struct gaps at 0 (88 bytes, x86_64)');
    expect(stdout).toContain('struct gaps at 0 (88 bytes, ppc64)');
    expect(stdout).toMatch(/0001 {2}\(hole\) +\| 01 01 01/);
    expect(stdout).toMatch(/0051 {2}\(padding\)/);
  });

  it('says that a file is too short', async () => {
    const { status, stderr } = await abi(['dump', 'syslet_completion', file, '--count', '900']);
    expect(stderr).toMatch(/900 × 16 bytes of struct syslet_completion do not fit/);
    expect(status).toBe(2);
  });
});

const source = join(folder, 'source.cc');
writeFileSync(source, 'struct s { int x; };');

describe('syslets abi', () => {
  it.each([
    [['show'], "missing required argument 'type'"],
    [['shw'], '(Did you mean show?)'],
    [['show', file], `name a type, as ${file}:TYPE`],
    [['diff', file, 'gone.so'], "there is no file 'gone.so', and no syslet struct of that name"],
    [['diff', source, file], 'of a source of C or C++ name the object that it compiles to'],
    [['diff', source, source], 'of a source of C or C++ name the object that it compiles to'],
    [['show', `${source}:s`], 'of a source of C or C++ name the object that it compiles to'],
    [['check', '--bogus'], "unknown option '--bogus'"],
    [['import', file], 'expected a header (FILE.h)'],
    [['import', join(folder, 'none.h')], 'there is no file or folder'],
    [
      ['diagram', 'syslet_ring', '-o', join(folder, 'x.png')],
      'x.png: a diagram is text or SVG: name a file that ends in .svg',
    ],
    [['export', 'syslet_ring', '-o', join(folder, 'none', 'x.h')], 'there is no file or folder'],
    [['dump', 'syslet_ring', folder], 'expected a file, got a folder'],
    [['show', 'syslet_ring@ppc64', '-t', 'i386'], 'names the target ppc64, and --target i386'],
    [
      ['show', `${file}@ppc64`, '--sizes', '-t', 'i386'],
      'names the target ppc64, and --target i386',
    ],
    [['dump', 'syslet_ring@i386', file, '-t', 'i386,x86_64'], 'names the target i386, and'],
    [
      ['diagram', 'syslet_ring@i386', '-t', 'i386:c++'],
      'names the target i386, and --target i386:c++',
    ],
    [
      ['export', 'syslet_ring@i386', '-t', 'all'],
      'names the target i386, and --target i386, x86_64',
    ],
    [['show', 'syslet_ring', '-t', 'x86'], "there is no target 'x86'; did you mean"],
    [['show', 'syslet_ring', '-t', ''], 'a target has no name: expected one, or several with'],
    [['show', 'syslet_ring', '-t', 'i386,'], 'a target has no name: expected one, or several with'],
    [['show', 'syslet_ring', '-t', 'ALL'], "there is no target 'ALL'; did you mean all"],
    [['show', 'syslet_ring', '-t', 'i386:C++'], 'expected i386:c++ for the rules of C++, or i386'],
    [['show', 'syslet_ring@i386:C++'], 'expected i386:c++ for the rules of C++, or i386 alone'],
    [['show', 'syslet_ring@all:c++'], 'is more than one target: name those with --target'],
  ])('says what is wrong with %j, with status 2', async (args, message) => {
    const { status, stdout, stderr } = await abi(args);
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([2, '']);
  });

  it('takes all targets in C++, too', async () => {
    const { status, stdout } = await abi(['show', 'syslet_frame', '-t', 'all:c++']);
    const names = Object.keys(targets);
    const { status: required } = await abi(['check', '-t', 'generic:c', '--require', 'generic:c']);
    expect([status, required, stdout.match(/:c\+\+/g)?.length]).toEqual([0, 0, names.length]);
  });

  it('takes @TARGET with a language, and files that have an @ in their names', async () => {
    const at = join(folder, 'at@2.h');
    writeFileSync(at, 'struct empty {}; struct c { int x; };');
    const sizeIn = async (name: string) => {
      const { stdout } = await abi(['show', name, '--json']);
      return JSON.parse(stdout).layouts[0].size as number;
    };
    expect(await sizeIn('syslet_frame@generic')).toBe(0);
    expect(await sizeIn('syslet_frame@generic:c++')).toBe(1);
    expect(await sizeIn(`${at}:empty@x86_64:c++`)).toBe(1);
    expect(await sizeIn(`${at}:c`)).toBe(4);
    const { stdout } = await abi(['diff', '--json', `${at}@x86_64:c++`, at]);
    expect(JSON.parse(stdout).different.map(({ name }: { name: string }) => name)).toEqual([
      'empty',
    ]);
  });

  it('takes a target that is named twice', async () => {
    const twice = await abi(['show', 'syslet_ring@i386', '-t', 'i386']);
    expect(twice).toEqual(await abi(['show', 'syslet_ring', '-t', 'i386']));
    expect(twice.status).toBe(0);
  });

  it('checks the targets of two --require', async () => {
    const both = ['--require', 'wasm32-emscripten', '--require', 'x86_64'];
    const { stdout } = await abi(['check', '-t', 'x86_64', ...both]);
    expect(stdout).toContain('wasm32-emscripten');
  });

  it('refuses an option of one value that is given twice', async () => {
    const twice = ['--struct', 'a', '--struct', 'b'];
    for (const command of ['import', 'check']) {
      const { status, stdout, stderr } = await abi([command, 'x.h', ...twice]);
      expect(stderr).toContain("option '--struct <name>' is given twice");
      expect([status, stdout]).toEqual([2, '']);
    }
    const { status } = await abi(['show', 'syslet_ring', '-t', 'i386', '-t', 'x86_64']);
    expect(status).toBe(0);
  });

  it.each(['show', 'check', 'diff', 'import', 'export', 'diagram', 'dump'])(
    'has a help with examples for %s',
    async (name) => {
      const { status, stdout } = await abi([name, '--help']);
      expect(stdout).toContain(`Examples:\n  syslets abi ${name}`);
      expect(stdout).toContain('\n  SYSLETS_COMPILER_TIMEOUT  seconds');
      expect(status).toBe(0);
    },
  );
});
