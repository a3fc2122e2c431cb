import { clangFile, compilersFor, unusable } from '../../lib/abi-tools/compilers.ts';

/** Why clang cannot be asked here; undefined if it can. */
export async function noClang(): Promise<string | undefined> {
  const clang = compilersFor('x86_64').find((one) => one.file === clangFile());
  return clang ? unusable(clang) : 'no clang for x86_64';
}

/** Why the compiler of that name cannot be asked about a target. */
export async function noCompiler(target: string, name: string): Promise<string | undefined> {
  const found = compilersFor(target).find((one) => one.name === name);
  return found ? unusable(found) : `no compiler ${name} for ${target}`;
}
