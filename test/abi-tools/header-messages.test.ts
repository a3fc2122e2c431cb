import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { clangFile } from '../../lib/abi-tools/compilers.ts';
import { run, whyNo } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang, noCompiler } from './tools.ts';

/** What is said of headers that cannot be read, or have nothing to check. */

const folder = mkdtempSync(join(tmpdir(), 'syslets-messages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const reason = await noClang();

function header(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** Paths that lead to no regular file. */
const others: Readonly<Record<string, () => string>> = {
  folder: () => {
    const place = join(folder, 'folder.h');
    mkdirSync(place, { recursive: true });
    return place;
  },
  pipe: () => {
    const place = join(folder, 'pipe.h');
    if (!existsSync(place)) execFileSync('mkfifo', [place]);
    return place;
  },
  device: () => '/dev/zero',
};

describe.each(Object.entries(others))('a %s', (name, make) => {
  it('in the place of a header is told by its name', async () => {
    const place = make();
    const said = `syslets abi: '${place}' is a ${name}, expected a regular file\n`;
    const imported = await abi(['import', place, '-t', 'x86_64']);
    expect([imported.status, imported.stderr]).toEqual([2, said]);
    const checked = await abi(['check', '--header', place, '-t', 'x86_64']);
    expect([checked.status, checked.stderr]).toEqual([2, said]);
  });

  it('in the place of definitions is told by its name', async () => {
    const place = join(folder, `${name}.ts`);
    if (!existsSync(place)) symlinkSync(make(), place);
    for (const args of [
      ['check', place],
      ['show', `${place}:x`],
    ]) {
      const { status, stderr } = await abi(args);
      const said = `syslets abi: '${place}' is a ${name}, expected a regular file\n`;
      expect([status, stderr]).toEqual([2, said]);
    }
  });
});

describe('a header without types of its own', () => {
  it('is told apart from an empty one, by check as by import', async ({ skip }) => {
    if (reason) skip(reason);
    mkdirSync(join(folder, 'sub'), { recursive: true });
    header('sub/one.h', 'struct one { int x; };\n');
    const umbrella = header('umbrella.h', '#include "sub/one.h"\n');
    const checked = await abi(['check', umbrella, '-t', 'x86_64']);
    expect(checked.stderr).toMatch(
      /umbrella\.h declares no struct, union or enumeration itself; those that it includes declare 1: check one with --struct NAME/,
    );
    expect([checked.status, checked.stdout]).toEqual([2, '']);
    const both = await abi(['check', umbrella, '-t', 'x86_64,i386']);
    expect(both.stdout.match(/not checked: .*umbrella\.h declares no struct/g)).toHaveLength(2);
    const one = await abi(['check', umbrella, '--struct', 'one', '-t', 'x86_64']);
    expect(one.stdout).toMatch(/same \(1 type,/);
    const empty = await abi(['check', header('empty.h', '/* */\n'), '-t', 'x86_64']);
    expect(empty.stderr).toMatch(/empty\.h declares no struct, union or enumeration itself$/m);
  });
});

describe('a header that cannot be read', () => {
  it('shows the first errors of headers that include each other', async ({ skip }) => {
    if (reason) skip(reason);
    const one = header('cycle-1.h', '#include "cycle-2.h"\nstruct c1 { int a; };\n');
    header('cycle-2.h', '#include "cycle-1.h"\nstruct c2 { int a; };\n');
    const { status, stderr } = await abi(['import', one]);
    expect(stderr).toContain('#include nested too deeply');
    expect(stderr).toMatch(/need guards \(#pragma once, or #ifndef\)$/m);
    expect(stderr.split('\n').length).toBeLessThan(15);
    expect(status).toBe(2);
  });

  it('for one target is read for the others', async ({ skip }) => {
    if (reason) skip(reason);
    const file = header('some.h', '#ifdef __s390x__\n#error none\n#endif\nstruct k { long a; };\n');
    const told = /^not read for s390x: .*some\.h:2:2: error: none$/m;
    const named = await abi(['import', file, '-t', 's390x,x86_64,i386']);
    expect(named.stdout).toMatch(/for x86_64, i386\./);
    expect([named.status, named.stderr]).toEqual([2, expect.stringMatching(told)]);
    const shown = await abi(['show', `${file}:k`, '-t', 'x86_64,s390x']);
    expect(shown.stdout).toMatch(/size: 8, align: 8/);
    expect([shown.status, shown.stderr]).toEqual([2, expect.stringMatching(told)]);
    const checked = await abi(['check', file, '-t', 's390x,x86_64']);
    expect(checked.stdout).toMatch(/^s390x .*not checked: .*some\.h:2:2: error: none$/m);
    expect(checked.stdout).toMatch(/^x86_64 .* same \(1 type,/m);
    const none = await abi(['import', file, '-t', 's390x']);
    expect([none.status, none.stdout]).toEqual([2, '']);
  });

  it('for one target is surveyed for the others alone', async ({ skip }) => {
    if (reason) skip(reason);
    const long = '#ifdef __aarch64__\n#define WORDS 2\n#else\n#define WORDS 1\n#endif';
    const text = `#ifdef __i386__\n#error none\n#endif\n${long}\nstruct in { long a[WORDS]; };\nstruct out { char c; struct in x; };\n`;
    const file = header('surveyed.h', text);
    const told = expect.stringMatching(/^not read for i386: .*surveyed\.h:2:2: error: none\n$/);
    const surveyed = (...more: string[]) => abi(['show', file, ...more]);
    for (const asked of [['--sizes'], ['--holes', '1'], ['--containing', 'in']]) {
      const { status, stdout, stderr } = await surveyed(...asked, '-t', 'i386,aarch64');
      expect([status, stderr]).toEqual([2, told]);
      expect(stdout).toMatch(/^aarch64\ntype /);
      expect(stdout).toMatch(/^out +24 +8 /m);
      expect(stdout).not.toContain('i386');
    }
    const named = await surveyed('--sizes', '--json', '-t', 'aarch64,i386');
    expect([named.status, named.stderr]).toEqual([2, told]);
    expect(targetsIn(named.stdout)).toEqual(['aarch64']);
    const all = await surveyed('--sizes', '--json', '-t', 'all');
    expect(all.status).toBe(0);
    expect(all.stderr).toMatch(/^not read for i386: /m);
    expect(targetsIn(all.stdout)).toContain('aarch64');
    expect(targetsIn(all.stdout)).not.toContain('i386');
  });

  function targetsIn(json: string): string[] {
    return JSON.parse(json).map(({ target }: { target: string }) => target);
  }

  it.for([
    'class K { public: int a; };',
    'template<class T> struct q { T a; };',
    'class K {}; inline bool f(void *p) { return p == nullptr; }',
  ])('says that %s is C++', async (text, { skip }) => {
    if (reason) skip(reason);
    for (const name of ['cpp.h', 'cpp.hpp']) {
      const file = header(name, text);
      for (const args of [
        ['import', file],
        ['check', file, '-t', 'x86_64'],
        ['show', `${file}:K`],
      ]) {
        const { status, stderr } = await abi(args);
        expect(stderr).toMatch(
          /headers are read as C: for types of C\+\+ compile what includes it/,
        );
        expect(stderr).not.toContain('--std');
        expect(status).toBe(2);
      }
    }
  });

  it('takes what is C in a header of C++', async ({ skip }) => {
    if (reason) skip(reason);
    const file = header('both.hpp', '#ifdef __cplusplus\nclass K;\n#endif\nstruct k { int a; };\n');
    const { stdout } = await abi(['show', `${file}:k`]);
    expect(stdout).toContain('struct k {');
  });

  it('says where: no line of its own, but behind it', async ({ skip }) => {
    const missing = reason ?? (await noCompiler('x86_64', 'cc'));
    if (missing) skip(missing);
    const half = '#ifdef __clang__\nstruct k { int a; };\n#else\nstruct k { int a\n#endif\n';
    const { stdout } = await abi(['check', header('half.h', half), '-t', 'x86_64']);
    expect(stdout).not.toContain('<stdin>');
    expect(stdout).toMatch(/cannot read the header: \(questions about half\.h\):\d+: error:/);
  });
});

describe('what check is given', () => {
  const file = (name: string, body: string) =>
    header(name, `import { bool, enumeration, int, struct } from 'syslets/abi';\n${body}`);

  it('may have no such type: the nearest are told', async ({ skip }) => {
    if (reason) skip(reason);
    const own = header('near.h', 'struct s { int a; }; struct zeta { int b; };');
    const { status, stdout, stderr } = await abi(['check', own, '--struct', 'zet', '-t', 'x86_64']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^syslets abi: 'zet' is not in .*near\.h; did you mean zeta/);
  });

  it('may have no type at all: that is told once', async () => {
    const nothing = file('nothing.ts', 'export const x = 3; export default int && 5;');
    const { status, stdout, stderr } = await abi(['check', nothing]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^syslets abi: .*nothing\.ts exports no type: expected what struct\(\)/);
    const enums = file('enums.ts', "export const e = enumeration('e', { A: 1 });");
    const { stdout: told } = await abi(['check', enums, '-t', 'x86_64']);
    expect(told).toMatch(/not checked: there is no struct and no union: enumerations are checked/);
  });

  it('may name what the header has not: no line of our questions is told', async ({ skip }) => {
    if (reason) skip(reason);
    const ours = file(
      'red.ts',
      "export const s = struct('s', { i: int, e: enumeration('', { RED: 0 }) });",
    );
    const theirs = header('red.h', 'struct s { int i; enum { ZA, ZB } e; };');
    const { stdout } = await abi(['check', ours, '--header', theirs, '-t', 'x86_64']);
    expect(stdout).toMatch(/^struct s: refused: [^:]*RED/m);
  });

  it('may be no C++, or of a newer standard', async ({ skip }) => {
    if (reason) skip(reason);
    const inC = header('in-c.h', 'enum later; struct s { enum later *p; };');
    const both = await abi(['check', inC, '-t', 'x86_64,x86_64:c++']);
    expect(both.stdout).toMatch(/^x86_64:c\+\+ .* not checked: C\+\+ cannot read the header: /m);
    expect(both.status).toBe(2); // it was named
    const alone = await abi(['check', inC, '-t', 'x86_64:c++']);
    expect([alone.status, alone.stdout]).toEqual([2, '']);
    expect(alone.stderr).toMatch(/^syslets abi: C\+\+ cannot read the header: .*in-c\.h/);
    const missing = await noCompiler('x86_64', 'cc');
    if (missing) skip(missing);
    const newer = header(
      'newer.h',
      '#ifdef __clang__\n#include <stdbool.h>\n#endif\nstruct b { bool b; };',
    );
    const { stdout } = await abi(['check', newer, '-t', 'x86_64']);
    expect(stdout).toMatch(/^x86_64 +cc .*cannot read .*; a header of C23 is read with --std c23/m);
  });
});

describe('a header of a newer C++', () => {
  it.each([
    ['constexpr int one = 1;', 'c++98', 'a header of C++11 is read with --std c++11'],
    ['inline bool none(void *p) { return p == nullptr; }', 'c++98', '--std c++11'],
    ['template <class T> concept any = true;', 'c++11', '--std c++20'],
    ['int same = undeclared;', 'c++98', undefined],
  ])('%s in %s is told its standard: %s', async (text, std, remedy) => {
    if (reason) return;
    const own = header(
      'newer-cpp.h',
      `struct s { int a; };\n#ifdef __cplusplus\n${text}\n#endif\n`,
    );
    const alone = await abi(['check', own, '-t', 'x86_64:c++', '--std', std]);
    expect(alone.stderr).toContain('C++ cannot read the header');
    expect(alone.stderr).toContain(remedy ?? '');
    expect(alone.stderr.includes('--std')).toBe(remedy !== undefined);
    const both = await abi(['check', own, '-t', 'x86_64,x86_64:c++', '--std', std]);
    expect(both.stdout.includes('--std')).toBe(remedy !== undefined);
  });
});

describe('a binary', () => {
  const object = (name: string, text: string) => {
    const made = join(folder, name);
    run('gcc', ['-g', '-c', '-x', 'c++', '-o', made, '-'], text);
    return made;
  };

  it('without types is told so, not as a header', async ({ skip }) => {
    const missing = whyNo('g++');
    if (missing) skip(missing);
    const none = object('none.o', 'typedef int number; number x;');
    for (const command of ['import', 'check']) {
      const { status, stdout, stderr } = await abi([command, none]);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/the debug information of .*none\.o has no struct, union or enum/);
    }
  });

  it('has types that cannot be read, which check tells', async ({ skip }) => {
    const missing = whyNo('g++');
    if (missing) skip(missing);
    const virtual = object('virtual.o', 'struct v { virtual ~v() {} } o; struct p { int a; } q;');
    const { stdout, status } = await abi(['check', virtual, '-t', 'x86_64']);
    expect(stdout).toMatch(/^struct v: not checked: it has virtual functions/m);
    expect(status).toBe(0);
    const one = await abi(['check', virtual, '-t', 'x86_64', '--struct', 'v']);
    expect([one.status, one.stderr]).toEqual([2, expect.stringContaining('virtual functions')]);
  });
});

describe('SYSLETS_CLANG', () => {
  it('may be ended by a signal, which is said', async ({ skip }) => {
    if (reason) skip(reason);
    const script = `#!/bin/sh\ncase "$*" in *ast-dump*) kill -9 $$;; esac\nexec ${clangFile()} "$@"\n`;
    const program = header('killed', script);
    chmodSync(program, 0o755);
    const args = ['import', header('plain.h', 'struct p { int a; };'), '-t', 'x86_64'];
    const { status, stderr } = await abi(args, { SYSLETS_CLANG: program });
    expect([status, stderr]).toEqual([2, `syslets abi: ${program} was ended by SIGKILL\n`]);
  });

  it.each(['/bin/true', '/bin/false', '/bin/cat'])('may be no clang: %s', async (program) => {
    const env = { SYSLETS_CLANG: program };
    const { status, stderr } = await abi(
      ['import', header('plain.h', 'struct p { int a; };')],
      env,
    );
    expect(stderr).toContain(`${program} is no clang (--version says `);
    expect(stderr).toContain('name one in SYSLETS_CLANG');
    expect(status).toBe(2);
    const { stdout } = await abi(['check', '-t', 'aarch64'], env);
    expect(stdout).toMatch(new RegExp(`${program} +not checked: ${program} -dumpmachine `));
  });
});

describe('a compiler that hangs', () => {
  /** Notes each start, and the process that it starts itself, in which it waits. */
  function hanging(name: string): { readonly file: string; readonly notes: string } {
    const notes = join(folder, `${name}.notes`);
    const script = `#!/bin/sh\n/bin/sleep 100000 &\necho $! >> ${notes}\nwait\n`;
    const file = header(name, script);
    chmodSync(file, 0o755);
    return { file, notes };
  }

  const env = (file: string) => ({ SYSLETS_CLANG: file, SYSLETS_COMPILER_TIMEOUT: '1' });
  const said = 'has printed nothing for 1 s, and was ended (SYSLETS_COMPILER_TIMEOUT: ';
  const plain = () => header('plain.h', 'struct p { int a; };');

  function notedIn(notes: string): string[] {
    return existsSync(notes) ? readFileSync(notes, 'utf8').split('\n').filter(Boolean) : [];
  }

  it('is ended, with what it started', async () => {
    const { file, notes } = hanging('hanging');
    const { status, stderr } = await abi(['import', plain(), '-t', 'aarch64'], env(file));
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toContain(`syslets abi: ${file} --target=aarch64-linux-gnu ${said}`);
    expect(status).toBe(2);
    await vi.waitUntil(() => !notedIn(notes).some(isAlive), { timeout: 100_000 });
  });

  it('is not asked again, so that many targets take no longer', async () => {
    const { file, notes } = hanging('hanging-often');
    const { status, stderr } = await abi(['import', plain(), '-t', 'all'], env(file));
    expect(stderr).toContain(said);
    expect(status).toBe(2);
    expect(notedIn(notes).length).toBeLessThanOrEqual(availableParallelism());
  });

  it('is not checked with, which its row says', async () => {
    const { file } = hanging('hanging-check');
    const { stdout } = await abi(['check', '-t', 'aarch64'], env(file));
    expect(stdout).toContain(`  not checked: ${file} --target=aarch64-linux-gnu ${said}`);
  });

  it('needs a limit that is a number', async () => {
    const wrong = { SYSLETS_COMPILER_TIMEOUT: '2m' };
    const { status, stderr } = await abi(['import', plain()], wrong);
    const expected = "SYSLETS_COMPILER_TIMEOUT is '2m', expected a number of seconds from 1 up";
    expect([status, stderr]).toEqual([2, `syslets abi: ${expected}\n`]);
  });
});

/** One that was ended, and that nobody has waited for, is over. */
function isAlive(pid: string): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
