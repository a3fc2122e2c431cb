import { bareType } from '../abi/access.ts';
import { layout, type Target, type Type } from '../abi/index.ts';
import { withoutMacros } from './include-line.ts';

/** A type under its name in C. */
export type NamedType = readonly [name: string, type: Type];

/** For behind a header: takes back its macros that are named as what is asked about. */
export function withoutMacrosOf(types: readonly NamedType[], target: Target): string {
  return withoutMacros(types.flatMap(([name, type]) => [name, ...namesIn(type, target)]));
}

/** Every name that a source of C needs to reach what is in a type: members, enumerators. */
function namesIn(type: Type, target: Target): ReadonlySet<string> {
  const names = new Set<string>();
  collect(type, target, names, new Set());
  return names;
}

function collect(type: Type, target: Target, names: Set<string>, seen: Set<Type>): void {
  const bare = bareType(type, target);
  if (seen.has(bare)) return;
  seen.add(bare);
  if (bare.kind === 'enum') for (const name of Object.keys(bare.values)) names.add(name);
  if (bare.kind === 'array' || bare.kind === 'flexible') collect(bare.of, target, names, seen);
  if (bare.kind !== 'struct' && bare.kind !== 'union') return;
  for (const field of layout(bare, target).fields) {
    names.add(field.name);
    collect(field.type, target, names, seen);
  }
}
