import type { Target } from '../abi/index.ts';
import type { Refusal } from './ask.ts';
import type { Compiler } from './compilers.ts';
import type { NamedType } from './names-in.ts';
import { run } from './run.ts';
import { typesIn } from './types-in.ts';

/** The types that have `enum e : type` inside, where a compiler of C has none: GCC has it from 13 on. */
export async function withoutTypedEnums(
  items: readonly NamedType[],
  target: Target,
  compiler: Compiler,
): Promise<readonly Refusal[]> {
  if (target.language === 'c++') return [];
  const found = items.filter(([, type]) => hasTypedEnum(type, target));
  if (found.length === 0 || (await knowsThem(compiler))) return [];
  const reason = `${compiler.name} has no enumerations with a type of their own (enum e : int) in C`;
  return found.map(([record]) => ({ record, reason }));
}

function hasTypedEnum(type: NamedType[1], target: Target): boolean {
  return [...typesIn(type, target)].some((one) => one.kind === 'enum' && one.base !== undefined);
}

async function knowsThem({ file, args }: Compiler): Promise<boolean> {
  const flags = ['-x', 'c', '-std=gnu11', '-w', '-fsyntax-only', '-'];
  const { status } = await run(file, [...args, ...flags], { input: 'enum e : int { A };' });
  return status === 0;
}
