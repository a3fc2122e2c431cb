import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { generic, layout, type Target, type Type, targets, x86_64 } from '../../lib/abi/index.ts';
import { clangFile } from '../../lib/abi-tools/compilers.ts';
import { factsOf } from '../../lib/abi-tools/facts.ts';
import { importBinary, openBinary as openAny } from '../../lib/abi-tools/import-binary.ts';
import { Random } from '../../lib/abi-tools/random.ts';
import { targetOf } from '../../lib/cli/abi/options.ts';
import { sectionBytes } from '../../lib/debug-info/binary-file.ts';
import { readBtf } from '../../lib/debug-info/btf.ts';
import { attributeCases } from './attribute-cases.ts';
import { elfTargets, expectSame, objectFor, randomSource, run, whyNo } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

/** BTF that compilers, pahole and the kernel's build wrote, against layout() and bpftool. */

const folder = mkdtempSync(join(tmpdir(), 'syslets-btf-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const reason = await noClang();
const openBinary = (file: string, target: Target) => openAny(file, target, { format: 'btf' });
let count = 0;

/** A source of C as an object for BPF, whose debug information is BTF. */
function forBpf(text: string, order: 'el' | 'eb' = 'el'): string {
  const file = join(folder, `bpf-${count++}.o`);
  run(clangFile(), ['-target', `bpf${order}`, '-g', '-w', '-x', 'c', '-c', '-o', file, '-'], text);
  return file;
}

/** A source of C as an object for a target, with BTF that pahole made of its DWARF. */
function byPahole(text: string, target: Target, flags: readonly string[] = []): string {
  const file = objectFor(folder, text, target, ['-g', '-gdwarf-4']);
  run('pahole', ['-J', ...flags, file]);
  return file;
}

describe('BTF of random structs', () => {
  const seed = Number(process.env.SYSLETS_SEED ?? Date.now() % 2 ** 32);

  it(`of clang for BPF is what layout() says (seed ${seed})`, ({ skip }) => {
    if (reason) skip(reason);
    // BPF has no long double of its own.
    const bpf = { ...generic, longDouble: targets.arm.longDouble };
    const source = randomSource(seed, bpf, 200);
    expectSame(importBinary(openBinary(forBpf(source.text), bpf)), bpf, source.records);
  });

  // pahole 1.24 does not apply the relocations of MIPS and LoongArch, so that names are others'.
  const all = elfTargets.filter(({ name }) => name !== 'mips' && name !== 'loongarch64');
  it.for(all)(`of pahole for $name is what layout() says (seed ${seed})`, (target, { skip }) => {
    const missing = reason ?? whyNo('pahole');
    if (missing) skip(missing);
    const source = randomSource(seed, target, 100);
    const records = source.records.filter(({ type }) => isToldByPahole(type, target));
    expect(records.length).toBeGreaterThan(40);
    expectSame(importBinary(openBinary(byPahole(source.text, target), target)), target, records);
  });
});

/** It makes one array of one in another, and integers of 8 bytes at most of long doubles. */
function isToldByPahole(type: Type, target: Target): boolean {
  return !factsOf(type, target).some((line) => /\]\[|float 1/.test(line));
}

describe('attributes that BTF does not have', () => {
  it.for(attributeCases)('%s', ([, text, name, lines], { skip }) => {
    if (reason) skip(reason);
    const file = forBpf(`${text}\n${name} used;`);
    const found = importBinary(openBinary(file, generic)).types.get(name);
    if (!found) throw new Error(`${name} is not there`);
    const facts = factsOf(found, generic);
    for (const line of lines) expect(facts).toContain(line);
  });

  it('big-endian, too', ({ skip }) => {
    if (reason) skip(reason);
    const text = 'struct s { unsigned a : 3; long b : 40; short c; } used;';
    const file = forBpf(text, 'eb');
    const found = importBinary(openBinary(file, targets.s390x)).types.get('struct s');
    expect(found && factsOf(found, targets.s390x)).toContain('b: signed 8 at 0:3:40');
    expect(() => openBinary(file, x86_64)).toThrow(
      /machine 247 .*big-endian\): it says nothing of x86_64/,
    );
  });
});

interface Raw {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly size: number;
  readonly members: readonly {
    readonly name: string;
    readonly type_id: number;
    readonly bits_offset: number;
  }[];
}

describe('BTF of the kernel', () => {
  const kernel = '/sys/kernel/btf/vmlinux';

  it('has the sizes and places that bpftool prints', { timeout: 120_000 }, ({ skip }) => {
    if (!existsSync(kernel)) skip(`there is no ${kernel}`);
    const missing = whyNo('bpftool');
    if (missing) skip(missing);
    const options = { maxBuffer: 2 ** 30 };
    const { stdout } = spawnSync('bpftool', ['-j', 'btf', 'dump', 'file', kernel], options);
    const raw = (JSON.parse(stdout.toString()) as { readonly types: readonly Raw[] }).types;
    const { types, failures, target } = importBinary(
      openBinary(kernel, targetOf({ file: kernel })),
    );
    const named = raw.filter(
      ({ kind, name }) => /^(?:STRUCT|UNION)$/.test(kind) && name !== '(anon)',
    );
    const counts = new Map<string, number>();
    const nameOf = ({ kind, name }: Raw) => `${kind.toLowerCase()} ${name}`;
    for (const one of named) counts.set(nameOf(one), (counts.get(nameOf(one)) ?? 0) + 1);
    let compared = 0;
    for (const one of named.filter((given) => counts.get(nameOf(given)) === 1)) {
      if (failures.has(nameOf(one))) continue;
      compared += 1;
      const found = types.get(nameOf(one));
      if (!found) throw new Error(`${nameOf(one)} is not there`);
      const { size, fields } = layout(found, target);
      const theirs = one.members.map(({ bits_offset }) => bits_offset);
      const ours = fields.filter(({ key }) => !/^_gap/.test(key)).map(({ bitOffset }) => bitOffset);
      expect([nameOf(one), size, ...ours]).toEqual([nameOf(one), one.size, ...theirs]);
    }
    expect(compared).toBeGreaterThan(named.length * 0.9);
    // pahole leaves members out that it cannot write: such a type cannot be had.
    expect(failures.size).toBeLessThan(named.length * 0.01);
  });
});

describe('BTF of a kernel module', () => {
  const shared = 'struct shared { int a; long b; }; typedef unsigned int u32;';

  it('goes on from its kernel', ({ skip }) => {
    const missing = reason ?? whyNo('pahole') ?? whyNo('objcopy');
    if (missing) skip(missing);
    const base = rawOf(byPahole(`${shared} struct shared one; u32 two;`, x86_64));
    const text = `${shared} struct own { struct shared in; u32 more; struct own *next; } one;`;
    const module = rawOf(byPahole(text, x86_64, ['--btf_base', base]));
    const types = readBtf(readFileSync(module), module, readBtf(readFileSync(base), base));
    const made = importBinary({ types, target: x86_64 });
    expect(made.declared).toEqual(['struct own']);
    expect(factsOf(made.types.get('struct own') as Type, x86_64)).toEqual([
      '32 bytes',
      'in.a: signed 4 at 0',
      'in.b: signed 8 at 8',
      'more: unsigned 4 at 16',
      'next: pointer 8 at 24',
    ]);
  });

  it('of another kernel is refused', ({ skip }) => {
    const missing = reason ?? whyNo('pahole') ?? whyNo('objcopy');
    if (missing) skip(missing);
    const file = byPahole('struct own { int a; } one;', x86_64);
    const info = join(folder, 'modinfo');
    writeFileSync(info, 'license=MIT\0vermagic=2.6.24 SMP\0');
    run('objcopy', ['--add-section', `.modinfo=${info}`, file]);
    expect(() => openBinary(file, x86_64)).toThrow(/is a module of kernel 2\.6\.24, whose types/);
  });
});

/** The section alone, as it stands in /sys. */
function rawOf(file: string): string {
  const raw = `${file}.btf`;
  const flags = ['--only-section=.BTF', '--set-section-flags', '.BTF=alloc'];
  run('objcopy', ['-O', 'binary', ...flags, file, raw]);
  return raw;
}

describe('damaged BTF', () => {
  it('is told, never a crash', ({ skip }) => {
    if (reason) skip(reason);
    const random = new Random(11);
    const source = randomSource(5, generic, 10);
    const whole = readFileSync(forBpf(source.text));
    const file = join(folder, 'damaged.btf');
    const head = whole.indexOf(Buffer.from([0x9f, 0xeb, 1, 0, 24, 0, 0, 0]));
    const size = 24 + whole.readUInt32LE(head + 16) + whole.readUInt32LE(head + 20);
    let refused = 0;
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(whole.subarray(head, head + size));
      for (let hit = 0; hit <= round % 4; hit++)
        bytes[2 + random.below(bytes.length - 2)] = random.below(256);
      writeFileSync(file, round % 5 === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes);
      try {
        importBinary(openBinary(file, x86_64));
      } catch (error) {
        expect((error as Error).name).toBe('UserError');
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(50);
  });
});

/** `openBinary` on copies of a file, some bytes of which are others; how many were refused. */
function refusedOf(whole: Buffer, file: string, places: readonly number[]): number {
  const random = new Random(13);
  let refused = 0;
  for (const at of places) {
    const bytes = Buffer.from(whole);
    bytes[at] = random.below(256);
    writeFileSync(file, bytes);
    try {
      importBinary(openBinary(file, generic));
    } catch (error) {
      expect((error as Error).name).toBe('UserError');
      refused += 1;
    }
  }
  return refused;
}

describe('damaged ELF', () => {
  it('is told, never a crash', ({ skip }) => {
    if (reason) skip(reason);
    const whole = readFileSync(forBpf('struct point { int x; } used;'));
    const table = Number(whole.readBigUInt64LE(40));
    const inTable = Array.from({ length: whole.length - table }, (_, at) => table + at);
    const places = [...Array.from({ length: 64 }, (_, at) => at), ...inTable.slice(0, 1000)];
    expect(refusedOf(whole, join(folder, 'damaged.o'), places)).toBeGreaterThan(20);
  });

  it('nor is what was compressed', () => {
    const file = 'own.o';
    const bytes = Buffer.alloc(24 + 40, 0x55);
    bytes.writeUInt32LE(1, 0);
    const read = (at: number, size: number) => bytes.subarray(at, at + size);
    const section = { name: '.BTF', type: 1, flags: 0x800, offset: 0, size: 64, link: 0, info: 0 };
    const header = { is64: true, isLittle: true, type: 1, machine: 62, sections: [section] };
    expect(() => sectionBytes(read, header, section, file)).toThrow(/\.BTF cannot be decompressed/);
    bytes.writeBigUInt64LE(5n, 8);
    const packed = Buffer.concat([bytes.subarray(0, 24), deflateSync(Buffer.from('types'))]);
    const whole = (at: number, size: number) => packed.subarray(at, at + size);
    const right = { ...section, size: packed.length };
    expect(sectionBytes(whole, header, right, file).toString()).toBe('types');
  });
});

describe('syslets abi on binaries', () => {
  const old = 'struct point { int x; char kind; long at; struct point *next; };';
  const fresh = 'struct point { int x; char kind; int more; long at; struct point *next; };';
  const objectOf = (text: string) => forBpf(`${text}\nstruct point used;`);

  it('shows, imports, draws and dumps a type', async ({ skip }) => {
    if (reason) skip(reason);
    const file = objectOf(old);
    const shown = await abi(['show', `${file}:point`]);
    expect(shown.stdout).toMatch(/long +at; +\/\* +8 +8 \*\//);
    const made = await abi(['import', file, '--struct', 'point']);
    expect(made.stdout).toContain("export const point = struct('point', {");
    expect(made.stdout).toContain("next: pointer('struct point')");
    expect((await abi(['diagram', `${file}:point`])).stdout).toContain('|kin|');
    const bytes = join(folder, 'point.bin');
    writeFileSync(bytes, Buffer.alloc(24, 7));
    expect((await abi(['dump', `${file}:point`, bytes])).stdout).toContain('117901063');
  });

  it('compares two, and one with a header', async ({ skip }) => {
    if (reason) skip(reason);
    const [a, b] = [objectOf(old), objectOf(fresh)];
    const changed = await abi(['diff', a, b]);
    expect(changed.stdout).toContain('more');
    expect(changed.status).toBe(1);
    expect(await abi(['diff', a, a])).toMatchObject({ stdout: 'no difference\n', status: 0 });
    const header = join(folder, 'point.h');
    writeFileSync(header, `${old}\n`);
    const same = await abi(['check', '--header', header, '--against', a]);
    expect(same.stdout).toMatch(/generic +clang(-\d+)? +same \(1 type/);
    expect(same.status).toBe(0);
    const different = await abi(['check', '--header', header, '--against', b]);
    expect(different.stdout).toContain("no member named 'more'");
    expect(different.status).toBe(1);
  });

  it('says what is wrong with a file', async ({ skip }) => {
    if (reason) skip(reason);
    const file = objectOf(old);
    const other = await abi(['show', `${file}:point`, '-t', 'ppc64']);
    expect(other).toMatchObject({ status: 2, stdout: '' });
    expect(other.stderr).toContain('it says nothing of ppc64');
    const wrong = await abi(['show', `${file}:pint`]);
    expect(wrong.stderr).toContain('did you mean point?');
    const plain = await abi(['show', `${objectFor(folder, old, x86_64, [])}:point`]);
    expect(plain.stderr).toContain('has no debug information (DWARF or BTF)');
    expect(plain.status).toBe(2);
    const alone = await abi(['check', '--against', file]);
    expect(alone.stderr).toContain('--against FILE goes with --header F.h');
  });
});
