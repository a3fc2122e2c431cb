import { bareType } from '../abi/access.ts';
import type { Target, Type } from '../abi/index.ts';
import { ask, type Difference, type Refusal } from './ask.ts';
import { type Compiler, clangFile } from './compilers.ts';
import { type HeaderSource, headerSource } from './header-source.ts';
import { type Asked, type Lacking, lackingIn } from './lacking.ts';
import type { Types } from './load-types.ts';
import type { NamedType } from './names-in.ts';

export interface LackingAnswer {
  readonly differences: readonly Difference[];
  /** Types of which the compiler has other members than import has read. */
  readonly unchecked: readonly Refusal[];
}

/**
 * What the header has and the definitions lack. Import asks clang what that is: each compiler has to
 * bear it out, since a header can have members for one alone.
 */
export async function askLacking(
  header: HeaderSource,
  items: readonly NamedType[],
  target: Target,
  compiler: Compiler,
): Promise<LackingAnswer> {
  const found = lackingOf(header, items, target);
  if (found.length === 0) return { differences: [], unchecked: [] };
  const types = found.map(({ record, theirs }): NamedType => [record, theirs]);
  const sourceOf = headerSource(header, types, target, compiler);
  const { differences, refusals } = await ask(types, sourceOf, target, compiler);
  const other = new Set([...differences, ...refusals].map(({ record }) => record));
  const borne = found.filter(({ record }) => !other.has(record));
  const reason = `what is left out is not known: ${compiler.name} has other members than ${clangFile()}`;
  return {
    differences: borne.flatMap(({ record, lacking }) =>
      lacking.map((one) => ({ record, ours: '-', ...one })),
    ),
    unchecked: [...other].map((record) => ({ record, reason })),
  };
}

interface Found {
  readonly record: string;
  /** The header's type. */
  readonly theirs: Type;
  readonly lacking: readonly Lacking[];
}

function askedIn(items: readonly NamedType[], target: Target, declared?: Types): Asked {
  const asked = new Map<Type, Set<Type>>();
  for (const [record, type] of items) {
    const bare = bareType(type, target);
    const all = asked.get(bare) ?? new Set();
    const theirs = declared?.get(record);
    if (theirs) all.add(bareType(theirs, target));
    asked.set(bare, all);
  }
  return asked;
}

function lackingOf(
  { declared }: HeaderSource,
  items: readonly NamedType[],
  target: Target,
): Found[] {
  const asked = askedIn(items, target, declared);
  return items.flatMap(([record, type]) => {
    const theirs = declared?.get(record);
    const lacking = theirs ? lackingIn(type, theirs, target, asked) : [];
    return theirs && lacking.length > 0 ? [{ record, theirs, lacking }] : [];
  });
}
