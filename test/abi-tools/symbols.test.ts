import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { x86_64 } from '../../lib/abi/index.ts';
import type { DiffRow } from '../../lib/abi-tools/diff.ts';
import { diffSymbols, exportedSymbols } from '../../lib/abi-tools/diff-symbols.ts';
import type { DynamicSymbol } from '../../lib/debug-info/dynamic-symbols.ts';
import { objectFor, run, whyNo } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

// What libraries export: read beside readelf, and compared as `diff` compares it.

const folder = mkdtempSync(join(tmpdir(), 'syslets-symbols-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const triples = [
  ...['x86_64-linux-gnu', 'i686-linux-gnu', 'x86_64-linux-gnux32', 'aarch64-linux-gnu'],
  ...['arm-linux-gnueabihf', 'powerpc64-linux-gnu', 'powerpc64le-linux-gnu', 'riscv64-linux-gnu'],
  ...['s390x-linux-gnu', 'mips-linux-gnu', 'sparc64-linux-gnu', 'm68k-linux-gnu'],
];
const libraries = triples
  .flatMap((triple) => [`/usr/${triple}/lib`, `/lib/${triple}`, `/usr/lib/${triple}`])
  .flatMap((place) => ['libc.so.6', 'libm.so.6', 'libstdc++.so.6'].map((name) => join(place, name)))
  .filter((file) => existsSync(file));
const noReadelf = whyNo('readelf');

const kinds: Readonly<Record<string, string>> = {
  NOTYPE: 'symbol',
  OBJECT: 'variable',
  FUNC: 'function',
  IFUNC: 'function',
  TLS: 'thread-local variable',
};

/** What linkers write into every file. */
const ofLinkers = /^(?:_edata|__bss_start|_end|_init|_fini)(?:@|$)/;

/** `name@@VERSION kind size` of each line that readelf has of a symbol that is exported. */
function byReadelf(file: string): string[] {
  const { stdout } = spawnSync('readelf', ['--dyn-syms', '-W', file], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return stdout.split('\n').flatMap((line) => {
    const [, size, type = '', binding, visibility, section, name = ''] =
      /^ *\d+: +[0-9a-f]+ +(\w+) +(\w+) +(\w+) +(\w+)(?: +\[[^\]]*\])? +(\w+) +(\S+)$/.exec(line) ??
      [];
    const isOffered =
      ['GLOBAL', 'WEAK', 'UNIQUE'].includes(binding ?? '') &&
      ['DEFAULT', 'PROTECTED'].includes(visibility ?? '');
    const isVersion = section === 'ABS' && type === 'OBJECT' && !name.includes('@');
    const kind = kinds[type];
    if (kind === undefined || !isOffered || section === 'UND' || isVersion) return [];
    if (ofLinkers.test(name)) return [];
    return [`${name} ${kind} ${Number(size)}`];
  });
}

function line({ name, version, isDefault, kind, bytes }: DynamicSymbol): string {
  const end = version === undefined ? '' : `${isDefault ? '@@' : '@'}${version}`;
  return `${name}${end} ${kind} ${bytes}`;
}

describe.skipIf(noReadelf)(`exported symbols${noReadelf ? `: ${noReadelf}` : ''}`, () => {
  it('there is a library here to read', () => {
    expect(libraries.length).toBeGreaterThan(0);
  });

  it.each(libraries)('of %s are those of readelf', (file) => {
    const expected = byReadelf(file);
    expect(expected.length).toBeGreaterThan(10);
    expect((exportedSymbols(file) ?? []).map(line).sort()).toEqual(expected.sort());
  });
});

const plain = {
  version: undefined,
  isDefault: true,
  isFirst: false,
  kind: 'function',
  bytes: 4,
} as const;

/** `name`, what is said of the change, and what it breaks. */
function rows(a: Partial<DynamicSymbol>, b: Partial<DynamicSymbol>): string[] {
  const side = (one: Partial<DynamicSymbol>): DynamicSymbol => ({ name: 'f', ...plain, ...one });
  return diffSymbols([side(a)], [side(b)]).map(
    ({ what, a: old, b: now, breaks }) => `${what}: ${old} | ${now}: ${breaks}`,
  );
}

describe('a symbol', () => {
  it('that is as it was is no difference, and a function may grow', () => {
    expect(rows({}, { bytes: 99 })).toEqual([]);
    expect(rows({ version: 'V1' }, { version: 'V1' })).toEqual([]);
  });

  it('that is gone breaks what uses it, and a new one nothing', () => {
    expect(rows({}, { name: 'g' })).toEqual(['f: function | -: symbol', 'g: - | function: name']);
  });

  it('of another version is another one, where a program asks for one', () => {
    expect(rows({ version: 'V1' }, { version: 'V2' })).toEqual([
      'f@@V1: function | -: symbol',
      'f@@V2: - | function: name',
    ]);
    expect(rows({ version: 'V1' }, {})).toEqual([
      'f: - | function: name',
      'f@@V1: function | -: symbol',
    ]);
  });

  it('without a version goes on as the oldest one, else as the default one', () => {
    expect(rows({}, { version: 'V1' })).toEqual(['f -> f@@V1: function | function: name']);
    expect(rows({}, { version: 'V1', isDefault: false, isFirst: true })).toEqual([
      'f -> f@V1: function | function: name',
    ]);
    expect(rows({}, { version: 'V2', isDefault: false })).toEqual([
      'f: function | -: symbol',
      'f@V2: - | function: name',
    ]);
    const old = { ...plain, name: 't', kind: 'variable' } as const;
    const both = [
      { ...old, version: 'V2' },
      { ...old, version: 'V1', isDefault: false, isFirst: true, bytes: 8 },
    ];
    expect(diffSymbols([old], both)[0]).toMatchObject({ what: 't -> t@V1', breaks: 'symbol' });
  });

  it('that stands twice in a file is one', () => {
    const one = { ...plain, name: 'f', version: 'V1' };
    const twice = [one, { ...one, isDefault: false }];
    expect(diffSymbols(twice, twice).filter(({ breaks }) => breaks === 'symbol')).toEqual([]);
    expect(diffSymbols([one], twice).map(({ a }) => a)).not.toContain('-');
  });

  it('that is not the default any more is there for the programs that have it', () => {
    const now = { version: 'V1', isDefault: false };
    expect(rows({ version: 'V1' }, now)).toEqual(['f@@V1 -> f@V1: function | function: name']);
  });

  it('is another one as a variable of another size, or as something else', () => {
    const variable = { kind: 'variable', bytes: 4 } as const;
    expect(rows(variable, { ...variable, bytes: 8 })).toEqual([
      'f: variable, 4 bytes | variable, 8 bytes: symbol',
    ]);
    expect(rows({}, variable)).toEqual(['f: function | variable, 4 bytes: symbol']);
    expect(rows(variable, { ...variable, kind: 'thread-local variable' })).toEqual([
      'f: variable, 4 bytes | thread-local variable, 4 bytes: symbol',
    ]);
    expect(rows({ kind: 'symbol' }, variable)).toEqual(['f: symbol | variable, 4 bytes: name']);
  });
});

let count = 0;

/** A library of x86_64 from a source, with a script of versions. */
function library(text: string, script: string): string {
  const at = join(folder, `library-${count++}`);
  writeFileSync(`${at}.map`, script);
  const object = objectFor(folder, text, x86_64, ['-g', '-fPIC']);
  run('ld', ['-shared', `--version-script=${at}.map`, '-o', `${at}.so`, object]);
  return `${at}.so`;
}

const otherLd = process.arch === 'x64' ? undefined : `ld of ${process.arch} links none of x86_64`;
const missing = (await noClang()) ?? otherLd ?? whyNo('ld') ?? whyNo('strip');

describe.skipIf(missing)(`diff of two libraries${missing ? `: ${missing}` : ''}`, () => {
  const one = `struct job { int id; }; struct job table[2]; _Thread_local int level;
int start(struct job *job) { return job->id; } int stop(void) { return 0; } int inner(void) { return 1; }`;
  const script = 'V1 { global: start; stop; table; level; local: *; };';
  const before = missing ? '' : library(one, script);

  async function diff(a: string, b: string) {
    const { stdout, status } = await abi(['diff', a, b, '--json']);
    const { breaks, different } = JSON.parse(stdout) as {
      readonly breaks: boolean;
      readonly different: readonly { readonly name: string; readonly rows: readonly DiffRow[] }[];
    };
    return { breaks, different, status };
  }

  it('tells no difference to itself, nor one inside of functions and of what is local', async () => {
    const same = library(one.replace('inner(void) { return 1', 'inside(void) { return 2'), script);
    expect(await diff(before, same)).toEqual({ breaks: false, different: [], status: 0 });
  });

  it('tells what is gone, is new, and is of another size', async () => {
    const now = library(
      one.replace('table[2]', 'table[3]').replace('stop(void)', 'more(void)'),
      'V1 { global: start; table; level; local: *; }; V2 { global: more; } V1;',
    );
    expect(await diff(before, now)).toEqual({
      breaks: true,
      status: 1,
      different: [
        {
          name: 'exported symbols',
          rows: [
            { what: 'more@@V2', a: '-', b: 'function', breaks: 'name' },
            { what: 'stop@@V1', a: 'function', b: '-', breaks: 'symbol' },
            {
              what: 'table@@V1',
              a: 'variable, 8 bytes',
              b: 'variable, 12 bytes',
              breaks: 'symbol',
            },
          ],
        },
      ],
    });
    const { stdout } = await abi(['diff', before, now]);
    expect(stdout).toMatch(/^stop@@V1 +function +- +programs that use it$/m);
    expect(stdout).toContain('3 differences, of which 2 break');
  });

  it('breaks nothing where one is new', async () => {
    const now = library(
      `${one} int more(void) { return 3; }`,
      script.replace('stop;', 'stop; more;'),
    );
    const { breaks, different, status } = await diff(before, now);
    expect([breaks, status]).toEqual([false, 0]);
    expect(different[0]?.rows.map(({ what }) => what)).toEqual(['more@@V1']);
  });

  it('compares libraries without types, and stripped ones', async () => {
    const [plainOne, more] = ['', 'int g(void) { return 2; }'].map((rest) =>
      library(`int f(void) { return 1; } ${rest}`, '{ global: *; };'),
    ) as [string, string];
    expect(await diff(plainOne, plainOne)).toEqual({ breaks: false, different: [], status: 0 });
    expect((await diff(more, plainOne)).status).toBe(1);
    for (const file of [plainOne, more]) run('strip', ['-o', `${file}.stripped`, file]);
    const { stdout, stderr, status } = await abi([
      'diff',
      `${more}.stripped`,
      `${plainOne}.stripped`,
    ]);
    expect(stdout).toMatch(/^g +function +- +programs that use it$/m);
    expect(stderr).toContain('has no debug information');
    expect(status).toBe(1);
  });

  it.each([
    ['VERDEF', 12, 0x7fffffff], // vda_aux of the first version
    ['VERDEF', 4, 77], // its index
    ['DYNSYM', 24, 0x7fffffff], // st_name of the first symbol
  ])('says of damaged tables that they are: %s at %i', (section, at, value) => {
    const bytes = Buffer.from(readFileSync(before));
    const { stdout } = spawnSync('readelf', ['-SW', before], { encoding: 'utf8' });
    const [, offset = ''] = new RegExp(` ${section} +\\w+ (\\w+)`).exec(stdout) ?? [];
    const all = section === 'VERDEF' && at === 4 ? [4, 32] : [at];
    for (const place of all) {
      const where = Number.parseInt(offset, 16) + place;
      if (at === 4) bytes.writeUInt16LE(value, where);
      else bytes.writeUInt32LE(value, where);
    }
    const damaged = join(folder, 'damaged.so');
    writeFileSync(damaged, bytes);
    expect(() => exportedSymbols(damaged)).toThrow('damaged tables of dynamic symbols');
  });

  it('leaves out what linkers write into every file, and old ones export', async () => {
    const own = 'int f(void) { return 1; }';
    const names = ['_edata', '__bss_start', '_end', '_init', '_fini'];
    const other = names.map((name) => `int ${name}(void) { return 2; }`).join(' ');
    const [now, old] = [own, `${own} ${other}`].map((text) => library(text, '{ global: *; };'));
    const { stdout } = spawnSync('readelf', ['--dyn-syms', '-W', old as string], {
      encoding: 'utf8',
    });
    expect(names.filter((name) => !stdout.includes(` ${name}\n`))).toEqual([]);
    expect((exportedSymbols(old as string) ?? []).map(({ name }) => name)).toEqual(['f']);
    expect((await diff(old as string, now as string)).different).not.toContainEqual(
      expect.objectContaining({ name: 'exported symbols' }),
    );
  });

  it('leaves out what a program copies of a library’s variables', ({ skip }) => {
    const none = whyNo('gcc');
    if (none) skip(none);
    const shared = library('int level = 3; int other = 4;', '{ global: *; };');
    const program = join(folder, 'copies');
    const text = 'extern int level; int own = 1; int main(void) { return level; }';
    const flags = ['-no-pie', '-fno-pie', '-rdynamic', '-x', 'c', '-', '-x', 'none', shared];
    run('gcc', [...flags, '-o', program], text);
    const { stdout } = spawnSync('readelf', ['-rW', program], { encoding: 'utf8' });
    expect(stdout).toMatch(/_COPY .* level/);
    const names = (exportedSymbols(program) ?? []).map(({ name }) => name);
    expect(names).toContain('own');
    expect(names).not.toContain('level');
  });

  it('leaves out the other names of a variable that a program copies', ({ skip }) => {
    const none = whyNo('gcc');
    if (none) skip(none);
    const names = 'extern int soft __attribute__((weak, alias("level")));';
    const shared = library(`int level = 3; ${names}`, '{ global: *; };');
    const program = join(folder, 'aliases');
    const text = 'extern int soft; int own = 1; int main(void) { return soft; }';
    const flags = ['-no-pie', '-fno-pie', '-rdynamic', '-x', 'c', '-', '-x', 'none', shared];
    run('gcc', [...flags, '-o', program], text);
    const { stdout } = spawnSync('readelf', ['--dyn-syms', '-W', program], { encoding: 'utf8' });
    expect(stdout).toMatch(/ level\n/);
    expect(stdout).toMatch(/ soft\n/);
    const own = (exportedSymbols(program) ?? []).map(({ name }) => name);
    expect(own).toContain('own');
    expect(own.filter((name) => name === 'level' || name === 'soft')).toEqual([]);
  });

  it('knows no symbols of objects', () => {
    expect(exportedSymbols(objectFor(folder, one, x86_64, ['-g']))).toBeUndefined();
  });
});

describe('a program for 64-bit MIPS', () => {
  const copy = 126;
  const link = { dynsym: 1, dynstr: 2 };

  /** `own` at 0x100, `copied` and its other name at 0x200. */
  function program(isLittle: boolean): Buffer {
    const number = (value: number, size: number) => {
      const bytes = Buffer.alloc(size);
      const at = isLittle ? 0 : size - Math.min(size, 4);
      const width = Math.min(size, 4);
      if (isLittle) bytes.writeUIntLE(value, at, width);
      else bytes.writeUIntBE(value, at, width);
      return bytes;
    };
    const variable = 0x11;
    const section = 9;
    const symbol = (name: number, value: number) =>
      Buffer.concat([
        ...[number(name, 4), number(variable, 1), number(0, 1), number(section, 2)],
        ...[number(value, 8), number(4, 8)],
      ]);
    const names = Buffer.from('\0own\0copied\0other\0');
    const symbols = Buffer.concat([
      Buffer.alloc(24),
      ...[symbol(1, 0x100), symbol(5, 0x200), symbol(12, 0x200)],
    ]);
    // r_offset, r_sym, then r_ssym, r_type3, r_type2 and r_type, in any byte order.
    const relocation = [number(0x200, 8), number(2, 4), Buffer.from([0, 0, 0, copy])];
    const parts = [names, symbols, Buffer.concat(relocation)];
    const head = 64;
    const header = (type: number, part: number, to: number) => {
      const before = parts.slice(0, part).reduce((sum, { length }) => sum + length, head);
      const size = parts[part]?.length ?? 0;
      return Buffer.concat([
        ...[number(0, 4), number(type, 4), number(0, 8), number(0, 8), number(before, 8)],
        ...[number(size, 8), number(to, 4), number(0, 4), number(8, 8), number(0, 8)],
      ]);
    };
    const table = [
      Buffer.alloc(64),
      ...[header(11, 1, link.dynstr), header(3, 0, 0), header(9, 2, link.dynsym)],
    ];
    const size = parts.reduce((sum, { length }) => sum + length, head);
    const elf = Buffer.concat([
      Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, isLittle ? 1 : 2, 1, ...Buffer.alloc(9)]),
      ...[number(2, 2), number(8, 2), number(1, 4), number(0, 8), number(0, 8), number(size, 8)],
      ...[number(0, 4), number(64, 2), number(56, 2), number(0, 2)],
      ...[number(64, 2), number(table.length, 2), number(link.dynstr, 2)],
    ]);
    return Buffer.concat([elf, ...parts, ...table]);
  }

  it.each([
    ['big', false],
    ['little', true],
  ])('leaves out its copies where the byte order is %s-endian', (name, isLittle) => {
    const file = join(folder, `mips64-${name}`);
    writeFileSync(file, program(isLittle));
    expect((exportedSymbols(file) ?? []).map((one) => one.name)).toEqual(['own']);
  });
});
