import { byteCount } from '../abi/byte-count.ts';
import {
  AbiError,
  bits,
  type Field,
  type FieldLayout,
  layout,
  longlong,
  member,
  type RecordOptions,
  type RecordType,
  type Target,
  type Type,
  uchar,
  uint,
  unnamedBits,
  ushort,
} from '../abi/index.ts';
import { madeUp } from './keys.ts';

/**
 * The attributes that put members where a compiler put them. Debug information has the places,
 * and of most attributes nothing; BTF has no alignment at all. So the simplest declaration is
 * taken that gives all places and the size, and it is laid out to see that it does. Where the file
 * tells alignments, one that it does not tell is made up last.
 */

/** A member with its place. */
export interface Placed {
  readonly key: string;
  readonly type: Type;
  readonly anonymous: boolean;
  readonly bitOffset: number;
  readonly bitWidth?: number;
  /** Of an attribute, where the file tells it. */
  readonly align?: number;
}

export interface Places {
  readonly kind: 'struct' | 'union';
  readonly name: string;
  readonly size: number;
  readonly members: readonly Placed[];
  /** Of an attribute, where the file tells it. */
  readonly align?: number;
  /** `align` is the alignment that the compiler took; else what the attribute asks for, which may be less. */
  readonly isTaken?: true;
  /** Where it has none, no attribute gives it any: unnamed bit-fields are what lengthens it. */
  readonly tellsAligns?: true;
}

/** Throws AbiError with what cannot be explained. */
export function fitRecord(places: Places, target: Target): RecordType {
  const endless = places.size >= 2 ** 32 && places.members.find(({ type }) => hasNone(type));
  if (endless) {
    throw new AbiError(
      `member '${endless.key}': debug information does not tell an array of 2^32 elements from one of none`,
    );
  }
  let first: unknown;
  for (const told of readings(places)) {
    try {
      return fitted(told, target);
    } catch (error) {
      if (!(error instanceof AbiError)) throw error;
      first ??= error;
    }
  }
  throw first;
}

/** Whether the alignment may be another: it was made up, or what was made up can hide one. */
export function isGuessed(made: RecordType, places: Places, target: Target): boolean {
  const { members, align } = places;
  if (places.isTaken) return false;
  if (made.align !== undefined && align === undefined) return true;
  if (mayBeLowered(made, places, target)) return true;
  if (places.tellsAligns && mayBePacked(made, places, target)) return true;
  const placed = new Map(members.map((one) => [one.key, one]));
  const own = layout(made, target);
  const mayHide = target.unnamedBitsAlign && own.align < widest && own.size % (own.align * 2) === 0;
  return Object.entries(made.fields).some(([key, field]) => {
    const one = placed.get(key);
    if (!one) return mayHide;
    const isOwn = field.kind === 'member' || field.kind === 'bits';
    return isOwn && field.align !== undefined && one.align === undefined;
  });
}

/** Whether another `#pragma pack(n)` than what was taken puts all there, too, and aligns it otherwise. */
function mayBePacked(made: RecordType, places: Places, target: Target): boolean {
  if (!made.packed && made.pack === undefined) return false;
  const { align } = layout(made, target);
  if (Object.keys(made.fields).length > places.members.length)
    return places.size % (align * 2) === 0;
  return wholes.some((options) => {
    const other = asItIs(places, made.fields, options);
    return isExact(other, places, target) && layout(other, target).align !== align;
  });
}

/** Whether packed may have lowered an alignment to what an attribute asks for: without it that is ignored. */
function mayBeLowered(made: RecordType, places: Places, target: Target): boolean {
  const { align, members } = places;
  const own = layout(made, target);
  const isLess = (told: number | undefined, laid: number) => told !== undefined && told < laid;
  const isLow =
    isLess(align, own.align) ||
    members.some((one) => isLess(one.align, layout(one.type, target).align));
  if (!isLow) return false;
  const packed: RecordOptions = { packed: true, ...(align === undefined ? {} : { align }) };
  const other = asItIs(places, plainFields(places), packed);
  return isExact(other, places, target) && layout(other, target).align !== own.align;
}

function hasNone(type: Type): boolean {
  if (type.kind === 'aligned') return hasNone(type.type);
  return type.kind === 'array' && (type.length === 0 || hasNone(type.of));
}

function readings(places: Places): readonly Places[] {
  const each = membersRead(places);
  if (!places.tellsAligns) return each;
  return [...each, ...each.map(({ tellsAligns: _, ...rest }) => rest)];
}

/** clang tells the alignment of a member's typedef as the member's, even where packed undoes it. */
function membersRead(places: Places): readonly Places[] {
  const isTold = places.members.some(({ align }) => align !== undefined);
  if (!isTold) return [places];
  const members = places.members.map(({ align: _, ...rest }) => rest);
  return [places, { ...places, members }];
}

