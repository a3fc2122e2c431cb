import { bareType } from '../abi/access.ts';
import { layout, type Target, type Type } from '../abi/index.ts';

/** A type and all that its members and elements are made of, each once, as the target has them. */
export function typesIn(type: Type, target: Target, found = new Set<Type>()): ReadonlySet<Type> {
  const bare = bareType(type, target);
  if (found.has(bare)) return found;
  found.add(bare);
  if (bare.kind === 'array' || bare.kind === 'flexible') typesIn(bare.of, target, found);
  if (bare.kind === 'struct' || bare.kind === 'union') {
    for (const field of layout(bare, target).fields) typesIn(field.type, target, found);
  }
  return found;
}
