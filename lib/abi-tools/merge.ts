import { matches } from '../abi/condition.ts';
import {
  type AbsentType,
  absent,
  type Case,
  type Condition,
  type Field,
  type Target,
  type Type,
  type Variable,
} from '../abi/index.ts';
import type { TargetImport } from './import-header.ts';

/** One definition for all targets; where they differ, a variant says by what. */
export interface Merged {
  /** The names of the types that clang or we had to leave out, with the reason. */
  readonly failures: ReadonlyMap<string, string>;
  /** By the name in C; a type that some targets lack is a variant with `absent`. */
  readonly types: ReadonlyMap<string, Type>;
  readonly nameOf: (type: Type) => string | undefined;
}

type Seen<T> = readonly { readonly from: TargetImport; readonly value: T }[];

/** Merges what the targets saw, type by type, member by member. */
export function mergeImports(imports: readonly TargetImport[]): Merged {
  const [only] = imports;
  if (only && imports.length === 1) return only;
  const merger = new Merger(imports);
  const names = new Set(imports.flatMap((one) => [...one.types.keys()]));
  for (const name of names) merger.named(name);
  const failures = new Map(imports.flatMap((one) => [...one.failures]));
  return { types: merger.types, nameOf: (type) => merger.names.get(type), failures };
}

class Merger {
  readonly types = new Map<string, Type>();
  readonly names = new Map<Type, string>();
  readonly #imports: readonly TargetImport[];
  readonly #keys = new WeakMap<object, string>();

  constructor(imports: readonly TargetImport[]) {
    this.#imports = imports;
  }

  named(name: string): Type {
    const known = this.types.get(name);
    if (known) return known;
    const seen = this.#imports.map((from) => ({ from, value: from.types.get(name) ?? absent }));
    const isAlias = seen.every(({ from, value }) => this.#isAlias(name, value, from));
    const made = (isAlias ? this.#merge(seen) : this.#structure(seen, true)) as Type;
    this.types.set(name, made);
    if (!this.names.has(made)) this.names.set(made, name);
    return made;
  }

  /** Whether a type has another name that goes before this one: it is a typedef of it. */
  #isAlias(name: string, value: Field, from: TargetImport): boolean {
    const known = from.nameOf(value as Type);
    return value.kind === 'absent' || (known !== undefined && known !== name);
  }

  /** A member or its type: by name where it has one. */
  #merge(seen: Seen<Field>): Field {
    const names = new Set(seen.map(({ from, value }) => from.nameOf(value as Type)));
    const [name] = names;
    return names.size === 1 && name !== undefined ? this.named(name) : this.#structure(seen);
  }

  /** `isTop`: the types that bear the name themselves, which must not be replaced by it. */
  #structure(seen: Seen<Field>, isTop = false): Field {
    const kinds = new Set(seen.map(({ value }) => value.kind));
    const merged = kinds.size === 1 ? this.#sameKind(seen) : undefined;
    return merged ?? this.#variant(seen, isTop);
  }

  /** undefined where a variant of the whole is needed. */
  #sameKind(seen: Seen<Field>): Field | undefined {
    const first = seen[0]?.value;
    if (!first || !this.#agree(seen)) return undefined;
    switch (first.kind) {
      case 'struct':
      case 'union':
        return { ...first, fields: this.#fields(seen as Seen<typeof first>) };
      case 'array':
      case 'flexible':
        return { ...first, of: this.#inner(seen, 'of') };
      case 'aligned':
      case 'member':
      case 'bits':
        return { ...first, type: this.#inner(seen, 'type') } as Field;
      default:
        return first;
    }
  }

  #inner(seen: Seen<Field>, key: 'of' | 'type'): Type {
    return this.#merge(
      seen.map(({ from, value }) => ({
        from,
        value: (value as unknown as Record<string, Type>)[key] as Type,
      })),
    ) as Type;
  }

  #fields(seen: Seen<{ readonly fields: Readonly<Record<string, Field>> }>) {
    const fields: Record<string, Field> = {};
    for (const key of Object.keys(seen[0]?.value.fields ?? {})) {
      const parts = seen.map(({ from, value }) => ({ from, value: value.fields[key] as Field }));
      Object.defineProperty(fields, key, { value: this.#merge(parts), enumerable: true });
    }
    return fields;
  }

  /** Whether all that is not a type itself (names, lengths, attributes, keys) is the same. */
  #agree(seen: Seen<Field>): boolean {
    return new Set(seen.map(({ value }) => outline(value))).size === 1;
  }

  #variant(seen: Seen<Field>, isTop: boolean): Field {
    const whole = (group: Seen<Field>) =>
      (isTop ? this.#sameKind(group) : undefined) ?? this.#merge(group);
    const groups = this.#groups(seen);
    const [largest, ...rest] = [...groups].sort((a, b) => b.length - a.length);
    const otherwise = whole(largest ?? []) as Variable;
    if (rest.length === 0) return otherwise as Field;
    const all = this.#imports.map((one) => one.target);
    const cases = rest.map((group): Case => {
      const type = whole(group) as Exclude<Field, AbsentType> | AbsentType;
      return {
        when: conditionFor(
          group.map((one) => one.from.target),
          all,
        ),
        type,
      };
    });
    return { kind: 'variant', cases, otherwise };
  }

  #groups(seen: Seen<Field>): Seen<Field>[] {
    const groups = new Map<string, { from: TargetImport; value: Field }[]>();
    for (const one of seen) {
      const key = this.#key(one.value, one.from);
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    return [...groups.values()];
  }

  /** The same text for the same definition; named types count by their name. */
  #key(value: Field, from: TargetImport, isTop = true): string {
    const name = from.nameOf(value as Type);
    if (name !== undefined && !isTop) return name;
    const known = this.#keys.get(value);
    if (known !== undefined) return known;
    const inner = partsOf(value).map(([key, part]) => `${key}:${this.#key(part, from, false)}`);
    const made = `${outline(value)}{${inner.join(',')}}`;
    this.#keys.set(value, made);
    return made;
  }
}

function partsOf(value: Field): [string, Field][] {
  switch (value.kind) {
    case 'struct':
    case 'union':
      return Object.entries(value.fields);
    case 'array':
    case 'flexible':
      return [['of', value.of]];
    case 'aligned':
    case 'member':
    case 'bits':
      return [['type', value.type]];
    default:
      return [];
  }
}

function outline(value: Field): string {
  const own = Object.entries(value).filter(([key]) => !['fields', 'of', 'type'].includes(key));
  const keys = 'fields' in value ? Object.keys(value.fields) : [];
  return JSON.stringify([own, keys], (_, one) => (typeof one === 'bigint' ? `${one}n` : one));
}

const simple: readonly Condition[] = [
  { byteOrder: 'big' },
  { byteOrder: 'little' },
  { longSize: 4 },
  { longSize: 8 },
  { pointerSize: 4 },
  { pointerSize: 8 },
];

/** What the group has in common and no other target has; at worst its names. */
export function conditionFor(group: readonly Target[], all: readonly Target[]): Condition {
  const isExact = (condition: Condition) =>
    all.every((target) => matches(condition, target) === group.includes(target));
  const pairs = simple.flatMap((one) => simple.map((other) => ({ ...one, ...other })));
  const found = [...simple, ...pairs].find(isExact);
  return found ?? { names: group.map((target) => target.name) };
}
