import type { CEnum, CHeader, CRecord } from './c-model.ts';

/** How C++ reaches types that are declared inside another, by their names in C. */
export type ScopedNames = ReadonlyMap<string, string>;

/** `struct outer::inner` by `struct inner`. What stands in a struct without any name cannot be reached. */
export function scopedNames(header: CHeader): ScopedNames {
  const tagged = [...header.records.values(), ...header.enums.values()];
  return new Map(
    tagged.flatMap((one): [string, string][] => {
      const path = header.parents.has(one) ? pathOf(one, header) : undefined;
      return path === undefined ? [] : [[`${one.kind} ${one.tag}`, `${one.kind} ${path}`]];
    }),
  );
}

function pathOf(one: CRecord | CEnum, header: CHeader): string | undefined {
  const name = one.tag || typedefOf(one, header);
  const parent = header.parents.get(one);
  if (name === undefined || parent === undefined) return name;
  const outer = pathOf(parent, header);
  return outer === undefined ? undefined : `${outer}::${name}`;
}

/** The first typedef of a struct without a tag names it in C++, too. */
function typedefOf(one: CRecord | CEnum, { typedefs }: CHeader): string | undefined {
  return [...typedefs.values()].find(({ inline }) => inline === one)?.name;
}

/** `outer::` of `enum outer::inner`, whose enumerators have that scope. */
export function scopeOf(spelled: string): string {
  return /^\w+ (.*::)/.exec(spelled)?.[1] ?? '';
}
