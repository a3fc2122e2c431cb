import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Target } from '../abi/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { Compiler } from './compilers.ts';
import { type ElfObject, readElf } from './elf.ts';
import { run } from './run.ts';
import { writeElf } from './stand-in.ts';

/** The object file of a source in C (or C++, as the target says), or the compiler's message. */
export async function compileC(
  text: string,
  target: Target,
  compiler: Compiler,
  flags: readonly string[],
): Promise<ElfObject | string> {
  const folder = temporaryFolder('syslets-abi-');
  try {
    const object = join(folder.path, 'out.o');
    const all = [...compiler.args, ...languageFlags(target, compiler), ...flags];
    const fault = compiler.needsStandIn
      ? await throughStandIn(compiler, all, text, object)
      : await compile(compiler, [...all, '-c', '-o', object, '-'], text);
    if (fault) return fault;
    return existsSync(object)
      ? readElf(await readFile(object))
      : `${compiler.name} wrote no object`;
  } finally {
    folder.remove();
  }
}

function languageFlags({ language }: Target, { needsStandIn }: Compiler): readonly string[] {
  const fixed = ['-w', '-fmax-errors=0', '-O0', '-fno-common'];
  // Bit-fields of C++ are read from debug information, which on Windows is none that we know.
  const debug = needsStandIn ? '-gdwarf' : '-g';
  return language === 'c++' ? [...fixed, '-x', 'c++', debug] : [...fixed, '-x', 'c', '-std=gnu11'];
}

/** The message, where the compiler does not take the source. */
async function compile(
  compiler: Compiler,
  args: readonly string[],
  input: string,
): Promise<string | undefined> {
  const { status, stderr } = await run(compiler.file, args, { input });
  if (status === 0) return undefined;
  return stderr.trim() || `${compiler.name} failed without a word (${status})`;
}

async function throughStandIn(
  compiler: Compiler,
  args: readonly string[],
  input: string,
  object: string,
): Promise<string | undefined> {
  const made = `${object}.ll`;
  const fault = await compile(compiler, [...args, '-S', '-emit-llvm', '-o', made, '-'], input);
  return fault ?? writeElf(await readFile(made, 'utf8'), object);
}
