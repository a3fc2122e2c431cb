import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { i386, layout, ppc64, x86_64 } from '../../lib/abi/index.ts';
import { clangFile } from '../../lib/abi-tools/compilers.ts';
import { importFor } from '../../lib/abi-tools/import-header.ts';
import { mergeImports } from '../../lib/abi-tools/merge.ts';
import { objectFor } from './binaries.ts';
import { abi, fixture } from './cli.ts';
import { noClang } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const reason = await noClang();
const sample = fixture('sample.h');

describe('syslets abi import', () => {
  it('keeps comments, attributes and the differences between targets', async ({ skip }) => {
    if (reason) skip(reason);
    const { status, stdout, stderr } = await abi([
      'import',
      sample,
      '-t',
      'x86_64,ppc64,i386',
      '-I',
      '/usr/include',
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain("/** A packet's head. */\nexport const head = variant(");
    expect(stdout).toContain("when({ byteOrder: 'big' }, struct('head', {");
    expect(stdout).toContain('/** what it is */');
    expect(stdout).toContain('* How long,');
    expect(stdout).toMatch(
      /export const packed_t = struct\('', \{\n {2}tag: char,\n {2}big: longlong,\n\}, \{ pack: 2 \}\);/,
    );
    expect(stdout).toMatch(
      /export const trailing = struct\('trailing', \{[^}]*\}, \{ packed: true \}\);/,
    );
    expect(stdout).toContain('stamp: aligned(8, ulonglong)');
    expect(stdout).toContain("next: pointer('struct whole')");
    expect(stdout).toContain('tail: flexible(char)');
    expect(stderr).toContain(
      "not imported: struct complex: member 'z': it uses the type '_Complex float'",
    );
  });

  it('writes a module that loads and lays out as the header does', async ({ skip }) => {
    if (reason) skip(reason);
    const file = join(folder, 'sample.ts');
    await abi(['import', sample, '-t', 'x86_64,ppc64,i386', '-o', file]);
    const checked = await abi(['check', file, '--header', sample, '-t', 'x86_64,ppc64,i386']);
    expect(checked.stdout).not.toContain('DIFFERENT');
    expect(checked.stdout).toMatch(/ppc64 +clang(-\d+)? +same \(5 types/);
    expect(checked.status).toBe(0);
  });

  it('merges what the targets see', async ({ skip }) => {
    if (reason) skip(reason);
    const imports = [];
    for (const target of [x86_64, ppc64, i386]) imports.push(await importFor(sample, target));
    const { types } = mergeImports(imports);
    const whole = types.get('struct whole');
    if (!whole) throw new Error('struct whole is missing');
    expect([layout(whole, x86_64).size, layout(whole, i386).size]).toEqual([88, 72]);
  });

  it('imports one struct with what it uses, and offers names like a wrong one', async ({
    skip,
  }) => {
    if (reason) skip(reason);
    const one = await abi(['import', sample, '--struct', 'trailing']);
    expect(one.stdout.match(/export const/g)).toHaveLength(1);
    const wrong = await abi(['import', sample, '--struct', 'heda']);
    expect(wrong.stderr).toMatch(/'heda' is not in .*sample\.h; did you mean head/);
    expect(wrong.status).toBe(2);
  });

  const raised = `struct m { char c; _Alignas(16) struct { char a; }; short b; };
struct n { char c; volatile _Alignas(8) union { char a; short b; }; };
`;
  const packed = `struct o { char c; const __attribute__((packed)) struct { char e; int f; }; };
struct p { char c; __attribute__((packed, aligned(2))) union { char e; int f; }; };
`;

  it('prints and exports the attributes before anonymous members', async ({ skip }) => {
    if (reason) skip(reason);
    const file = join(folder, 'before.h');
    writeFileSync(file, raised);
    const made = join(folder, 'before.ts');
    await abi(['import', file, '-o', made, '-t', 'x86_64,i386']);
    // GCC is asked, too, where it is there.
    const told = await abi(['check', made, '--header', file, '-t', 'x86_64,i386']);
    expect([told.status, told.stderr]).toEqual([0, '']);
    // GCC ignores `packed` there, and clang alone reads what is exported.
    writeFileSync(file, raised + packed);
    await abi(['import', file, '-o', made]);
    for (const name of ['m', 'n', 'o', 'p']) {
      const exported = await abi(['export', `${made}:${name}`, '-t', 'x86_64']);
      const own = ['m', 'n', 'o', 'p'].map((one) => `#define ${one} own_${one}\n`).join('');
      const back = own.replaceAll(/^#define (\w+) .*$/gm, '#undef $1');
      const input = `${own}#include "${file}"\n${back}${exported.stdout}
int sizes[sizeof(struct ${name}) == sizeof(struct own_${name}) ? 1 : -1];
int aligns[__alignof__(struct ${name}) == __alignof__(struct own_${name}) ? 1 : -1];
`;
      for (const language of ['c', 'c++']) {
        const args = ['-x', language, '-fsyntax-only', '-Wno-everything', '-'];
        const { status, stderr } = spawnSync(clangFile(), args, { input, encoding: 'utf8' });
        expect([name, language, status, stderr]).toEqual([name, language, 0, '']);
      }
    }
  });

  it('prints the attributes that put anonymous members of a binary where they are', async ({
    skip,
  }) => {
    if (reason) skip(reason);
    const text = `${raised}${packed}struct m m; struct n n; struct o o; struct p p;`;
    const object = objectFor(folder, text, x86_64, ['-g']);
    const made = join(folder, 'binary.ts');
    await abi(['import', object, '-o', made]);
    const file = join(folder, 'binary.h');
    writeFileSync(file, raised + packed);
    const { stdout, status } = await abi(['diff', file, made, '--json']);
    const none = { breaks: false, different: [], notCompared: [] };
    expect([status, JSON.parse(stdout)]).toEqual([0, none]);
  });

  it("passes on the compiler's message", async ({ skip }) => {
    if (reason) skip(reason);
    const file = join(folder, 'broken.h');
    writeFileSync(file, 'struct broken { unknown_t x; };\n');
    const { status, stderr } = await abi(['import', file]);
    expect(stderr).toContain("broken.h:1:17: error: unknown type name 'unknown_t'");
    expect(status).toBe(2);
    const defined = await abi(['import', file, '-D', 'unknown_t=int']);
    expect(defined.stdout).toContain('x: int,');
  });

  it('keeps hostile comments and names inside comments and strings', async ({ skip }) => {
    if (reason) skip(reason);
    const file = join(folder, 'hostile.h');
    const comment = '// */ process.exit(9); /* `;process.exit(9)';
    writeFileSync(
      file,
      `struct class_ { ${comment}\nint __proto__; int default_; };\nstruct array { struct class_ x; };\n`,
    );
    const output = join(folder, 'hostile.ts');
    await abi(['import', file, '-o', output]);
    const shown = await abi(['show', `${output}:array_`]);
    expect(shown.stdout).toContain('struct class_ x;');
    const inner = await abi(['show', `${output}:class_`]);
    expect(inner.stdout).toContain('__proto__;');
  });
});
