import { bareType } from '../abi/access.ts';
import { flatFields } from '../abi/flat-fields.ts';
import {
  type EnumType,
  type FieldLayout,
  layout,
  type RecordType,
  type Target,
  type Type,
} from '../abi/index.ts';
import { coreOf, isRecord, memberFact } from './diff-fact.ts';

/** A member or an enumerator that a header's type has, and a definition of it lacks or has otherwise. */
export interface Lacking {
  readonly what: string;
  /** `-` where it is left out. */
  readonly ours?: string;
  readonly theirs: string;
}

/** Types that are looked at by themselves, and those of the header that they stand for, where it has them. */
export type Asked = ReadonlyMap<Type, ReadonlySet<Type>>;

/**
 * What `theirs`, the header's, has and `ours` lacks. A type that is in `asked` is not looked into, unless the
 * header's member is of another one.
 */
export function lackingIn(ours: Type, theirs: Type, target: Target, asked: Asked): Lacking[] {
  const found = [...lacking({ ours, theirs, path: '', at: 0 }, target, asked)];
  // An enumeration can be the type of several members.
  return [...new Map(found.map((one) => [`${one.what} ${one.theirs}`, one])).values()];
}

/** Two types that stand for the same, and where in the outermost one. */
interface Pair {
  readonly ours: Type;
  readonly theirs: Type;
  readonly path: string;
  readonly at: number;
}

function* lacking(pair: Pair, target: Target, asked: Asked): Generator<Lacking> {
  const [ours, theirs] = [coreOf(pair.ours, target), coreOf(pair.theirs, target)];
  const known = pair.path === '' ? undefined : asked.get(ours.type);
  if (known && (known.size === 0 || known.has(theirs.type))) return;
  if (ours.type.kind === 'enum' && theirs.type.kind === 'enum') {
    const pairs = [ours.type as EnumType, theirs.type as EnumType] as const;
    yield* known ? otherEnum(...pairs, pair.path) : enumerators(...pairs);
  }
  if (!isRecord(ours.type) || !isRecord(theirs.type)) return;
  const path = pair.path === '' ? '' : `${pair.path}${'[0]'.repeat(theirs.lengths.length)}.`;
  yield* otherKinds(ours.type, theirs.type, path, target);
  const own = [...flatFields(layout(ours.type, target), target)];
  const others = [...flatFields(layout(theirs.type, target), target)];
  const renamed = strangers(own, others);
  for (const field of others) {
    const same = own.find(({ name }) => name === field.name);
    const at = pair.at + field.offset;
    const name = `${path}${field.name}`;
    if (same)
      yield* lacking({ ours: same.type, theirs: field.type, path: name, at }, target, asked);
    else if (!renamed.some((one) => covers(one, field)))
      yield { what: `member ${name}`, theirs: memberFact(field, target, pair.at).text };
  }
}

/**
 * A struct where the header has a union, or the reverse, that have no name: they are known by their first
 * member that both have. Where one side alone has such a one, the members' places tell all.
 */
function* otherKinds(
  ours: RecordType,
  theirs: RecordType,
  path: string,
  target: Target,
): Generator<Lacking> {
  const own = aroundMembers(ours, target);
  const seen = new Set<Type>();
  for (const [name, others] of aroundMembers(theirs, target)) {
    const around = own.get(name);
    if (around?.length !== others.length) continue;
    for (const [depth, other] of others.entries()) {
      const one = around[depth];
      if (!one || one.kind === other.kind || seen.has(other)) continue;
      seen.add(other);
      const what = `type around ${path}${name}`;
      yield { what, ours: one.kind, theirs: other.kind };
    }
  }
}

/** What has no name and is around each member, from the outermost on. */
function aroundMembers(type: RecordType, target: Target): Map<string, readonly RecordType[]> {
  const found = new Map<string, readonly RecordType[]>();
  for (const { name, type: inner } of layout(type, target).fields) {
    const record = name === '' ? bareType(inner, target) : undefined;
    if (!record || !isRecord(record)) {
      if (name !== '') found.set(name, []);
      continue;
    }
    for (const [member, others] of aroundMembers(record, target))
      found.set(member, [record, ...others]);
  }
  return found;
}

/** Members of names that the other has not: the compiler refuses those, so what they cover is told. */
function strangers(own: readonly FieldLayout[], others: readonly FieldLayout[]): FieldLayout[] {
  const names = new Set(others.map(({ name }) => name));
  return own.filter(({ name }) => !names.has(name));
}

function covers(one: FieldLayout, other: FieldLayout): boolean {
  const [from, to] = bitsOf(one);
  const [start, end] = bitsOf(other);
  return from <= start && end <= to && (start < to || start === from);
}

function bitsOf({ bitOffset, bitWidth, size }: FieldLayout): [from: number, to: number] {
  return [bitOffset, bitOffset + (bitWidth ?? size * 8)];
}

/** Of a member whose enumeration is another one; what ours has may still be in the header. */
function* otherEnum(ours: EnumType, theirs: EnumType, path: string): Generator<Lacking> {
  const textOf = ({ values }: EnumType, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : '-';
  for (const name of new Set([...Object.keys(ours.values), ...Object.keys(theirs.values)])) {
    const [own, other] = [textOf(ours, name), textOf(theirs, name)];
    if (own !== other) yield { what: `value of ${name} in ${path}`, ours: own, theirs: other };
  }
}

/** One that has another name with us is refused, as such a member is. */
function* enumerators(ours: EnumType, theirs: EnumType): Generator<Lacking> {
  const renamed = Object.entries(ours.values)
    .filter(([name]) => !Object.hasOwn(theirs.values, name))
    .map(([, value]) => BigInt(value));
  for (const [name, value] of Object.entries(theirs.values)) {
    if (Object.hasOwn(ours.values, name) || renamed.includes(BigInt(value))) continue;
    yield { what: `value of ${name}`, theirs: String(value) };
  }
}