function fitted(places: Places, target: Target): RecordType {
  const plain = plainFields(places);
  // No file tells `#pragma pack(n)`: where one explains the size, no gap is made up.
  const packs = places.tellsAligns ? wholes.map((options) => asItIs(places, plain, options)) : [];
  const exact = packs.find((made) => isExact(made, places, target));
  if (exact) return exact;
  for (const options of wholes) {
    const found = withSize(places, plain, options, target);
    if (found) return found;
  }
  let last: unknown;
  for (const way of waysFor(places)) {
    try {
      const { fields, options } = memberByMember(places, target, way);
      const found = withSize(places, fields, options, target);
      if (found) return found;
    } catch (error) {
      if (!(error instanceof AbiError)) throw error;
      last ??= error;
    }
  }
  throw last ?? new AbiError(`no attribute of C makes it ${byteCount(places.size)} long`);
}

/** In the order in which they are tried. */
const wholes: readonly RecordOptions[] = [
  {},
  { packed: true },
  { pack: 4 },
  { pack: 2 },
  { pack: 8 },
];

/** With which attributes of the whole members get their own, and which kinds of gap, in this order. */
interface Way {
  readonly options: RecordOptions;
  readonly gaps: readonly Gap[];
}

type Gap = 'align' | 'bits';

function waysFor({ tellsAligns }: Places): readonly Way[] {
  const orders: readonly (readonly Gap[])[] = tellsAligns
    ? [['bits']]
    : [
        ['align', 'bits'],
        ['bits', 'align'],
      ];
  const each = [{}, { packed: true as const }, { pack: 4 }, { pack: 2 }];
  return each.flatMap((options) => orders.map((gaps) => ({ options, gaps })));
}

function asItIs({ kind, name }: Places, fields: FieldMap, options: RecordOptions): RecordType {
  return Object.freeze({ kind, name, fields: Object.freeze(fields), ...options });
}

/** All places, the size and what is told of the alignment. */
function isExact(made: RecordType, places: Places, target: Target): boolean {
  const found = attempt(made, target);
  if (found?.size !== places.size || !areAt(places, found.fields)) return false;
  return hasAlign(found, places);
}

function hasAlign(found: { readonly align: number }, { align = 1, isTaken }: Places): boolean {
  return isTaken ? found.align === align : found.align >= align;
}

type FieldMap = Readonly<Record<string, Field>>;

function plainFields({ members }: Places): FieldMap {
  return fieldsOf(members.map((one) => [one.key, fieldOf(one, {})]));
}

function fieldsOf(list: readonly (readonly [string, Field])[]): FieldMap {
  const fields: Record<string, Field> = {};
  // A plain assignment to `__proto__` would set the prototype.
  for (const [key, value] of list) Object.defineProperty(fields, key, { value, enumerable: true });
  return fields;
}

interface Attributes {
  readonly packed?: true;
  readonly align?: number;
}

function fieldOf({ type, bitWidth, anonymous, align }: Placed, more: Attributes): Field {
  const attributes = align === undefined ? more : { align, ...more };
  if (bitWidth !== undefined) return bits(type, bitWidth, attributes);
  if (anonymous) return Object.freeze({ kind: 'member', type, ...attributes, anonymous: true });
  return Object.keys(attributes).length === 0 ? type : member(type, attributes);
}

/** The record with as much alignment, or unnamed bits behind, as its size asks for. */
function withSize(
  places: Places,
  fields: FieldMap,
  options: RecordOptions,
  target: Target,
): RecordType | undefined {
  const { kind, name, size, align: told, tellsAligns } = places;
  const made = (more: RecordOptions, behind: FieldMap = {}): RecordType => {
    const all = fieldsOf([...entries(fields), ...entries(behind)]);
    return Object.freeze({ kind, name, fields: Object.freeze(all), ...options, ...more });
  };
  const plain = attempt(made({}), target);
  if (!plain || !areAt(places, plain.fields)) return undefined;
  const isRight = (type: RecordType) => {
    const found = attempt(type, target);
    return found?.size === size && hasAlign(found, places);
  };
  const behind = gapsBehind(places, size - plain.size, entries(fields));
  const guessed = tellsAligns ? [] : powersOfTwo(size);
  const possible = told === undefined ? guessed : [told, ...guessed];
  const aligns = possible.filter((align) => align > plain.align && size % align === 0);
  const all = [
    made({}),
    ...aligns.map((align) => made({ align })),
    made({}, fieldsOf(behind)),
    ...aligns.map((align) => made({ align }, fieldsOf(behind.slice(0, 1)))),
  ];
  return all.find((type) => isRight(type));
}

/** From 2 up. */
function powersOfTwo(most: number): number[] {
  const list: number[] = [];
  for (let power = 2; power <= Math.min(most, maxAlign); power *= 2) list.push(power);
  return list;
}

