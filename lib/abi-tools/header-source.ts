import { bareType } from '../abi/access.ts';
import type { Target } from '../abi/index.ts';
import type { SourceOf } from './ask.ts';
import type { Compiler } from './compilers.ts';
import type { Types } from './load-types.ts';
import { type NamedType, withoutMacrosOf } from './names-in.ts';
import { questionFor } from './question.ts';
import type { ScopedNames } from './scoped-names.ts';

/** Types that stand in a header: the source includes it in place of our own declarations. */
export interface HeaderSource {
  readonly prelude: string;
  readonly flagsFor: (target: Target, compiler: Compiler) => readonly string[];
  /** How the header names a type. */
  readonly nameOf: (name: string) => string;
  /** How C++ reaches types that it declares inside another, by their names in C. */
  readonly scoped?: ScopedNames;
  /** Enumerators that it declares; what a definition has beside them is asked for as its macros. */
  readonly enumerators?: ReadonlySet<string>;
  /** False where the definitions come from debug information, which tells few alignments. */
  readonly hasAligns?: boolean;
  /** By the names in C, the header's types as import reads them: then what a definition lacks is told. */
  readonly declared?: Types;
  /** Whether the definitions are what import makes of the header, and no one's own. */
  readonly isImported?: boolean;
}

/** What has no name of its own among `all` is asked about through what contains it. */
export function headerSource(
  header: HeaderSource,
  all: readonly NamedType[],
  target: Target,
  compiler: Compiler,
): SourceOf<NamedType> {
  const flags = header.flagsFor(target, compiler);
  const { hasAligns = true, scoped = new Map<string, string>(), enumerators } = header;
  const spelling = (name: string) => scoped.get(name) ?? name;
  const tells = header.declared ? { tellsTypes: true as const } : {};
  const asked = new Map(all.map(([name, type]) => [bareType(type, target), spelling(name)]));
  return (some) => {
    const prelude = `${header.prelude}\n${withoutMacrosOf(some, target, scoped, enumerators)}`;
    const questions = some.map(([name, type]) => {
      const own = { asked, hasAligns, isForeign: true };
      const scope = enumerators ? { ...own, enumerators } : own;
      return { ...questionFor(name, type, target), ...scope, spelled: spelling(name) };
    });
    return { prelude, questions, flags, ...tells };
  };
}
