import type { DebugType } from './debug-type.ts';
import type { TypeSource } from './dwarf-type.ts';

/** No C has as many typedefs of typedefs; damaged files may. */
const maxDepth = 64;

/** The type that typedefs and qualifiers lead to; undefined where there is none. */
export function typeBehind(source: Pick<TypeSource, 'typeOf'>, id: number): DebugType | undefined {
  let at = id;
  for (let depth = 0; at !== 0 && depth <= maxDepth; depth++) {
    const found = source.typeOf(at);
    if (found.kind !== 'typedef' && found.kind !== 'qualifier') return found;
    at = found.to;
  }
  return undefined;
}
