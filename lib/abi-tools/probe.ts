import { bareType } from '../abi/access.ts';
import {
  type EnumType,
  type FieldLayout,
  layout,
  resolveType,
  type Target,
  type Type,
} from '../abi/index.ts';
import {
  type ClassNaming,
  classExpression,
  classOfType,
  classText,
  expectedClass,
  isOfType,
  shapeOf,
} from './probe-class.ts';
import {
  cppClassExpression,
  cppKindExpression,
  cppNamedExpression,
  cppSizeExpression,
  plainType,
} from './probe-class-cpp.ts';
import { scopeOf } from './scoped-names.ts';
import { typesIn } from './types-in.ts';

/** Something about a type that a compiler can be asked for, and what we expect. */
export type Probe =
  | { readonly kind: 'size' | 'align'; readonly expected: number }
  /** Whether the type itself is a struct, a union, …: a name in a header may be anything's. */
  | { readonly kind: 'kind'; readonly expected: number }
  | { readonly kind: 'offset' | 'sizeof'; readonly path: string; readonly expected: number }
  /** Signed, unsigned, floating, pointer, …, of which size, in which array. */
  | {
      readonly kind: 'class';
      readonly path: string;
      readonly field: FieldLayout;
      /** Of the array that it is in. */
      readonly lengths: readonly number[];
      readonly expected: number;
    }
  | NamedProbe
  | ValueProbe
  | {
      readonly kind: 'bits';
      readonly path: string;
      /** The innermost array element that it is in, from which `at` counts; '' for the type itself. */
      readonly element: string;
      /** A union is around it: others may have the same bits. */
      readonly isShared: boolean;
      readonly isBool: boolean;
      /** First bit and width in the target's order. */
      readonly at: number;
      readonly width: number;
    };

/** Whether what a member is made of is the very type that has a question of its own: another is looked into. */
export interface NamedProbe {
  readonly kind: 'named';
  readonly path: string;
  readonly leaf: Type;
  readonly lengths: readonly number[];
  /** How the source names the type. */
  readonly as: string;
  readonly expected: 1;
}

/** An enumerator's value, as 64 bits. */
interface ValueProbe {
  readonly kind: 'value';
  readonly path: string;
  readonly expected: bigint;
  /** In C++ a member of the enumeration, whose type gives the enumerator's scope. */
  readonly through?: string;
}

/** Bits and bytes are read from an object of the type's size; beyond this they are left out. */
export const maxObjectBytes = 2 ** 20;

/** Which questions about a type are put. */
export interface Scope {
  /** Leaves out what follows from the rest where C's own types are right. */
  readonly isLean?: boolean;
  /**
   * Types with questions of their own, and how the source names them. All others are asked about
   * through what has them as members; without such a map those with a tag are not.
   */
  readonly asked?: ReadonlyMap<Type, string>;
  /** Enumerators that the source declares; others may be its macros. Without such a set all are its own. */
  readonly enumerators?: ReadonlySet<string>;
  /** Whether alignments are those of the definitions' source; debug information tells few. */
  readonly hasAligns?: boolean;
  /** Whether the source has declarations of its own, where a struct's name may be a union's. */
  readonly isForeign?: boolean;
}

/** Everything to ask about a type. */
export function probesOf(type: Type, target: Target, scope: Scope = {}): Probe[] {
  const { isLean, hasAligns = true, isForeign, ...rest } = scope;
  const { asked } = rest;
  const { size, align } = layout(type, target);
  const whole: Probe[] = [
    { kind: 'size', expected: size },
    ...(hasAligns ? [{ kind: 'align', expected: align } as const] : []),
  ];
  const bare = bareType(type, target);
  if (bare.kind === 'enum') return [...whole, ownClass(type, target), ...valueProbes(bare)];
  if (bare.kind !== 'struct' && bare.kind !== 'union') return [...whole, ownClass(type, target)];
  if (isForeign) whole.push({ kind: 'kind', expected: classOfType(bare, target) });
  const found = [...whole, ...members(type, target, asked ? { ...start, asked } : start)];
  const values = asked ? innerValues(found, bare, target, { ...rest, asked }) : [];
  return [...found, ...values].filter(
    ({ kind }) => (kind !== 'sizeof' || !isLean) && (kind !== 'bits' || size <= maxObjectBytes),
  );
}

type InnerScope = Pick<Scope, 'enumerators'> & { readonly asked: ReadonlyMap<Type, string> };

/** Enumerators of enumerations inside. */
function innerValues(
  found: readonly Probe[],
  type: Type,
  target: Target,
  scope: InnerScope,
): Probe[] {
  const inner =
    target.language === 'c++'
      ? found.flatMap((one) => valuesThrough(one, target, scope))
      : [...typesIn(type, target)].flatMap((one) =>
          one.kind === 'enum' && !scope.asked.has(one) ? valueProbes(one) : [],
        );
  return [...new Map(inner.map(byPath)).values()];
}

