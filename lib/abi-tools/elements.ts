import { resolveMaybe, type Target, type Type } from '../abi/index.ts';
import { coreOf, isRecord } from './diff-fact.ts';
import type { Types } from './load-types.ts';
import type { NameInHeader } from './names-in-header.ts';

/** An array's elements, a struct or union: C reaches those that have no tag through the array's typedef. */
export interface Elements {
  readonly key: string;
  readonly ours: Type;
  readonly theirs: Type;
  /** `rows[0][0]`. */
  readonly label: string;
  /** How the source of C names their type. */
  readonly spelled: string;
}

/**
 * Those of the arrays in `types`, where the header has the same dimensions and a struct or a union there, too:
 * else the class of the array tells that it is another.
 */
export function elementsIn(
  types: Types,
  names: ReadonlyMap<string, NameInHeader>,
  declared: Types,
  target: Target,
): Elements[] {
  return [...types].flatMap(([key, given]): Elements[] => {
    const type = resolveMaybe(given, target);
    const found = names.get(key);
    const other = found && declared.get(found.name);
    if (!type || !found || !other) return [];
    const [ours, theirs] = [coreOf(type, target), coreOf(other, target)];
    const isSame = ours.lengths.join() === theirs.lengths.join() && ours.lengths.length > 0;
    if (!isSame || !isRecord(ours.type) || !isRecord(theirs.type)) return [];
    const brackets = '[0]'.repeat(ours.lengths.length);
    const label = `${found.label}${brackets}`;
    const spelled = `__typeof__((*(${found.name} *)0)${brackets})`;
    return [{ key: `${key}${brackets}`, ours: ours.type, theirs: theirs.type, label, spelled }];
  });
}
