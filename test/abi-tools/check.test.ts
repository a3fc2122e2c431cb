import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { abi, fixture } from './cli.ts';
import { noClang, noCompiler } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const reason = await noClang();

function definitions(name: string, body: string): string {
  const file = join(folder, name);
  writeFileSync(
    file,
    `import { aligned, bits, i16, i32, struct, u8, u16, u32, u64, long, u128, union, anonymous, array } from 'syslets/abi';\n${body}`,
  );
  return file;
}

function header(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const wrongHead = `export const head = struct('head', {
  kind: u8, length: u16, low: bits(u32, 27), high: bits(u32, 4),
  one: anonymous(union('', { word: u32, two: anonymous(struct('', { first: u16, second: u16 })) })),
});`;

describe('syslets abi check', () => {
  it('finds the syslet structs the same for each compiler that is there', async ({ skip }) => {
    if (reason) skip(reason);
    const { status, stdout } = await abi(['check', '-t', 'i386,x86_64,ppc64,generic,generic:c++']);
    expect(stdout).toMatch(/x86_64 +clang(-\d+)? +same \(10 types, 165 answers\)/);
    expect(stdout).toMatch(/ppc64 +clang(-\d+)? +same \(8 types, 110 answers\)/);
    expect(stdout).not.toContain('DIFFERENT');
    expect(status).toBe(0);
  });

  it('shows a difference side by side, with status 1 and an annotation', async ({ skip }) => {
    if (reason) skip(reason);
    const file = definitions('wrong.ts', wrongHead);
    const args = [
      'check',
      file,
      '--header',
      fixture('sample.h'),
      '--struct',
      'head',
      '-t',
      'x86_64',
    ];
    const { status, stdout, stderr } = await abi(args, { GITHUB_ACTIONS: 'true' });
    expect(stdout).toMatch(/struct head +bits of low +32:27 +32:28/);
    expect(stdout).toMatch(/struct head +bits of high +59:4 +60:4/);
    expect(stdout).toMatch(/initialised bytes/);
    expect(stderr).toMatch(
      /^::error file=.*wrong\.ts,title=layout of struct head on x86_64::bits of low/m,
    );
    expect(status).toBe(1);
  });

  it('says which types a header does not declare', async ({ skip }) => {
    if (reason) skip(reason);
    const args = (file: string) => ['check', file, '--header', fixture('sample.h'), '-t', 'x86_64'];
    const strangers = `export const one = struct('one', { a: u8 }); export const two = struct('two', { b: u8 });`;
    const none = await abi(args(definitions('strangers.ts', strangers)));
    expect(none.stderr).toMatch(
      /sample\.h declares none of the types of .*strangers\.ts \(one, two\)/,
    );
    expect(none.status).toBe(2);
    const some = await abi(args(definitions('some.ts', `${wrongHead}\n${strangers}`)));
    expect(some.stdout).toMatch(/^one: not checked: .*sample\.h does not declare it \(x86_64\)$/m);
    expect(some.stdout).toMatch(/^two: not checked: .*sample\.h does not declare it \(x86_64\)$/m);
    expect(some.status).toBe(1);
  });

  it("checks a header's own declaration against what import makes of it", async ({ skip }) => {
    if (reason) skip(reason);
    const { status, stdout } = await abi([
      'check',
      '--header',
      fixture('sample.h'),
      '--struct',
      'whole',
      '-t',
      'x86_64,i386',
    ]);
    expect(stdout).toMatch(/i386 +clang(-\d+)? +same \(1 type,/);
    expect(status).toBe(0);
  });

  it('says that a compiler is missing, never that it passed', async () => {
    const { status, stdout } = await abi(['check', '-t', 'x86_64'], {
      PATH: folder,
      SYSLETS_CLANG: 'clang',
    });
    expect(stdout).toMatch(/x86_64 +clang +not checked: clang is not installed/);
    expect(stdout).toMatch(/x86_64 +cc +not checked: cc is not installed/);
    expect(stdout).not.toContain('same');
    expect(status).toBe(2);
  });

  it('has status 2 where a required target was not checked', async ({ skip }) => {
    if (reason) skip(reason);
    const file = definitions('wide.ts', "export const w = struct('w', { a: u128 });");
    const { status, stdout } = await abi(['check', file, '-t', 'x86_64', '--require', 'i386']);
    expect(stdout).toMatch(/x86_64 +clang(-\d+)? +same/);
    expect(stdout).toMatch(/i386 .*not checked: struct w, member 'a': target i386 has no __int128/);
    expect(status).toBe(2);
  });

  it('has status 2 where a type of a required target was left out of a header', async ({
    skip,
  }) => {
    if (reason) skip(reason);
    const left = header(
      'left.h',
      'struct vec { __attribute__((vector_size(16))) int v; }; struct ok { int x; };',
    );
    const target = ['-t', 'x86_64', '--require', 'x86_64'];
    const imported = await abi(['check', left, ...target]);
    expect(imported.stdout).toMatch(/^struct vec: not checked: .*'v'.* \(x86_64\)$/m);
    expect(imported.stdout).toMatch(/x86_64 +clang(-\d+)? +same \(1 type,.*, 1 not checked/);
    expect(imported.status).toBe(2);
    const one = await abi(['check', '--header', left, '--struct', 'ok', ...target]);
    expect([one.status, one.stderr]).toEqual([0, '']);
    const more = definitions(
      'more.ts',
      "export const ok = struct('ok', { x: i32 }); export const no = struct('no', { x: i32 });",
    );
    const defined = await abi(['check', more, '--header', left, ...target]);
    expect(defined.stdout).toMatch(/^no: not checked: .*left\.h does not declare it \(x86_64\)$/m);
    expect(defined.status).toBe(2);
    expect((await abi(['check', more, '--header', left, '-t', 'x86_64'])).status).toBe(0);
  });

  it('asks about what is inside a type, also where the module does not export it', async ({
    skip,
  }) => {
    if (reason) skip(reason);
    const file = header(
      'inner.h',
      'enum mode { MA, MB = 7 };\nstruct inner { int a; short b; struct deep { unsigned c : 3, d : 2; } d[2]; };\nstruct outer { char c; struct inner in; struct inner list[3]; enum mode m; enum { QA, QB = 4 } q; };\nstruct plain { int in; };',
    );
    const outer = (a: string, bits: string, mb: number, qb: number) =>
      definitions(
        'inner.ts',
        `import { char, enumeration } from 'syslets/abi';
const inner = struct('inner', { a: ${a}, b: i16, d: array(struct('deep', ${bits}), 2) });
export const outer = struct('outer', { c: char, in: inner, list: array(inner, 3),
  m: enumeration('mode', { MA: 0, MB: ${mb} }), q: enumeration('', { QA: 0, QB: ${qb} }) });`,
      );
    const checked = (defined: string) =>
      abi(['check', defined, '--header', file, '-t', 'x86_64,ppc64']);
    const same = await checked(outer('i32', '{ c: bits(u32, 3), d: bits(u32, 2) }', 7, 4));
    expect(same.stdout).toMatch(/ppc64 +clang(-\d+)? +same \(1 type,/);
    expect(same.status).toBe(0);
    const wrong = await checked(outer('u32', '{ c: bits(u32, 2), d: bits(u32, 3) }', 8, 5));
    expect(wrong.stdout).toMatch(/type of list\[0\]\.a +unsigned, 4 bytes +signed, 4 bytes/);
    expect(wrong.stdout).toMatch(/bits of in\.d\[0\]\.d +2:3 +3:2/);
    expect(wrong.stdout).toMatch(/value of MB +8 +7/);
    expect(wrong.stdout).toMatch(/value of QB +5 +4/);
    expect(wrong.status).toBe(1);
    const plain = definitions(
      'plain.ts',
      "export const plain = struct('plain', { in: struct('inner', { a: u32 }) });",
    );
    const { stdout } = await checked(plain);
    expect(stdout).toMatch(/type of in +struct, 4 bytes +signed, 4 bytes/);
  });

  it('sees a dimension too many where a member has no length', async ({ skip }) => {
    if (reason) skip(reason);
    const declared = header(
      'open.h',
      'struct tail { int n; short t[]; }; struct zero { int n; int t[0]; }; struct right { int n; int t[][2]; };',
    );
    const own = definitions(
      'open.ts',
      `import { flexible } from 'syslets/abi';
export const tail = struct('tail', { n: i32, t: flexible(array(u8, 2)) });
export const zero = struct('zero', { n: i32, t: array(array(u8, 4), 0) });
export const right = struct('right', { n: i32, t: flexible(array(i32, 2)) });`,
    );
    const { status, stdout } = await abi(['check', own, '--header', declared, '-t', 'x86_64']);
    expect(stdout).toMatch(
      /^struct tail +type of t +unsigned, 1 byte, in \[\]\[2\] +something else/m,
    );
    expect(stdout).toMatch(
      /^struct zero +type of t +unsigned, 1 byte, in \[0\]\[4\] +something else/m,
    );
    expect(stdout).not.toMatch(/^struct right/m);
    expect(status).toBe(1);
  });

  it('reaches what is declared inside a struct as C++ does', async ({ skip }) => {
    if (reason) skip(reason);
    const file = header(
      'scoped.h',
      `struct out { char a; struct in { char b; int c; } in; enum lvl { LA, LB = 3 } e;
  struct mid { struct deep { short z, y; } d; } m; union either { int i; char c; } u; };
typedef struct { struct of_typedef { char b; short s; } i; } T;
struct user { struct { struct hid { int q; } h; } u; };
#define out f.out
#define deep f.deep`,
    );
    const target = ['-t', 'x86_64:c++,ppc64:c++'];
    const own = await abi(['check', file, ...target]);
    expect(own.stdout).toMatch(/ppc64:c\+\+ +clang(-\d+)? +same \(10 types, \d+ answers\)$/m);
    expect(own.status).toBe(0);
    const wrong = definitions(
      'scoped.ts',
      `import { enumeration } from 'syslets/abi';
export const deep = struct('deep', { y: i16, z: i16 });
export const lvl = enumeration('lvl', { LA: 0, LB: 4 });
export const either = union('either', { i: i32 });
export const of_typedef = struct('of_typedef', { b: u8, s: u8 });
export const hid = struct('hid', { q: u8 });`,
    );
    const { stdout, status } = await abi(['check', wrong, '--header', file, ...target]);
    // A struct without any name is no scope that can be named: the type is a member's.
    expect(stdout).toMatch(/struct hid +size of q +1 +4/);
    expect(stdout).toMatch(/struct deep +offset of z +2 +0/);
    expect(stdout).toMatch(/enum lvl +value of LB +4 +3/);
    expect(stdout).toMatch(/union either +member c +- +char \((un)?signed\) at 0, 1 byte/);
    expect(stdout).toMatch(/struct of_typedef +size of s +1 +2/);
    expect(status).toBe(1);
  });

  it('calls a header that a compiler cannot read not checked, and no difference', async ({
    skip,
  }) => {
    if (reason) skip(reason);
    const file = header(
      'one-compiler.h',
      '#ifndef __clang__\n#error "clang alone"\n#endif\nstruct ok { int x; }; struct also { long y; };',
    );
    const both = await abi(['check', file, '-t', 'x86_64', '--require', 'x86_64']);
    expect(both.stdout).toMatch(/x86_64 +clang(-\d+)? +same \(2 types,/);
    expect(both.stdout).not.toContain('REFUSED');
    expect(both.status).toBe(0);
    const cc = await noCompiler('x86_64', 'cc');
    if (!cc)
      expect(both.stdout).toMatch(
        /x86_64 +cc +not checked: it cannot read the header: .*clang alone/,
      );
  });

  it('has status 2 where the header cannot be read for a target that is named', async ({
    skip,
  }) => {
    if (reason) skip(reason);
    const text = '#ifdef __aarch64__\n#error "no aarch64"\n#endif\nstruct ok { int x; };';
    const file = header('not-everywhere.h', text);
    for (const given of [[file], ['--header', file]]) {
      const { status, stdout } = await abi(['check', ...given, '-t', 'x86_64,aarch64']);
      expect(stdout).toMatch(/^aarch64 +clang(-\d+)? +not checked: .*no aarch64/m);
      expect(stdout).toMatch(/^x86_64 +clang(-\d+)? +same \(1 type,/m);
      expect(status).toBe(2);
    }
  });

  it("checks a typedef's own alignment", async ({ skip }) => {
    if (reason) skip(reason);
    const text =
      "export const T = aligned(8, struct('', { a: u32 })); export const s = aligned(2, struct('s', { a: u64 }));";
    const { status, stdout } = await abi([
      'check',
      definitions('aligned.ts', text),
      '-t',
      'x86_64',
    ]);
    expect(stdout).toMatch(/x86_64 +clang(-\d+)? +same \(2 types,/);
    expect(status).toBe(0);
  });

  it('asks about members that are macros of GNU C, and no C without what it needs', async ({
    skip,
  }) => {
    if (reason) skip(reason);
    const own = definitions(
      'words.ts',
      `import { enumeration } from 'syslets/abi';
export const s = struct('s', { linux: i32, unix: u8, i386: u16, mips: u8, sparc: u8, MIPSEB: u8 });
export const e = struct('e', { e: enumeration('e', { A: 0, B: 200 }, { base: 'uchar' }), n: i32 });
export const none = struct('none', { e: enumeration('none', {}, { base: 'ushort' }), n: i32 });`,
    );
    const { stdout, status } = await abi(['check', own, '-t', 'i386,x86_64,mips,x86_64:c++']);
    expect(stdout).not.toContain('REFUSED');
    expect(stdout).toMatch(/^x86_64 +clang(-\d+)? +same \(2 types, \d+ answers\), 1 not checked$/m);
    expect(stdout).toMatch(/^x86_64:c\+\+ +clang(-\d+)? +same \(3 types, \d+ answers\)$/m);
    expect(stdout).toMatch(/^none: not checked: enum 'none' has no values: C\+\+ alone has such/m);
    expect(status).toBe(0);
    // A GCC before 13 stands for compilers without `enum e : int`.
    const trap = join(folder, 'old-cc');
    const file = join(trap, 'cc');
    mkdirSync(trap);
    writeFileSync(
      file,
      '#!/bin/sh\n[ "$1" = -dumpmachine ] && echo x86_64-linux-gnu && exit\ngrep -q "enum e : " && echo "<stdin>:1:8: error: no" >&2 && exit 1\nexit 0\n',
      { mode: 0o755 },
    );
    const old = await abi(['check', own, '--struct', 'e', '-t', 'x86_64'], {
      PATH: `${trap}:${process.env.PATH}`,
    });
    expect(old.stdout).toMatch(/^x86_64 +cc +not checked: cc has no enumerations with a type/m);
    expect(old.status).toBe(0);
  });

  it('never gives a name to a shell', async ({ skip }) => {
    if (reason) skip(reason);
    const trap = join(folder, 'trap');
    const name = `$(touch ${'trap'}); touch trap #.ts`;
    const file = definitions(name, "export const x = struct('x', { a: u8 });");
    const checked = await abi(['check', file, '-t', 'x86_64']);
    expect(checked.stdout).toMatch(/same \(1 type,/);
    const hostile = definitions(
      'hostile.ts',
      "export const x = struct('x; } int main() { system(1); } //', { a: u8 });",
    );
    const refused = await abi(['check', hostile, '-t', 'x86_64']);
    expect(refused.stdout).toContain('not a name in C');
    expect(refused.status).toBe(2);
    const header = await abi(['check', '--header=--version', '--struct=-o/tmp/x']);
    expect(header.stderr).toContain("there is no file '--version'");
    expect(existsSync(trap) || existsSync('trap')).toBe(false);
  });

  it('fails by a definition that no target can have, beside others that are right', async ({
    skip,
  }) => {
    if (reason) skip(reason);
    const good = "export const good = struct('good', { x: i32 });";
    const faulty = definitions(
      'faulty.ts',
      `${good} export const bad = struct('bad', { x: bits(i32, 40) });`,
    );
    const { status, stdout } = await abi(['check', faulty, '-t', 'x86_64']);
    expect(stdout).toMatch(/same \(1 type, \d+ answers\), 1 not checked/);
    expect(stdout).toContain("bad: not checked: struct bad, member 'x': bit-field of 40 bits");
    expect(status).toBe(2);
    // Another target can have it.
    const some = definitions(
      'some.ts',
      `${good} export const wide = struct('wide', { x: bits(long, 40) });`,
    );
    const other = await abi(['check', some, '-t', 'i386']);
    expect(other.stdout).toContain('wide: not checked: ');
    expect(other.status).toBe(0);
  });

  it('passes on what is wrong with a file', async () => {
    const broken = definitions('broken.ts', 'export const = 3;');
    const { status, stderr } = await abi(['check', broken]);
    expect(stderr).toContain('broken.ts could not be loaded');
    expect(status).toBe(2);
    const missing = await abi(['check', join(folder, 'missing.ts')]);
    expect(missing.stderr).toContain('there is no file');
    const target = await abi(['check', '-t', 'x86-64']);
    expect(target.stderr).toContain("there is no target 'x86-64'; did you mean x86_64");
  });
});