/** C++ gives them a scope, which a definition does not tell, and a member's type does. */
function valuesThrough(
  probe: Probe,
  target: Target,
  { asked, enumerators }: InnerScope,
): ValueProbe[] {
  if (probe.kind !== 'class') return [];
  const { leaf, lengths } = shapeOf(probe.field.type, target);
  if (leaf.kind !== 'enum' || asked.has(leaf)) return [];
  const through = `${probe.path}${'[0]'.repeat(lengths.length)}`;
  return valueProbes(leaf).map((one) =>
    enumerators?.has(one.path) === false ? one : { ...one, through },
  );
}

function byPath(probe: ValueProbe): readonly [string, ValueProbe] {
  return [`${probe.path} ${probe.expected}`, probe];
}

/** What a type is that has no members: its name is that of an enumeration or of a typedef. */
function ownClass(type: Type, target: Target): Probe {
  const field = {
    type: resolveType(type, target),
    size: layout(type, target).size,
    name: '',
    key: '',
    offset: 0,
    bitOffset: 0,
  };
  const { lengths } = shapeOf(field.type, target);
  return { kind: 'class', path: '', field, lengths, expected: expectedClass(field, target) };
}

function valueProbes({ values }: EnumType): ValueProbe[] {
  return Object.entries(values).map(([path, value]) => {
    return { kind: 'value', path, expected: BigInt.asUintN(64, BigInt(value)) };
  });
}

/** Where a walk stands: what the names of members get in front, and the bytes before them. */
interface Stand {
  readonly prefix: string;
  readonly at: number;
  readonly element: string;
  readonly isShared: boolean;
  /** Where the element begins. */
  readonly elementAt: number;
  readonly asked?: ReadonlyMap<Type, string>;
}

const start: Stand = { prefix: '', at: 0, element: '', elementAt: 0, isShared: false };

function members(type: Type, target: Target, stand = start): Probe[] {
  const isShared = stand.isShared || bareType(type, target).kind === 'union';
  const inside = { ...stand, isShared };
  return layout(type, target).fields.flatMap((field) => memberProbes(field, target, inside));
}

function memberProbes(field: FieldLayout, target: Target, stand: Stand): Probe[] {
  const path = `${stand.prefix}${field.name}`;
  const classProbe = (): Probe => {
    const { lengths } = shapeOf(field.type, target);
    return { kind: 'class', path, field, lengths, expected: expectedClass(field, target) };
  };
  if (field.bitWidth !== undefined) {
    if (field.name === '') return [];
    // C makes an integer of it, and has enumerators for the whole source.
    const named = target.language === 'c++' ? namedProbe(field, target, path, stand) : [];
    return [bitsProbe(field, path, stand), classProbe(), ...named];
  }
  const nested = inside(field, target, path, stand);
  if (field.name === '') return nested;
  const own: Probe[] = [{ kind: 'offset', path, expected: stand.at + field.offset }, classProbe()];
  if (field.type.kind !== 'flexible') own.push({ kind: 'sizeof', path, expected: field.size });
  return [...own, ...namedProbe(field, target, path, stand), ...nested];
}

function namedProbe(field: FieldLayout, target: Target, path: string, stand: Stand): NamedProbe[] {
  const { leaf, lengths } = shapeOf(field.type, target);
  const as = stand.asked?.get(leaf);
  return as === undefined ? [] : [{ kind: 'named', path, leaf, lengths, as, expected: 1 }];
}

/**
 * A struct or union without a tag has no name to ask by, and another may have no question of its
 * own: its members are asked for through ours. Of an array of such, its first element stands for all.
 */
function inside(field: FieldLayout, target: Target, path: string, stand: Stand): Probe[] {
  const { leaf, lengths } = shapeOf(field.type, target);
  if (leaf.kind !== 'struct' && leaf.kind !== 'union') return [];
  // A member without a name cannot be asked what it is.
  const hasOwn = stand.asked ? field.name !== '' && stand.asked.has(leaf) : leaf.name !== '';
  if (hasOwn) return [];
  const at = stand.at + field.offset;
  if (field.name === '') return members(leaf, target, { ...stand, at });
  const element = `${path}${'[0]'.repeat(lengths.length)}`;
  const within = lengths.length === 0 ? {} : { element, elementAt: at };
  return members(leaf, target, { ...stand, ...within, prefix: `${element}.`, at });
}

function bitsProbe(field: FieldLayout, path: string, stand: Stand): Probe {
  const isBool = field.type.kind === 'scalar' && field.type.scalar === 'bool';
  const at = (stand.at - stand.elementAt) * 8 + field.bitOffset;
  const { element, isShared } = stand;
  return { kind: 'bits', path, element, isShared, isBool, at, width: field.bitWidth ?? 0 };
}

