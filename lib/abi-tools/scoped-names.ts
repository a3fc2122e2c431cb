import { objectOf, stepsOf } from './behind.ts';
import type { CEnum, CHeader, CMember, CRecord } from './c-model.ts';
import { parseCType } from './c-type.ts';

/** How C++ reaches types that are declared inside another, by their names in C. */
export type ScopedNames = ReadonlyMap<string, string>;

/** `struct outer::inner` by `struct inner`. In a struct without any name the type of a member stands for it. */
export function scopedNames(header: CHeader): ScopedNames {
  const tagged = [...header.records.values(), ...header.enums.values()];
  return new Map(
    tagged.flatMap((one): [string, string][] => {
      const spelled = header.parents.has(one) ? spelledIn(one, header) : undefined;
      return spelled === undefined ? [] : [[`${one.kind} ${one.tag}`, spelled]];
    }),
  );
}

function spelledIn(one: CRecord | CEnum, header: CHeader): string | undefined {
  const path = pathOf(one, header);
  if (path !== undefined) return `${one.kind} ${path}`;
  const object = memberOf(one, header);
  return object && `__typeof__(${object})`;
}

/** An expression of that type, by the member that it was declared with. */
function memberOf(one: CRecord | CEnum, header: CHeader): string | undefined {
  const parent = header.parents.get(one);
  const outer = parent && objectIn(parent, header);
  const member = parent?.members.find((each) => isOf(each, one));
  const steps = member && stepsOf(member.type);
  if (outer === undefined || steps === undefined) return undefined;
  return member?.name ? `${outer}.${member.name}${'[0]'.repeat(steps)}` : outer;
}

function objectIn(record: CRecord, header: CHeader): string | undefined {
  const path = pathOf(record, header);
  if (path === undefined) return memberOf(record, header);
  return objectOf(record.tag ? `${record.kind} ${path}` : path);
}

function isOf({ type, inline }: CMember, one: CRecord | CEnum): boolean {
  if (inline) return inline === one;
  return parseCType(type).base.replace(/[ *]+$/, '') === `${one.kind} ${one.tag}`;
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

/** `outer::` of `enum outer::inner`, whose enumerators have that scope; undefined where the type has no name. */
export function scopeOf(spelled: string): string | undefined {
  if (spelled.startsWith('__typeof__')) return undefined;
  return /^\w+ (.*::)/.exec(spelled)?.[1] ?? '';
}
