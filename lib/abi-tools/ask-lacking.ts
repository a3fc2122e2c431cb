import { bareType } from '../abi/access.ts';
import type { Target, Type } from '../abi/index.ts';
import type { Answer, Difference, Refusal } from './ask.ts';
import { type Compiler, clangFile } from './compilers.ts';
import { declaredBy } from './declared-by.ts';
import type { HeaderSource } from './header-source.ts';
import { type Asked, lackingIn } from './lacking.ts';
import type { Types } from './load-types.ts';
import type { NamedType } from './names-in.ts';

export interface LackingAnswer {
  readonly differences: readonly Difference[];
  /** Types of which it is not known what the compiler has. */
  readonly unchecked: readonly Refusal[];
  /** What it has, by the names in C. */
  readonly types: Types;
}

/**
 * What the header has and the definitions lack, where the header's types are given: a part of a header is
 * held against it without them. Import has asked clang what that is in C. `asking` goes on meanwhile: types
 * about which the compiler takes no questions can make all else an error here.
 */
export async function askLacking(
  header: HeaderSource,
  items: readonly NamedType[],
  target: Target,
  compiler: Compiler,
  asking: Promise<Answer>,
): Promise<LackingAnswer> {
  const { declared } = header;
  if (!declared) return { differences: [], unchecked: [], types: new Map() };
  const isRead = compiler.file === clangFile() && target.language !== 'c++';
  const isGuessed = header.hasAligns === false;
  if (isRead) return lackingOf(declared, items, target, [], isGuessed);
  // In C++ the questions are answered by debug information, too.
  const known = target.language === 'c++' ? (await asking).object : undefined;
  const all = await declaredBy(header, items, target, compiler, known);
  const refused = new Set((await asking).refusals.map(({ record }) => record));
  const some = items.filter(([record]) => !refused.has(record));
  if (all.types.size > 0 || some.length === items.length)
    return lackingOf(all.types, items, target, all.failures, isGuessed);
  const rest = await declaredBy(header, some, target, compiler);
  return lackingOf(rest.types, some, target, rest.failures, isGuessed);
}

function lackingOf(
  declared: Types,
  items: readonly NamedType[],
  target: Target,
  unchecked: readonly Refusal[],
  isGuessed: boolean,
): LackingAnswer {
  const asked = askedIn(items, target, declared);
  const announced = isGuessed ? items.filter(([, type]) => isAnnounced(type, target)) : [];
  const untold = new Set(announced.map(([record]) => record));
  const differences = items.flatMap(([record, type]) => {
    const theirs = untold.has(record) ? undefined : declared.get(record);
    const lacking = theirs ? lackingIn(type, theirs, target, asked) : [];
    return lacking.map((one) => ({ record, ours: '-', ...one }));
  });
  const reason = 'its enumerators: the binary only announces it';
  const more = [...untold].map((record) => ({ record, reason }));
  return { differences, unchecked: [...unchecked, ...more], types: declared };
}

/** `enum e : short;`, of which debug information has no enumerators. */
function isAnnounced(type: Type, target: Target): boolean {
  const bare = bareType(type, target);
  return bare.kind === 'enum' && Object.keys(bare.values).length === 0;
}

function askedIn(items: readonly NamedType[], target: Target, declared: Types): Asked {
  const asked = new Map<Type, Set<Type>>();
  for (const [record, type] of items) {
    const bare = bareType(type, target);
    const all = asked.get(bare) ?? new Set();
    const theirs = declared.get(record);
    if (theirs) all.add(bareType(theirs, target));
    asked.set(bare, all);
  }
  return asked;
}