/** Unnamed bit-fields at the end; in a union it is one that is as long as the whole. */
function gapsBehind(places: Places, bytes: number, fields: More): More {
  if (bytes <= 0 || bytes > maxGapBytes) return [];
  const taken = takenIn(places, fields);
  if (places.kind === 'struct') return gapFields(0, bytes * 8, taken);
  const bits = Math.min(places.size, widest) * 8;
  return [[madeUp('_gap', taken), unnamedBits(narrowest(bits), bits)]];
}

/** ARM aligns a record to its unnamed bit-fields, too. */
function narrowest(width: number): Type {
  return width <= 8 ? uchar : width <= 16 ? ushort : width <= 32 ? uint : longlong;
}

const maxAlign = 2 ** 16;
const maxGapBytes = 256;
/** Bytes of the widest bit-field. */
const widest = 8;

/** Keys that a made-up one must not be: a member's, or one that was made up before. */
function takenIn({ members }: Places, more: More): ReadonlySet<string> {
  return new Set([...members.map(({ key }) => key), ...more.map(([key]) => key)]);
}

/** The keys' own order: those that are numbers cannot be names of C. */
function entries(fields: FieldMap): [string, Field][] {
  return Object.entries(fields);
}

function attempt(type: RecordType, target: Target) {
  try {
    return layout(type, target);
  } catch (error) {
    if (error instanceof AbiError) return undefined;
    throw error;
  }
}

function areAt({ members }: Places, fields: readonly FieldLayout[]): boolean {
  const places = new Map(fields.map((one) => [one.key, one]));
  return members.every((one) => places.get(one.key)?.bitOffset === one.bitOffset);
}

/** Gives each member in turn the attribute, or the unnamed bits before it, that put it there. */
function memberByMember(places: Places, target: Target, { options, gaps }: Way) {
  const list: (readonly [string, Field])[] = [];
  let end = 0;
  for (const one of places.members) {
    const given = { places, target, gaps, before: list, end };
    const found = candidatesFor(one, given).find((more) => {
      const fields = fieldsOf([...list, ...more]);
      const laid = attempt({ kind: places.kind, name: '', fields, ...options }, target);
      return laid?.fields.at(-1)?.bitOffset === one.bitOffset;
    });
    if (!found)
      throw new AbiError(`no attribute of C puts member '${one.key}' at ${placeText(one)}`);
    list.push(...found);
    end = one.bitOffset + (one.bitWidth ?? layout(one.type, target).size * 8);
  }
  return { fields: fieldsOf(list), options };
}

function placeText({ bitOffset, bitWidth }: Placed): string {
  return bitWidth === undefined ? `byte ${bitOffset / 8}` : `bit ${bitOffset}`;
}

type More = readonly (readonly [string, Field])[];

interface Before {
  readonly places: Places;
  readonly target: Target;
  readonly gaps: Way['gaps'];
  readonly before: More;
  /** The bit behind the member before. */
  readonly end: number;
}

function candidatesFor(one: Placed, given: Before): readonly More[] {
  const own = (attributes: Attributes) => [one.key, fieldOf(one, attributes)] as const;
  const plain: More[] = [[own({})], [own({ packed: true })]];
  if (given.places.kind === 'union') return plain;
  const at = one.bitOffset / 8;
  const aligned: More[] = [];
  for (let align = 2; align <= maxAlign && at % align === 0 && at > 0; align *= 2) {
    aligned.push([own({ align })], [own({ packed: true, align })]);
  }
  const filled = gapsBefore(one, given).flatMap((more): More[] => [
    [...more, own({})],
    [...more, own({ packed: true })],
  ]);
  return [...plain, ...given.gaps.flatMap((gap) => (gap === 'align' ? aligned : filled))];
}

/** Unnamed bit-fields before a member, which debug information leaves out. */
function gapsBefore(one: Placed, { places, before, end, target }: Before): readonly More[] {
  const missing = one.bitOffset - end;
  if (missing <= 0 || missing > maxGapBytes * 8) return [];
  const taken = takenIn(places, before);
  const bytes = gapFields(end, one.bitOffset, taken);
  if (one.bitWidth === undefined) return [bytes];
  const key = madeUp('_gap', taken);
  const ended: More = [[key, unnamedBits(one.type, 0)]];
  const isOne = missing <= layout(one.type, target).size * 8;
  return isOne ? [ended, [[key, unnamedBits(one.type, missing)]], bytes] : [ended, bytes];
}

/** Unnamed bit-fields from one bit to another, none of which crosses the end of a byte. */
function gapFields(from: number, to: number, taken: ReadonlySet<string>): More {
  const used = new Set(taken);
  const made: [string, Field][] = [];
  for (let at = from; at < to; ) {
    const width = Math.min(8 - (at % 8), to - at);
    const key = madeUp(`_gap${made.length}`, used);
    used.add(key);
    made.push([key, unnamedBits(uchar, width)]);
    at += width;
  }
  return made;
}
