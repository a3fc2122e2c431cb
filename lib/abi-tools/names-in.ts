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
  const inside = new Set<Type>();
  for (const [, type] of types) typesIn(type, target, inside);
  const names = types.map(([name]) => scoped.get(name) ?? name);
  for (const type of inside) names.push(...namesOf(type, target, enumerators));
  return withoutMacros(target.language === 'c++' ? [wordsOfCpp, ...names] : names);
}

/** The names that a source of C needs to reach what is in a type itself: members, enumerators. */
function namesOf(
  type: Type,
  target: Target,
  enumerators: ReadonlySet<string> | undefined,
): readonly string[] {
  if (type.kind === 'enum') {
    return Object.keys(type.values).filter((name) => enumerators?.has(name) ?? true);
  }
  const isRecord = type.kind === 'struct' || type.kind === 'union';
  return isRecord ? layout(type, target).fields.map(({ name }) => name) : [];
}
