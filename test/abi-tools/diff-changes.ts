import {
  type EnumType,
  type Field,
  type Fields,
  layout,
  type RecordOptions,
  type RecordType,
  resolveField,
  resolveType,
  type ScalarName,
  type Target,
  type Type,
  u16,
} from '../../lib/abi/index.ts';
import type { Random } from '../../lib/abi-tools/random.ts';

/** A random change to a definition, and what diff has to say of it. */
export interface Change {
  readonly kind: string;
  readonly made: RecordType;
  /** `layouts`: it breaks exactly if the two layouts differ (see signature()). */
  readonly breaks: 'yes' | 'no' | 'layouts';
  /** Whether there is something to show even where both layouts are the same. */
  readonly shows: boolean;
}

type Draft = Omit<Change, 'made'> & { readonly node: Field };
type Put = (next: Field) => RecordType;

/** Each part of a definition that exists on the target, and what puts another in its place. */
function* nodes(node: Field, target: Target, put: Put): Generator<{ node: Field; put: Put }> {
  const settled = resolveField(node, target);
  if (settled.kind === 'absent') return;
  yield { node: settled, put };
  const inner = (next: Field) => put({ ...settled, type: next } as Field);
  const of = (next: Field) => put({ ...settled, of: next } as Field);
  if (settled.kind === 'array' || settled.kind === 'flexible') yield* nodes(settled.of, target, of);
  if (settled.kind === 'aligned' || settled.kind === 'member')
    yield* nodes(settled.type, target, inner);
  if (settled.kind === 'bits' && !settled.unnamed) yield* nodes(settled.type, target, inner);
  if (settled.kind !== 'struct' && settled.kind !== 'union') return;
  for (const [key, field] of Object.entries(settled.fields)) {
    const within = (next: Field) => put({ ...settled, fields: { ...settled.fields, [key]: next } });
    yield* nodes(field, target, within);
  }
}

const scalars: readonly ScalarName[] = [
  'u8',
  'u16',
  'u32',
  'u64',
  'i8',
  'i16',
  'i32',
  'i64',
  'char',
  'long',
  'ulong',
  'int',
  'uint',
  'bool',
  'float',
  'double',
  'longdouble',
  'size_t',
];

type Maker = (node: never, random: Random, target: Target) => Draft | undefined;

const layouts = { breaks: 'layouts', shows: true } as const;

function entriesOf(node: RecordType, target: Target) {
  const all = Object.entries(node.fields);
  const isNamed = (field: Field) => {
    const { kind, ...rest } = resolveField(field, target);
    return kind !== 'absent' && !('anonymous' in rest) && !('unnamed' in rest && rest.unnamed);
  };
  return { all, named: all.filter(([, field]) => isNamed(field)) };
}

function withFields(node: RecordType, entries: readonly (readonly [string, Field])[]): RecordType {
  return { ...node, fields: Object.fromEntries(entries) as Fields };
}

function renamedMember(node: RecordType, random: Random, target: Target): Draft | undefined {
  const { all, named } = entriesOf(node, target);
  if (named.length === 0) return undefined;
  const [old] = random.pick(named);
  const entries = all.map(([key, field]) => [key === old ? 'renamed' : key, field] as const);
  return { kind: 'a member renamed', node: withFields(node, entries), breaks: 'no', shows: true };
}

function removedMember(node: RecordType, random: Random, target: Target): Draft | undefined {
  const { all, named } = entriesOf(node, target);
  if (named.length < 2) return undefined;
  const [old] = random.pick(named);
  const entries = all.filter(([key]) => key !== old);
  return { kind: 'a member removed', node: withFields(node, entries), ...layouts };
}

function insertedMember(node: RecordType, random: Random): Draft {
  const entries: [string, Field][] = Object.entries(node.fields);
  const type: Type = random.chance(50) ? u16 : { kind: 'scalar', scalar: random.pick(scalars) };
  entries.splice(random.below(entries.length + 1), 0, ['inserted', type]);
  return { kind: 'a member inserted', node: withFields(node, entries), breaks: 'yes', shows: true };
}

function swappedMembers(node: RecordType, random: Random): Draft | undefined {
  const entries = Object.entries(node.fields);
  if (entries.length < 2) return undefined;
  const at = random.below(entries.length - 1);
  entries.splice(at, 2, ...entries.slice(at, at + 2).reverse());
  return {
    kind: 'members swapped',
    node: withFields(node, entries),
    breaks: 'layouts',
    shows: false,
  };
}

function retagged(node: RecordType): Draft | undefined {
  if (node.name === '') return undefined;
  return { kind: 'a tag renamed', node: { ...node, name: 'retagged' }, breaks: 'no', shows: true };
}

function otherAttributes(node: RecordType, random: Random): Draft {
  const { packed, pack, align, ...bare } = node;
  const options: RecordOptions = random.pick([
    {},
    { packed: true },
    { pack: random.pick([1, 2, 4, 8]) },
    { align: random.pick([1, 2, 4, 8, 16, 32]) },
  ]);
  const made = { ...bare, ...options } as RecordType;
  return { kind: 'attributes', node: made, breaks: 'layouts', shows: false };
}

function otherScalar(node: { scalar: ScalarName }, random: Random): Draft | undefined {
  const scalar = random.pick(scalars);
  if (scalar === node.scalar) return undefined;
  return { kind: `${node.scalar} to ${scalar}`, node: { kind: 'scalar', scalar }, ...layouts };
}

