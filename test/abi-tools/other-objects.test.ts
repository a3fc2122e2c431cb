import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { clangFile } from '../../lib/abi-tools/compilers.ts';
import { run } from './binaries.ts';
import { abi } from './cli.ts';
import { noClang } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'syslets-other-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = 'struct s { int x; } v;\n';
const header = join(folder, 's.h');
writeFileSync(header, text);

const reason = await noClang();

describe.skipIf(reason)(`an object that is not ELF${reason ? ` (${reason})` : ''}`, () => {
  it.each([
    ['wasm32-unknown-unknown', 'WebAssembly', []],
    ['x86_64-pc-windows-msvc', 'COFF', []],
    ['i686-pc-windows-msvc', 'COFF', []],
    ['aarch64-pc-windows-msvc', 'COFF', []],
    ['arm64-apple-macos', 'Mach-O', []],
    ['x86_64-apple-macos', 'Mach-O', []],
    ['x86_64-linux-gnu', "LLVM's bitcode", ['-emit-llvm']],
  ] as const)('of %s is called what it is: %s', async (triple, format, flags) => {
    const file = join(folder, `${triple}.o`);
    run(
      clangFile(),
      [`--target=${triple}`, ...flags, '-g', '-x', 'c', '-c', '-o', file, '-'],
      text,
    );
    const message = `${file} is ${format}: debug information is read of ELF alone`;
    const commands = [
      ['show', `${file}:s`],
      ['show', file, '--sizes'],
      ['check', '--header', header, '--against', file],
      ['import', file],
      ['diff', header, file],
    ];
    for (const args of commands) {
      const { status, stdout, stderr } = await abi(args);
      expect(stderr, args.join(' ')).toContain(message);
      expect([status, stdout]).toEqual([2, '']);
    }
  });
});

it('an archive is called what it is', async () => {
  const file = join(folder, 'lib.a');
  writeFileSync(file, '!<arch>\n');
  const { status, stderr } = await abi(['show', `${file}:s`]);
  expect(stderr).toContain(
    `${file} is an archive of objects: debug information is read of ELF alone`,
  );
  expect(status).toBe(2);
});

it('a header that begins as a program of Windows does is a header', async ({ skip }) => {
  if (reason) skip(reason);
  const file = join(folder, 'mz.h');
  writeFileSync(file, 'MZ; struct s { int x; };\n');
  const { stdout } = await abi(['show', `${file}:s`, '-t', 'x86_64', '-D', 'MZ=typedef int mz']);
  expect(stdout).toContain('struct s');
});
