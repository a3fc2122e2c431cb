import { AbiError, layout, type Target, type Type } from '../abi/index.ts';
import { madeUp } from './keys.ts';
import { keywordsOfCpp } from './keywords.ts';
import { typesIn } from './types-in.ts';

/** Names that an exported header declares: of the type, tags, members, enumerators. */
export function namesOf(type: Type, target: Target, wanted: string): string[] {
  const inner = [...typesIn(type, target)].flatMap((one) => {
    if (one.kind === 'enum') return [one.name, ...Object.keys(one.values)];
    const isRecord = one.kind === 'struct' || one.kind === 'union';
    return isRecord ? [one.name, ...layout(one, target).fields.map(({ name }) => name)] : [];
  });
  return [wanted, ...inner];
}

/** How names that are keywords of C++ are written in a header for both: as macros, `ABI_class`. */
export class Spelling {
  readonly #renamed: ReadonlyMap<string, string>;

  constructor(names: readonly string[]) {
    const macro = names.find((name) => macrosOfStdbool.has(name));
    if (macro !== undefined) {
      throw new AbiError(
        `«${macro}» is a macro of <stdbool.h>, which the header includes: rename it`,
      );
    }
    const all = new Set(names);
    const keywords = [...all].filter((name) => keywordsOfCpp.has(name));
    this.#renamed = new Map(keywords.map((name) => [name, madeUp(`${name}_`, all)]));
  }

  readonly spell = (name: string): string => (this.#renamed.has(name) ? `ABI_${name}` : name);

  /** `a[0].class`. */
  readonly path = (path: string): string => path.replaceAll(/[^.[\]]+/g, this.spell);

  defined(language: 'c' | 'c++'): string[] {
    return [...this.#renamed].map(([name, renamed]) => {
      const plain = language === 'c++' ? `${renamed} /* ${name} in C */` : name;
      return `#define ABI_${name} ${plain}`;
    });
  }

  get undefined(): string[] {
    return [...this.#renamed.keys()].map((name) => `#undef ABI_${name}`);
  }
}

const macrosOfStdbool: ReadonlySet<string> = new Set(['bool', 'true', 'false']);
