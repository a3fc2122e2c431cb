import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Target } from '../abi/index.ts';
import type { Compiler } from './compilers.ts';
import { type ElfObject, readElf } from './elf.ts';
import { run } from './run.ts';

/** The object file of a source in C (or C++, as the target says), or the compiler's message. */
export async function compileC(
  text: string,
  target: Target,
  compiler: Compiler,
  flags: readonly string[],
): Promise<ElfObject | string> {
  const folder = await mkdtemp(join(tmpdir(), 'syslets-abi-'));
  try {
    const object = join(folder, 'out.o');
    // Bit-fields of C++ are read from debug information.
    const language = target.language === 'c++' ? ['-x', 'c++', '-g'] : ['-x', 'c', '-std=gnu11'];
    const fixed = ['-w', '-fmax-errors=0', '-O0', '-fno-common', ...language];
    const all = [...compiler.args, ...fixed, ...flags, '-c', '-o', object, '-'];
    const { status, stderr } = await run(compiler.file, all, { input: text });
    if (status !== 0) return stderr.trim() || `${compiler.name} failed without a word (${status})`;
    return existsSync(object)
      ? readElf(await readFile(object))
      : `${compiler.name} wrote no object`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
