import type { Type } from '../abi/index.ts';
import type { Types } from './load-types.ts';

/** The types of one of two whole files. */
export interface PairSide {
  readonly types: Types;
  /** By the same names, those in C; definitions in TypeScript have none. */
  readonly namesInC?: ReadonlyMap<string, string>;
  /** By the names in C that further types of one name got, that name. */
  readonly namesakes?: ReadonlyMap<string, string>;
  /** Of several types of one name, by their names in C, what tells the units that they are from. */
  readonly docs?: ReadonlyMap<string, string>;
}

/** What stands for the same type in two files; undefined where one has no such. */
export interface TypePair {
  readonly name: string;
  readonly a: Type | undefined;
  readonly b: Type | undefined;
}

interface Entry {
  readonly key: string;
  readonly name: string;
  readonly type: Type;
  readonly unit: string;
}

type IsSame = (one: Type, other: Type) => boolean;
/** Whether two of a name are taken for one another. */
type Fits = (one: Entry, other: Entry) => boolean;

/**
 * Types of two files by their names in C. Of several that a program has under one name, those that are
 * the same belong together, then those of one unit: in which order they stand says nothing.
 */
export function pairTypes(a: PairSide, b: PairSide, isSame: IsSame): TypePair[] {
  const theirs = entriesOf(b);
  const partners = new Map<Entry, Entry>();
  const free = new Set([...theirs.values()].flat());
  const ours = [...entriesOf(a).values()].flat();
  const rest = (name: string) => (theirs.get(name) ?? []).filter((one) => free.has(one));
  const ways: readonly Fits[] = [
    (one, other) => isSame(one.type, other.type),
    (one, other) => one.unit !== '' && one.unit === other.unit,
    () => true,
  ];
  const pair = (candidates: (one: Entry) => readonly Entry[], fits: Fits) => {
    for (const one of ours) {
      if (partners.has(one)) continue;
      const found = candidates(one).find((other) => fits(one, other));
      if (!found) continue;
      partners.set(one, found);
      free.delete(found);
    }
  };
  for (const fits of ways) pair(({ name }) => rest(name), fits);
  // A struct of the one may be a typedef's in the other.
  pair(
    () => [...free],
    (one, other) => one.key === other.key,
  );
  return [
    ...ours.map((one) => ({ name: one.key, a: one.type, b: partners.get(one)?.type })),
    ...[...free].map(({ key, type }) => ({ name: key, a: undefined, b: type })),
  ];
}

/** By the name that several may have: `x` of `x__2`. */
function entriesOf({
  types,
  namesInC,
  namesakes,
  docs,
}: PairSide): ReadonlyMap<string, readonly Entry[]> {
  const found = new Map<string, Entry[]>();
  for (const [key, type] of types) {
    const full = namesInC?.get(key) ?? key;
    const name = sharedName(full, type, namesakes);
    const own = { key, name, type, unit: docs?.get(full) ?? '' };
    found.set(name, [...(found.get(name) ?? []), own]);
  }
  return found;
}

/**
 * The name in the program of what import named `x__2`. C may have that name, too: only what import made
 * up stands for `x`, which in definitions the tag tells.
 */
export function sharedName(
  name: string,
  type: Type,
  namesakes: ReadonlyMap<string, string> = new Map(),
): string {
  const stem = name.replace(/__\d+$/, '');
  const isTag = 'name' in type && type.name === stem;
  return namesakes.get(name) ?? (isTag ? stem : name);
}
