import { bareType } from '../abi/access.ts';
import { byteCount } from '../abi/byte-count.ts';
import {
  type EnumType,
  type FieldLayout,
  layout,
  type RecordType,
  type Target,
  type Type,
} from '../abi/index.ts';
import { enumScalar, valueLayout } from '../abi/scalar-layout.ts';
import { splitLengths, typeText } from './type-text.ts';

/** What diff knows of a type or a member: what is compared, and how it is shown. */
export interface Fact {
  /** Where its bytes lie, and how many they are: what differs here breaks `offset`. */
  readonly place: string;
  /** How strictly they are aligned, of structs and unions; it breaks `offset`, too. */
  readonly align: string;
  /** How its bytes are read: what differs here breaks `value`. */
  readonly value: string;
  /** How C writes it: what differs here alone breaks nothing. */
  readonly name: string;
  /** What is shown: the name, and where in the outermost type it lies. */
  readonly text: string;
}

/** What a pointer to a function points to where its parameters were not read: in binaries. */
export const someFunction = 'function';

/** Whether C writes two facts the same, as far as both sides tell. */
export function isSameName(a: Fact, b: Fact): boolean {
  if (a.name === b.name) return true;
  const [[ours, length], [theirs, other]] = [splitLengths(a.name), splitLengths(b.name)];
  const isUnread = [ours, theirs].some((text) => text.startsWith(`${someFunction} *`));
  const stars = starsOfFunction(ours);
  return isUnread && length === other && stars > 0 && stars === starsOfFunction(theirs);
}

/** How many pointers lead to the function: 1 for `int (void) *`, 2 for `int (*)(void) *`. */
function starsOfFunction(text: string): number {
  const unread = /^function((?: \*)+)$/.exec(text)?.[1];
  if (unread !== undefined) return unread.length / 2;
  const inner = /^[^()]*\((\*+)\)\(.*\) \*$/.exec(text)?.[1];
  return text.endsWith(') *') ? (inner?.length ?? 0) + 1 : 0;
}

/** A type without the arrays around it, and their lengths. */
export interface Core {
  readonly type: Type;
  readonly lengths: readonly number[];
}

export function coreOf(given: Type, target: Target): Core {
  const type = bareType(given, target);
  if (type.kind !== 'array' && type.kind !== 'flexible') return { type, lengths: [] };
  const { type: inner, lengths } = coreOf(type.of, target);
  // `T a[]` and `T a[0]` take the same bytes.
  return { type: inner, lengths: [type.kind === 'array' ? type.length : 0, ...lengths] };
}

export function isRecord(type: Type): type is RecordType {
  return type.kind === 'struct' || type.kind === 'union';
}

/** How one value of the type is read; records are compared member by member. */
function encoding(type: Type, target: Target): string {
  const value = valueLayout(type, target);
  if (!value) return 'record';
  const isLong = type.kind === 'scalar' && type.scalar === 'longdouble';
  return isLong ? target.longDouble.format : value.class;
}

/** What the type's own words leave open: an enumeration's integer, char's sign, long double's kind. */
function detail(type: Type, target: Target): string {
  if (type.kind === 'enum') return ` (${enumScalar(type as EnumType, target)})`;
  if (type.kind !== 'scalar') return '';
  if (type.scalar === 'char') return target.charSigned ? ' (signed)' : ' (unsigned)';
  return type.scalar === 'longdouble' ? ` (${target.longDouble.format})` : '';
}

/** Lengths, size of an element (a flexible tail's own size is 0), and how it is read. */
function readAs({ type, lengths }: Core, target: Target): string {
  const one = encoding(type, target);
  return lengths.length === 0 ? one : `${lengths} of ${layout(type, target).size} ${one}`;
}

/** Of a type that stands alone: its size and alignment are rows of their own. */
export function typeFact(type: Type, target: Target): Fact {
  const core = coreOf(type, target);
  const name = `${typeText(type, target)}${detail(core.type, target)}`;
  return { place: '', align: '', value: readAs(core, target), name, text: name };
}

/** Of a member of a record that begins at byte `base` of the outermost type. */
export function memberFact(field: FieldLayout, target: Target, base: number): Fact {
  const { value, name } = typeFact(field.type, target);
  const at = base + field.offset;
  if (field.bitWidth !== undefined) {
    const bit = `bit ${field.bitOffset % 8}, ${field.bitWidth} wide`;
    const place = `${field.bitOffset} ${field.bitWidth}`;
    return {
      place,
      align: '',
      value,
      name,
      text: `${name} at ${at} ${bit}, ${byteCount(field.size)}`,
    };
  }
  const align = alignText(field.type, target);
  const text = `${name} at ${at}, ${byteCount(field.size)}${align}`;
  return { place: `${field.offset} ${field.size}`, align, value, name, text };
}

/** Of structs and unions, in arrays too: others have the alignment of their kind and place. */
function alignText(type: Type, target: Target): string {
  const core = coreOf(type, target).type;
  if (!isRecord(core)) return '';
  const [align, own] = [layout(type, target).align, layout(core, target).align];
  return `, align ${align}${align === own ? '' : ` (the ${core.kind} alone ${own})`}`;
}

/** Whether the byte order of a machine shows in the type's bytes. */
export function hasByteOrder(given: Type, target: Target): boolean {
  const { type } = coreOf(given, target);
  if (!isRecord(type)) return layout(type, target).size > 1;
  return layout(type, target).fields.some((field) => {
    return field.bitWidth === undefined ? hasByteOrder(field.type, target) : field.name !== '';
  });
}