function otherPointer(): Draft {
  const node = { kind: 'pointer', to: 'struct elsewhere' } as const;
  return { kind: 'what a pointer points to', node, breaks: 'no', shows: true };
}

function otherLength(node: { length: number; of: Type }, random: Random): Draft {
  const length = node.length + 1 + random.below(2);
  return { kind: 'an array longer', node: { kind: 'array', of: node.of, length }, ...layouts };
}

function otherWidth(node: { width: number; unnamed: boolean }, random: Random): Draft | undefined {
  const width = node.width + (random.chance(50) ? 1 : -1);
  if (width < 1) return undefined;
  return { kind: 'width of a bit-field', node: { ...node, width } as Field, ...layouts };
}

function enumChange(node: EnumType, random: Random, target: Target): Draft | undefined {
  const entries = Object.entries(node.values);
  const [name, value] = random.pick(entries);
  const others = entries.filter(([other]) => other !== name);
  const isAlone = others.every(([, other]) => BigInt(other) !== BigInt(value));
  const make = (values: readonly (readonly [string, number | bigint])[]): EnumType => {
    return { ...node, values: Object.fromEntries(values) };
  };
  const same = layout({ ...node, values: { a: value } } as EnumType, target);
  if (random.chance(25)) {
    const values = entries.map(([key, one]) => [key === name ? 'NEW' : key, one] as const);
    return { kind: 'an enumerator renamed', node: make(values), breaks: 'no', shows: true };
  }
  if (random.chance(33)) {
    const values = [...entries, ['ADDED', value] as const];
    return { kind: 'an enumerator added', node: make(values), breaks: 'no', shows: true };
  }
  if (random.chance(50) && isAlone && others.length > 0 && same) {
    return { kind: 'an enumerator removed', node: make(others), breaks: 'yes', shows: true };
  }
  const shifted = entries.map(([key, one]) => {
    return [key, key !== name ? one : typeof one === 'bigint' ? one + 1n : one + 1] as const;
  });
  return { kind: 'an enumerator moved', node: make(shifted), breaks: 'yes', shows: true };
}

const ofRecords = [
  renamedMember,
  removedMember,
  insertedMember,
  swappedMembers,
  retagged,
  otherAttributes,
];

const makers: Readonly<Record<string, readonly unknown[]>> = {
  struct: ofRecords,
  union: ofRecords,
  scalar: [otherScalar],
  pointer: [otherPointer],
  array: [otherLength],
  bits: [otherWidth],
  enum: [enumChange],
};

/** One change somewhere in the definition, of a kind that was picked first; undefined if none fits. */
export function randomChange(type: RecordType, target: Target, random: Random): Change | undefined {
  const all = [...nodes(type, target, (next) => next as RecordType)];
  const kind = random.pick([...new Set(all.map(({ node }) => node.kind))]);
  const { node, put } = random.pick(all.filter((one) => one.node.kind === kind));
  const list = (makers[kind] ?? []) as readonly Maker[];
  const draft = list.length > 0 ? random.pick(list)(node as never, random, target) : undefined;
  return draft && { ...draft, made: put(draft.node) };
}

/**
 * All that a layout says of a type's bytes, by path; element 0 stands for an array's elements. `base`
 * is where an anonymous member lies in the record whose members it has.
 */
export function signature(given: Type, target: Target, path = '', base = 0): string[] {
  const type = resolveType(given, target);
  const { size, align, fields } = layout(type, target);
  if (type.kind === 'aligned') return signature(type.type, target, path, base);
  if (type.kind === 'array' || type.kind === 'flexible') {
    const length = type.kind === 'array' ? type.length : 0;
    return [`${path}: ${length} of`, ...signature(type.of, target, `${path}[]`)];
  }
  if (type.kind !== 'struct' && type.kind !== 'union') {
    return [`${path}: ${formOf(type, target)} ${size}`];
  }
  const members = fields.flatMap((field) => {
    const at = base + field.offset;
    if (field.name === '') {
      if (field.bitWidth !== undefined) return [];
      return signature(field.type, target, path, at).slice(1);
    }
    const name = path === '' ? field.name : `${path}.${field.name}`;
    if (field.bitWidth === undefined) {
      return [`${name}: at ${at}`, ...signature(field.type, target, name)];
    }
    const bit = base * 8 + field.bitOffset;
    return [`${name}: ${formOf(field.type, target)} ${bit} ${field.bitWidth}`];
  });
  return [`${path}: record ${size} ${align}`, ...members];
}

/** The lines that say something about one member. */
export function about(path: string, lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith(`${path}:`) || line.startsWith(`${path}[]`));
}

function formOf(given: Type, target: Target): string {
  const type = resolveType(given, target);
  if (type.kind === 'aligned') return formOf(type.type, target);
  if (type.kind === 'pointer') return 'unsigned';
  if (type.kind === 'enum') {
    return Object.values(type.values).some((value) => value < 0) ? 'signed' : 'unsigned';
  }
  const { scalar } = type as { scalar: ScalarName };
  if (scalar === 'bool' || scalar === 'longdouble') return scalar;
  if (scalar === 'float' || scalar === 'double') return 'float';
  if (scalar === 'char') return target.charSigned ? 'signed' : 'unsigned';
  return /^u|^size_t/.test(scalar) ? 'unsigned' : 'signed';
}
