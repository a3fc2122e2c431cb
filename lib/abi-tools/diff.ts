import { byteCount } from '../abi/byte-count.ts';
import { flatFields } from '../abi/flat-fields.ts';
import {
  AbiError,
  type EnumType,
  type FieldLayout,
  layout,
  type RecordType,
  resolveMaybe,
  type Target,
  type Type,
} from '../abi/index.ts';
import { diffEnumerators } from './diff-enum.ts';
import {
  coreOf,
  type Fact,
  hasByteOrder,
  isRecord,
  isSameName,
  memberFact,
  typeFact,
} from './diff-fact.ts';
import { partnersOf, placeText, unnamedIn, unshared } from './diff-members.ts';
import { typeText } from './type-text.ts';

export interface Side {
  readonly type: Type | undefined;
  readonly target: Target;
  /** It is from debug information, which leaves out most alignments. */
  readonly isGuessed?: boolean;
  /** The file has the type, and this is why it could not be read. */
  readonly unread?: string;
}

/** `name` and `padding` break nothing: the same bytes have the same meaning. `symbol` breaks programs that use it. */
export type Breaks = 'offset' | 'value' | 'symbol' | 'name' | 'padding' | 'unknown';

/** One fact that two layouts do not share; '-' where a side has no such thing. */
export interface DiffRow {
  readonly what: string;
  readonly a: string;
  readonly b: string;
  readonly breaks: Breaks;
}

export function doesBreak({ breaks }: DiffRow): boolean {
  return breaks === 'offset' || breaks === 'value' || breaks === 'symbol';
}

/** What differs between two layouts, in the order of the first one's members. */
export function diffLayouts(a: Side, b: Side): DiffRow[] {
  const [left, right] = [textOf(a), textOf(b)];
  const isAbsent = (side: Side) => side.type === undefined && side.unread === undefined;
  if ((a.unread ?? b.unread) !== undefined && !isAbsent(a) && !isAbsent(b))
    return [{ what: 'type', a: left.text, b: right.text, breaks: 'unknown' }];
  if (left.isLaidOut && right.isLaidOut) {
    return new Comparison(a, b).types(a.type as Type, b.type as Type);
  }
  if (left.text === right.text) return [];
  // A type that only the second has is new: nobody has used it yet.
  return [{ what: 'type', a: left.text, b: right.text, breaks: isAbsent(a) ? 'name' : 'value' }];
}

/** A type in a line; where no compiler would lay it out, why. */
function textOf({ type, target, unread }: Side): {
  readonly text: string;
  readonly isLaidOut: boolean;
} {
  if (unread !== undefined) return { text: `not read: ${unread}`, isLaidOut: false };
  if (!type || !resolveMaybe(type, target)) return { text: '-', isLaidOut: false };
  try {
    const { size } = layout(type, target);
    return { text: `${typeText(type, target)}, ${byteCount(size)}`, isLaidOut: true };
  } catch (error) {
    if (!(error instanceof AbiError)) throw error;
    return { text: error.message, isLaidOut: false };
  }
}

/** A record on one side: where it begins in the outermost type, in element 0 of arrays. */
interface Inner {
  readonly type: RecordType;
  readonly base: number;
}

/** One pair of targets; collects the rows. */
class Comparison {
  readonly #targets: readonly [Target, Target];
  readonly #isGuessed: readonly [boolean, boolean];
  readonly #hasAligns: boolean;
  readonly #rows: DiffRow[] = [];
  /** Enumerations that were compared: one may be the type of many members. */
  readonly #enums = new Set<string>();

  constructor(a: Omit<Side, 'type'>, b: Omit<Side, 'type'>) {
    this.#targets = [a.target, b.target];
    this.#isGuessed = [a.isGuessed ?? false, b.isGuessed ?? false];
    // Two guesses are made alike.
    this.#hasAligns = this.#isGuessed[0] === this.#isGuessed[1];
  }

  types(a: Type, b: Type): DiffRow[] {
    const [left, right] = this.#targets;
    const [ours, theirs] = [layout(a, left), layout(b, right)];
    this.#add('type', typeFact(a, left), typeFact(b, right));
    this.#number('size', ours.size, theirs.size);
    if (this.#hasAligns) this.#number('alignment', ours.align, theirs.align);
    if (left.byteOrder !== right.byteOrder && hasByteOrder(a, left) && hasByteOrder(b, right)) {
      this.#row('byte order', left.byteOrder, right.byteOrder, 'value');
    }
    this.#inside('', a, b, [0, 0]);
    return this.#rows;
  }

  #row(what: string, a: string, b: string, breaks: Breaks): void {
    this.#rows.push({ what, a, b, breaks });
  }

