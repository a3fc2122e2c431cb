import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { layout, type Target, targets } from '../../lib/abi/index.ts';
import { clangArgs, compilersFor } from '../../lib/abi-tools/compilers.ts';
import { importFor } from '../../lib/abi-tools/import-header.ts';
import { locateHeader } from '../../lib/abi-tools/locate-header.ts';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

/** What systems that are not Linux define, and where their headers are. */

const folder = mkdtempSync(join(tmpdir(), 'syslets-systems-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const reason = await noClang();
const foreign: readonly Target[] = Object.values(targets).filter(({ name }) =>
  compilersFor(name).some(({ needsStandIn }) => needsStandIn),
);

/** What is true on a system, of these. */
const conditions: Readonly<Record<string, string>> = {
  linux: 'defined __linux__',
  apple: 'defined __APPLE__ && defined __MACH__',
  wasi: 'defined __wasi__',
  emscripten: 'defined __EMSCRIPTEN__',
  windows: 'defined _WIN32',
  win64: 'defined _WIN64',
  microsoft: 'defined _MSC_VER',
  mingw: 'defined __MINGW32__',
  arm64: 'defined __aarch64__',
  amd64: 'defined __x86_64__',
};
const truth: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['linux', 'amd64'],
  loongarch64: ['linux'],
  wasm32: ['wasi'],
  'wasm32-emscripten': ['emscripten'],
  'aarch64-apple': ['apple', 'arm64'],
  'x86_64-apple': ['apple', 'amd64'],
  'x86_64-windows-msvc': ['windows', 'win64', 'microsoft', 'amd64'],
  'i686-windows-msvc': ['windows', 'microsoft'],
  'aarch64-windows-msvc': ['windows', 'win64', 'microsoft', 'arm64'],
  'x86_64-windows-gnu': ['windows', 'win64', 'mingw', 'amd64'],
};
const file = join(folder, 'systems.h');
const members = Object.entries(conditions).map(
  ([name, holds]) => `#if ${holds}\nchar on_${name};\n#endif`,
);
const text = `#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
struct system { int first;\n${members.join('\n')}\n};
struct usual { bool flag; uint64_t wide; size_t size; void *next; int32_t small; };\n`;
writeFileSync(file, text);

describe('a header', () => {
  it.for(Object.entries(truth))('says on %s what holds there', async ([name, holds], { skip }) => {
    if (reason) skip(reason);
    const target = targets[name as keyof typeof targets] as Target;
    const { types, failures } = await importFor(file, target);
    expect([...failures]).toEqual([]);
    const system = types.get('struct system');
    if (!system) throw new Error('there is no struct system');
    const found = layout(system, target).fields.map((field) => field.name);
    expect(found).toEqual(['first', ...holds.map((one) => `on_${one}`)]);
    expect(types.has('struct usual')).toBe(true);
  });

  it('is tried on each target that is not of Linux', () => {
    expect(foreign.flatMap(({ name }) => (name in truth ? [] : [name]))).toEqual([]);
  });

  it('is merged over systems, shown, compared and checked', async ({ skip }) => {
    if (reason) skip(reason);
    const names = Object.keys(truth);
    const { stdout, stderr } = await abi(['import', file, '-t', names.join(',')]);
    expect(stderr).toBe('');
    expect(stdout).toContain("names: ['x86_64-apple']");
    const shown = await abi(['show', `${file}:system@x86_64-apple`]);
    expect(shown.stdout).toContain('on_apple;');
    const one = `${file}:usual`;
    const same = await abi(['diff', `${one}@x86_64`, `${one}@x86_64-apple`]);
    expect([same.status, same.stderr]).toEqual([0, '']);
    const other = await abi(['diff', `${one}@x86_64`, `${one}@wasm32`]);
    expect([other.status, other.stderr]).toEqual([1, '']);
    expect(other.stdout).toContain('next');
    const { status, stdout: rows } = await abi(['check', file, '-t', names.join(',')]);
    expect(status).toBe(0);
    for (const name of names) {
      expect(rows).toMatch(new RegExp(`^${name} +clang\\S* +same \\(2 types`, 'm'));
    }
  });

  it('is never one of this machine for another system', async ({ skip }) => {
    if (reason) skip(reason);
    if (process.platform !== 'linux' || process.env.SDKROOT !== undefined) {
      skip('this machine may have headers of other systems');
    }
    expect(existsSync('/usr/include/stdio.h')).toBe(true);
    for (const { name } of foreign) {
      const found = await locateHeader('sys/types.h', name, {}).catch(
        (error: Error) => error.message,
      );
      expect(found).toMatch(
        new RegExp(`^/usr/(?:include/wasm32-wasi|share/mingw-w64)/|no <sys/types.h> for ${name}`),
      );
    }
  });

  it('of WASI gives the struct stat that it has', async ({ skip }) => {
    if (reason) skip(reason);
    if (!existsSync('/usr/include/wasm32-wasi')) skip('wasi-libc is not installed');
    expect(clangArgs('wasm32')?.[0]).toContain('wasi');
    const { status, stdout } = await abi(['show', 'sys/stat.h:stat@wasm32']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/st_dev; +\/\* +0 +8 \*\//);
    const file = '/usr/include/wasm32-wasi/__struct_stat.h';
    const checked = await abi(['check', file, '-t', 'wasm32']);
    expect(checked).toMatchObject({ status: 0, stderr: '' });
    expect(checked.stdout).toMatch(/^wasm32 +\S+ +same \(2 types, /m);
  });
});
