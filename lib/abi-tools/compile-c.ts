import type { Target } from '../abi/index.ts';
import type { Compiler } from './compilers.ts';
import { type ElfObject, readElf } from './elf.ts';
import { elfOf } from './stand-in.ts';
import { compileUnit } from './units.ts';

/** The object file of a source in C (or C++, as the target says), or the compiler's message. */
export async function compileC(
  text: string,
  target: Target,
  compiler: Compiler,
  flags: readonly string[],
): Promise<ElfObject | string> {
  const args = [...compiler.args, ...languageFlags(target, compiler), ...flags];
  const wants = compiler.needsStandIn ? 'llvm' : 'object';
  const made = await compileUnit(compiler.file, { args, source: { text }, wants });
  const { status, stderr, file } = made;
  if (status !== 0) return stderr.trim() || `${compiler.name} failed without a word (${status})`;
  if (!file) return `${compiler.name} wrote no object`;
  const object = compiler.needsStandIn ? await elfOf(file.toString()) : file;
  return typeof object === 'string' ? object : readElf(object);
}

/** Whether C++ keeps members or types from the source, which is no fault of theirs. */
export function isKeptPrivate(stderr: string, { language }: Target): boolean {
  return language === 'c++' && /\berror: .*\b(?:private|protected|inaccessible)\b/.test(stderr);
}

/** Lets a source of C++ reach what is private, for GCC and clang. */
export const withoutAccess = '-fno-access-control';

function languageFlags({ language }: Target, { needsStandIn }: Compiler): readonly string[] {
  const fixed = ['-w', '-fmax-errors=0', '-O0', '-fno-common'];
  // Bit-fields of C++ are read from debug information, which on Windows is none that we know.
  const debug = needsStandIn ? '-gdwarf' : '-g';
  return language === 'c++' ? [...fixed, '-x', 'c++', debug] : [...fixed, '-x', 'c', '-std=gnu11'];
}