  #number(what: string, a: number, b: number): void {
    if (a !== b) this.#row(what, String(a), String(b), 'offset');
  }

  #add(what: string, a: Fact, b: Fact): void {
    const [ours, theirs] = [placeText(a, this.#hasAligns), placeText(b, this.#hasAligns)];
    const breaks = ours !== theirs ? 'offset' : a.value !== b.value ? 'value' : 'name';
    if (breaks !== 'name' || !isSameName(this.#told(a), this.#told(b)))
      this.#row(what, a.text, b.text, breaks);
  }

  #told(fact: Fact): Fact {
    return this.#hasAligns ? fact : { ...fact, name: fact.name.replaceAll(/ aligned\(\d+\)/g, '') };
  }

  /** What is below two types: members of structs, of arrays' elements too; enumerators. */
  #inside(path: string, a: Type, b: Type, bases: readonly [number, number]): void {
    const [left, right] = this.#targets;
    const [ours, theirs] = [coreOf(a, left), coreOf(b, right)];
    const where = `${path}${'[]'.repeat(ours.lengths.length)}`;
    if (isRecord(ours.type) && isRecord(theirs.type)) {
      const [at, other] = bases;
      const prefix = where === '' ? '' : `${where}.`;
      this.#records(prefix, { type: ours.type, base: at }, { type: theirs.type, base: other });
    } else if (ours.type.kind === 'enum' && theirs.type.kind === 'enum') {
      const label = `enum ${ours.type.name || where || '(without a tag)'}`;
      const rows =
        this.#untold(label, ours.type, theirs.type) ??
        diffEnumerators(label, ours.type, theirs.type);
      this.#rows.push(...rows.filter((row) => this.#isNew(row)));
    }
  }

  /** A program may only announce an enumeration: then none of its enumerators is gone. */
  #untold(what: string, a: EnumType, b: EnumType): DiffRow[] | undefined {
    const [ours, theirs] = [Object.keys(a.values).length, Object.keys(b.values).length];
    const [left, right] = this.#isGuessed;
    const isUntold = (left && ours === 0) || (right && theirs === 0);
    if (!isUntold || ours === theirs) return undefined;
    const text = (count: number) =>
      count === 0 ? 'only announced' : `${count} enumerator${count === 1 ? '' : 's'}`;
    return [{ what, a: text(ours), b: text(theirs), breaks: 'name' }];
  }

  #isNew(row: DiffRow): boolean {
    const key = Object.values(row).join('\0');
    if (this.#enums.has(key)) return false;
    this.#enums.add(key);
    return true;
  }

  #records(prefix: string, a: Inner, b: Inner): void {
    const [left, right] = this.#targets;
    const ours = [...flatFields(layout(a.type, left), left)];
    const theirs = [...flatFields(layout(b.type, right), right)];
    const partners = partnersOf(ours, left, theirs, right, this.#hasAligns);
    for (const field of ours) {
      const partner = partners.get(field);
      if (partner) this.#members(prefix, { ...a, field }, { ...b, field: partner });
      else this.#row(`${prefix}${field.name}`, memberFact(field, left, a.base).text, '-', 'value');
    }
    const paired = new Set(partners.values());
    for (const field of theirs) {
      if (paired.has(field)) continue;
      this.#row(`${prefix}${field.name}`, '-', memberFact(field, right, b.base).text, 'value');
    }
    this.#unnamed(prefix, a.type, b.type);
  }

  #members(
    prefix: string,
    a: Inner & { readonly field: FieldLayout },
    b: Inner & { readonly field: FieldLayout },
  ): void {
    const [left, right] = this.#targets;
    const [ours, theirs] = [memberFact(a.field, left, a.base), memberFact(b.field, right, b.base)];
    const path = `${prefix}${a.field.name}`;
    // Only what is in the same place has a partner of another name.
    if (a.field.name !== b.field.name) {
      this.#row(`${path} -> ${b.field.name}`, ours.text, theirs.text, 'name');
    } else this.#add(path, ours, theirs);
    const bases = [a.base + a.field.offset, b.base + b.field.offset] as const;
    this.#inside(path, a.field.type, b.field.type, bases);
  }

  /** What has no name: its key is made up, so only what it is is compared. */
  #unnamed(prefix: string, a: RecordType, b: RecordType): void {
    const [left, right] = this.#targets;
    const what = `${prefix}(without a name)`;
    for (const breaks of ['name', 'padding'] as const) {
      const pairs = unshared(unnamedIn(a, left)[breaks], unnamedIn(b, right)[breaks]);
      for (const [ours, theirs] of pairs) this.#row(what, ours, theirs, breaks);
    }
  }
}
