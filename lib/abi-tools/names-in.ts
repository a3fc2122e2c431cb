import { layout, type Target, type Type } from '../abi/index.ts';
import { withoutMacros } from './include-line.ts';
import { wordsOfCpp } from './probe-class-cpp.ts';
import type { ScopedNames } from './scoped-names.ts';
import { typesIn } from './types-in.ts';

/** A type under its name in C. */
export type NamedType = readonly [name: string, type: Type];

/**
 * For behind a header: takes back its macros that are named as what is asked about. With `enumerators`
 * those of other names stay: they may be the header's macros.
 */
export function withoutMacrosOf(
  types: readonly NamedType[],
  target: Target,
  scoped: ScopedNames = new Map(),
  enumerators?: ReadonlySet<string>,
): string {
  const names = types.flatMap(([name, type]) => [
    scoped.get(name) ?? name,
    ...namesIn(type, target, enumerators),
  ]);
  return withoutMacros(target.language === 'c++' ? [wordsOfCpp, ...names] : names);
}

/** Every name that a source of C needs to reach what is in a type: members, enumerators. */
function namesIn(
  type: Type,
  target: Target,
  enumerators: ReadonlySet<string> | undefined,
): readonly string[] {
  return [...typesIn(type, target)].flatMap((one) => {
    if (one.kind === 'enum') {
      return Object.keys(one.values).filter((name) => enumerators?.has(name) ?? true);
    }
    const isRecord = one.kind === 'struct' || one.kind === 'union';
    return isRecord ? layout(one, target).fields.map(({ name }) => name) : [];
  });
}
