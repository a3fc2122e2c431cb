import { layout, type Target, type Type } from '../abi/index.ts';
import { madeUp } from './keys.ts';
import { keywordsOfC, keywordsOfC23, keywordsOfCpp, macrosOfGnuC } from './keywords.ts';
import { typesIn } from './types-in.ts';

/** Names that an exported header writes: of the type, tags, members, enumerators, what pointers point to. */
export function namesOf(type: Type, target: Target, wanted: string): string[] {
  const inner = [...typesIn(type, target)].flatMap((one) => {
    if (one.kind === 'enum') return [one.name, ...Object.keys(one.values)];
    if (one.kind === 'pointer') return tagIn(one.to) ?? [];
    const isRecord = one.kind === 'struct' || one.kind === 'union';
    return isRecord ? [one.name, ...layout(one, target).fields.map(({ name }) => name)] : [];
  });
  return [wanted, ...inner];
}

/** `x` of `struct x`, which a pointer may point to without a declaration of it. */
export function tagIn(to: string): string | undefined {
  return /^(?:struct|union) ([A-Za-z_]\w*)$/.exec(to)?.[1];
}

/** How names that a compiler would not take are written: as macros, `ABI_class`. */
export class Spelling {
  readonly #renamed: ReadonlyMap<string, string>;

  constructor(names: readonly string[]) {
    const all = new Set(names);
    const renamed = [...all].filter((name) => {
      return isTaken(name) || keywordsOfCpp.has(name) || keywordsOfC23.has(name);
    });
    this.#renamed = new Map(renamed.map((name) => [name, madeUp(`${name}_`, all)]));
  }

  readonly spell = (name: string): string => (this.#renamed.has(name) ? `ABI_${name}` : name);

  /** As the language has it; C before C23. */
  readonly written = (spelled: string, language: 'c' | 'c++'): string => {
    const name = spelled.startsWith('ABI_') ? spelled.slice('ABI_'.length) : '';
    const renamed = this.#renamed.get(name);
    if (renamed === undefined) return spelled;
    return language === 'c++' || isTaken(name) ? renamed : name;
  };

  /** `a[0].class`. */
  readonly path = (path: string): string => path.replaceAll(/[^.[\]]+/g, this.spell);

  get forCpp(): string[] {
    return [...this.#renamed].map(([name, renamed]) =>
      defined(name, isTaken(name) ? renamed : `${renamed} /* ${name} in C */`),
    );
  }

  get forC(): string[] {
    const all = [...this.#renamed];
    const isNew = ([name]: readonly [string, string]) => keywordsOfC23.has(name) && !isTaken(name);
    const lines = all
      .filter((one) => !isNew(one))
      .map(([name, renamed]) => defined(name, isTaken(name) ? renamed : name));
    const newer = all.filter(isNew);
    if (newer.length === 0) return lines;
    return [
      ...lines,
      '#if defined(__STDC_VERSION__) && __STDC_VERSION__ > 201710L',
      ...newer.map(([name, renamed]) => defined(name, `${renamed} /* ${name} before C23 */`)),
      '#else',
      ...newer.map(([name]) => defined(name, name)),
      '#endif',
    ];
  }

  get undefined(): string[] {
    return [...this.#renamed.keys()].map((name) => `#undef ABI_${name}`);
  }
}

function defined(name: string, as: string): string {
  return `#define ABI_${name} ${as}`;
}

/** What neither C nor C++ leaves to a header that includes <stdbool.h>, <stddef.h> and <stdint.h>. */
function isTaken(name: string): boolean {
  return keywordsOfC.has(name) || included.has(name) || ofStdint.test(name);
}

/** Macros and types. */
const included: ReadonlySet<string> = new Set([
  ...'bool true false NULL offsetof unreachable size_t ptrdiff_t wchar_t max_align_t nullptr_t'.split(
    ' ',
  ),
  ...macrosOfGnuC,
]);
const ofStdint =
  /^(?:U?INT(?:(?:_LEAST|_FAST)?(?:8|16|32|64)|PTR|MAX)_(?:MIN|MAX|WIDTH|C)|U?INT(?:8|16|32|64|MAX)_C|(?:PTRDIFF|SIZE|SIG_ATOMIC|WCHAR|WINT)_(?:MIN|MAX|WIDTH)|u?int(?:(?:_least|_fast)?(?:8|16|32|64)|ptr|max)_t)$/;