/** Whether it is about the type itself, and about nothing in it. */
export function isOfWhole(probe: Probe): boolean {
  return probe.kind === 'kind' || (probe.kind === 'class' && probe.path === '');
}

/** Whether no member of the type is needed for it. */
export function isOutsideOf({ kind }: Probe): boolean {
  return kind === 'size' || kind === 'align';
}

export function probeName(probe: Probe): string {
  switch (probe.kind) {
    case 'size':
      return 'size';
    case 'align':
      return 'alignment';
    case 'offset':
      return `offset of ${probe.path}`;
    case 'sizeof':
      return `size of ${probe.path}`;
    case 'named':
      return `type of ${probe.path}`;
    case 'class':
      return probe.path ? `type of ${probe.path}` : 'type';
    case 'kind':
      return 'type';
    case 'value':
      return `value of ${probe.path}`;
    case 'bits':
      return `bits of ${probe.path}`;
  }
}

/** What a compiler's number for the probe says, or ours. */
export function numberText(probe: Probe, number: bigint): string {
  if (probe.kind === 'class') return classText(Number(number), probe.lengths);
  if (probe.kind === 'kind') return classText(Number(number), []);
  return String(probe.kind === 'value' ? BigInt.asIntN(64, number) : number);
}

/** How the source names a type and an object of it, and what our own names begin with. */
export interface Naming extends ClassNaming {
  readonly name: string;
  readonly object: string;
}

/** The expression of C whose value a probe wants; undefined for bits. */
export function probeExpression(probe: Probe, naming: Naming): string | undefined {
  const { name, object, target, prefix } = naming;
  switch (probe.kind) {
    case 'size':
      return `sizeof(${name})`;
    case 'align':
      return `${target.language === 'c++' ? `${prefix}alignof` : '_Alignof'}(${name})`;
    case 'offset':
      return `__builtin_offsetof(${name}, ${probe.path})`;
    case 'sizeof':
      return sizeOf(`${object}.${probe.path}`, naming);
    case 'class':
      return classOf(probe.path ? `${object}.${probe.path}` : object, probe.field, naming);
    case 'kind':
      return kindExpression(object, naming);
    case 'named':
      return namedExpression(`${object}.${probe.path}`, probe, naming);
    case 'value':
      return `(unsigned long long)${scopeFor(probe, naming)}${probe.path}`;
    case 'bits':
      return undefined;
  }
}

function sizeOf(at: string, { target, prefix, isBare }: ClassNaming): string {
  if (!isBare) return `sizeof(${at})`;
  return target.language === 'c++' ? cppSizeExpression(at, prefix) : `${prefix}size(${at})`;
}

function classOf(at: string, field: FieldLayout, naming: ClassNaming): string {
  const { target, prefix } = naming;
  if (target.language === 'c++') return cppClassExpression(at, field, target, prefix);
  return classExpression(at, field, naming);
}

function kindExpression(at: string, { target, prefix }: Naming): string {
  return target.language === 'c++' ? cppKindExpression(at, prefix) : `${prefix}class(${at})`;
}

function namedExpression(at: string, { lengths, as }: NamedProbe, naming: Naming): string {
  const { target, prefix } = naming;
  if (target.language === 'c++') return cppNamedExpression(at, lengths, as, prefix);
  return isOfType(`${at}${'[0]'.repeat(lengths.length)}`, as);
}

function scopeFor({ through }: ValueProbe, { name, object, target, prefix }: Naming): string {
  if (target.language !== 'c++') return '';
  const scope = through === undefined ? scopeOf(name) : undefined;
  const at = through === undefined ? object : `${object}.${through}`;
  return scope ?? `${plainType(at, prefix)}::`;
}

/** `17:3` for three bits from the 17th on. */
export function bitsText(set: readonly number[]): string {
  const [first] = set;
  if (first === undefined) return 'none';
  const isRun = set.every((bit, index) => bit === first + index);
  return isRun ? `${first}:${set.length}` : set.join(',');
}

/** The bits that a compiler set in an object that is all zero. */
export function bitsSet(bytes: Uint8Array, target: Target): number[] {
  const set: number[] = [];
  bytes.forEach((byte, at) => {
    if (byte !== 0) set.push(...bitsOf(byte, at * 8, target));
  });
  return set;
}

/** The bits of a byte that are set, counted from `from` in the target's order. */
function bitsOf(byte: number, from: number, target: Target): number[] {
  const order = [0, 1, 2, 3, 4, 5, 6, 7];
  const isSet = (bit: number) =>
    (byte & (target.byteOrder === 'little' ? 1 << bit : 0x80 >> bit)) !== 0;
  return order.filter(isSet).map((bit) => from + bit);
}
