import { isBigScalar } from '../abi/access.ts';
import {
  AbiError,
  type AlignedType,
  type BitsMember,
  type EnumType,
  type Field,
  layout,
  type Member,
  type RecordType,
  type ScalarName,
  type Target,
  type Type,
} from '../abi/index.ts';
import { fits } from '../abi/scalar-layout.ts';
import type { Attributes, CEnum, CHeader, CMember, CRecord, CTypedef } from './c-model.ts';
import { parseCType } from './c-type.ts';
import { compilersFor } from './compilers.ts';
import { containedIn } from './contained.ts';
import { keysOf } from './keys.ts';
import type { HeaderOptions } from './read-header.ts';
import { builtin, namedAs } from './scalar-names.ts';
import {
  asClangDumps,
  candidates,
  isLaidAs,
  laid,
  mismatch,
  plainOptions,
} from './verify-layout.ts';

/** Why a type of a header cannot be imported. */
export class ConvertError extends Error {
  override readonly name = 'ConvertError';
}

export type ConvertOptions = Pick<HeaderOptions, 'readsAtomics'>;

/** Turns one target's view of a header into definitions, each verified against clang's layout. */
export class Converter {
  readonly #header: CHeader;
  readonly #target: Target;
  readonly #readsAtomics: boolean;
  readonly #records = new Map<CRecord, RecordType | ConvertError>();
  readonly #enums = new Map<CEnum, EnumType>();
  readonly #typedefs = new Map<CTypedef, Type>();
  readonly #open = new Set<CTypedef>();
  /** `struct x`, or the first typedef's name of one without a tag. */
  readonly names = new Map<Type, string>();
  /** What GCC lays out otherwise, with the reason. */
  readonly disputed = new Map<Type, string>();

  constructor(header: CHeader, target: Target, { readsAtomics = false }: ConvertOptions = {}) {
    this.#header = header;
    this.#target = target;
    this.#readsAtomics = readsAtomics;
  }

  /** `written` is the type's name where it is used. Throws ConvertError with the reason. */
  record(record: CRecord, written = ''): RecordType {
    let made = this.#records.get(record);
    if (!made) {
      made = this.#attempt(record, written);
      this.#records.set(record, made);
    }
    if (made instanceof Error) throw made;
    return made;
  }

  #attempt(record: CRecord, written: string): RecordType | ConvertError {
    try {
      const made = this.#verified(record, written);
      const dispute = containedIn(made, this.disputed) ?? this.#dispute(record, made);
      if (dispute) this.disputed.set(made, dispute);
      if (record.tag) this.names.set(made, `${record.kind} ${record.tag}`);
      return made;
    } catch (error) {
      return asConvertError(error);
    }
  }

  enumeration(found: CEnum): EnumType {
    const known = this.#enums.get(found);
    if (known) return known;
    refuseIgnored(this.#header.ignored(found));
    const base = found.underlying === undefined ? undefined : baseOf(found, found.underlying);
    const kept = found.values.map(([key, value]) => [key, this.#kept(value, base)] as const);
    const isBig = base === undefined ? isWide(kept) : isBigScalar(base);
    const values = enumValues(kept, isBig);
    const options = {
      ...(found.packed ? { packed: true as const } : {}),
      ...(base === undefined ? {} : { base }),
    };
    const made: EnumType = Object.freeze({ kind: 'enum', name: found.tag, values, ...options });
    this.#enums.set(found, made);
    if (found.tag) this.names.set(made, `enum ${found.tag}`);
    return made;
  }

  /** Without a base each enumeration of Microsoft's is an int, which keeps what fits of a value. */
  #kept(value: bigint, base: ScalarName | undefined): bigint {
    const isInt = base === undefined && this.#target.rules === 'microsoft';
    return isInt ? BigInt.asIntN(32, value) : value;
  }

  /** What a typedef of the header names. Throws ConvertError with the reason. */
  typedef(name: string): Type {
    const found = this.#header.typedefs.get(name);
    if (!found) throw new ConvertError(`there is no typedef '${name}'`);
    const known = this.#typedefs.get(found);
    if (known) return known;
    // clang writes nullptr_t as a typedef of itself.
    if (this.#open.has(found)) throw noCounterpart(name);
    this.#open.add(found);
    const made = this.#closing(found, () => this.#alias(found));
    this.#typedefs.set(found, made);
    const inner = made.kind === 'aligned' ? made.type.kind : made.kind;
    const isOwn = inner === 'struct' || inner === 'union' || inner === 'enum';
    if (isOwn && !this.names.has(made)) this.names.set(made, name);
    return made;
  }

  #closing(found: CTypedef, convert: () => Type): Type {
    try {
      return convert();
    } finally {
      this.#open.delete(found);
    }
  }

  #alias(found: CTypedef): Type {
    // First what it names: that one's reason tells the member.
    const inner = this.#type(found);
    refuseIgnored(this.#header.ignored(found));
    const named = namedAs(found.name, inner, this.#target);
    if (found.aligns.length === 0) return named;
    const made: AlignedType = { kind: 'aligned', type: named, align: this.#alignOf(found) };
    return Object.freeze(made);
  }

  /** The first set of attributes, among those that the header can mean, that clang's layout bears out. */
  #verified(record: CRecord, written: string): RecordType {
    refuseIgnored(this.#header.ignored(record));
    const fields = this.#fields(record);
    const head = { kind: record.kind, name: record.tag, fields };
    const { layouts } = this.#header;
    if (!layouts) return laid(Object.freeze({ ...head, ...plainOptions(record) }), this.#target);
    let last = '';
    const found = layouts.take(record, written, (dumped) => {
      for (const options of candidates(record, dumped, this.#header.packs?.packOf(record))) {
        const made = Object.freeze({ ...head, ...options });
        const wrong = mismatch(made, asClangDumps(this.#target), dumped);
        if (wrong === '') return made;
        last ||= wrong;
      }
      return undefined;
    });
    if (found) return found;
    if (last === '') throw new ConvertError('the compiler gave no layout for it');
    throw new ConvertError(`our layout is not the compiler's: ${last}${oddPointer(record)}`);
  }

  /** Why GCC has it otherwise, where it is one of the target's compilers. */
  #dispute(record: CRecord, made: RecordType): string | undefined {
    if (!compilersFor(this.#target.name).some(({ name }) => name.includes('cc'))) return undefined;
    return this.#readings(record, made).find(
      ([, other]) => !isLaidAs(made, Object.freeze(other), this.#target),
    )?.[0];
  }

  /** The same as GCC reads it, each with what it reads otherwise. */
  #readings(record: CRecord, made: RecordType): (readonly [string, RecordType])[] {
    const { members, gcc } = record;
    const list: (readonly [string, RecordType])[] = [];
    const odd = members.find((one) => one.gcc);
    if (odd) {
      const fields = this.#fields(record, asOfGcc);
      const place = odd.name || odd.bits !== undefined ? 'inside its declarator' : 'in front of it';
      list.push([`${nameOf(odd)}: GCC ignores an attribute ${place}`, { ...made, fields }]);
    }
    const strict = Object.entries(made.fields).map(
      ([key, one]) => [key, strictBits(one, made, this.#target)] as const,
    );
    const first = strict.find(([, one]) => one);
    if (first) {
      const reason = `member '${first[0]}': GCC aligns a bit-field as its typedef says`;
      const changed = Object.fromEntries(strict.filter(([, one]) => one)) as typeof made.fields;
      list.push([reason, { ...made, fields: { ...made.fields, ...changed } }]);
    }
    if (gcc) {
      const { packed: _, align: __, ...rest } = made;
      const options = plainOptions({ ...record, ...gcc });
      const reason = 'GCC ignores an attribute of an earlier declaration of it';
      list.push([reason, { ...rest, ...options }]);
    }
    for (const pack of new Set(this.#header.packs?.ofGcc(record))) {
      const { pack: own, ...rest } = made;
      const reason = `#pragma pack is ${pack ?? 'none'} at its end for GCC, and ${own ?? 'none'} at its start for clang`;
      list.push([reason, pack === undefined ? rest : { ...rest, pack }]);
    }
    return list;
  }

  #fields(record: CRecord, read?: (one: CMember) => Attributes): Record<string, Field> {
    const fields: Record<string, Field> = {};
    const keys = keysOf(record.members);
    record.members.forEach((one, index) => {
      const value = this.#named(one, read?.(one));
      // A plain assignment to `__proto__` would set the prototype.
      Object.defineProperty(fields, keys[index] as string, { value, enumerable: true });
    });
    return Object.freeze(fields);
  }

  #named(one: CMember, attributes?: Attributes): Field {
    try {
      return this.#member(one, attributes);
    } catch (error) {
      throw new ConvertError(`${nameOf(one)}: ${asConvertError(error).message}`);
    }
  }

  #member(one: CMember, { packed, aligns }: Attributes = one): Field {
    const type = this.#type(one);
    const attributes = {
      ...(packed ? { packed: true as const } : {}),
      ...(aligns.length > 0 ? { align: this.#alignOf(one, aligns) } : {}),
    };
    if (one.bits !== undefined) {
      const unnamed = one.name === '';
      const made: BitsMember = { kind: 'bits', type, width: one.bits, unnamed, ...attributes };
      return Object.freeze(made);
    }
    const hasNone = !packed && aligns.length === 0;
    if (one.name !== '' && hasNone) return type;
    const anonymous = one.name === '' ? { anonymous: true as const } : {};
    const made: Member = { kind: 'member', type, ...attributes, ...anonymous };
    return Object.freeze(made);
  }

  /** The strictest that is asked for; of one without a value, what the compiler makes of all. */
  #alignOf(one: CMember | CTypedef, aligns = one.aligns): number {
    if (!aligns.some(Number.isNaN)) return Math.max(...aligns);
    const told = this.#header.aligns.get(one);
    if (told !== undefined) return told;
    throw new ConvertError('the compiler does not tell the value of an aligned attribute');
  }

  #type(written: Written): Type {
    const { base, isPointer, lengths, to } = parseCType(written.type);
    const inner: Type = isPointer ? { kind: 'pointer', to } : this.#base(base, written);
    return lengths.reduceRight<Type>(
      (of, length) => (length < 0 ? { kind: 'flexible', of } : { kind: 'array', of, length }),
      inner,
    );
  }

  /** The header's own typedef goes before any name that we know. */
  #base(base: string, written: Written): Type {
    const { inline, desugared } = written;
    if (inline)
      return inline.kind === 'enum' ? this.enumeration(inline) : this.record(inline, desugared);
    if (this.#header.typedefs.has(base)) return this.typedef(base);
    const known = builtin(base) ?? this.#tagged(base);
    if (known) return known;
    const atomic = this.#readsAtomics ? /^_Atomic\((.+)\)$/.exec(base)?.[1] : undefined;
    if (atomic !== undefined) return this.#atomic(atomic, base);
    if (desugared !== written.type) return this.#type({ type: desugared, desugared });
    throw noCounterpart(base);
  }

  /** Of a struct it may be longer. */
  #atomic(inner: string, base: string): Type {
    const made = this.#type({ type: inner, desugared: inner });
    if (made.kind === 'scalar' || made.kind === 'pointer' || made.kind === 'enum') return made;
    throw noCounterpart(base);
  }

  #tagged(base: string): Type | undefined {
    const record = this.#header.records.get(base);
    if (record) return this.#inside(base, () => this.record(record));
    const found = base.startsWith('enum ') && this.#header.enums.get(base.slice(5));
    return found ? this.enumeration(found) : undefined;
  }

  /** Of a failure, which type it is in. */
  #inside<T>(name: string, convert: () => T): T {
    try {
      return convert();
    } catch (error) {
      throw new ConvertError(`${name}: ${asConvertError(error).message}`);
    }
  }
}

/** A type as the header writes it. */
type Written = Pick<CMember, 'type' | 'desugared' | 'inline'>;

function asConvertError(error: unknown): ConvertError {
  if (error instanceof ConvertError) return error;
  if (error instanceof AbiError) return new ConvertError(error.message);
  throw error;
}

function nameOf({ name }: CMember): string {
  return name ? `member '${name}'` : 'a member without a name';
}

function asOfGcc(one: CMember): Attributes {
  return one.gcc ?? one;
}

/**
 * GCC begins a bit-field, unless it is packed or under a `#pragma pack`, where its typedef's `aligned(n)` says if
 * that is more than the type's size: clang does so only if it would not fit. undefined for any other member.
 */
function strictBits(one: Field, { kind, packed, pack }: RecordType, target: Target) {
  if (one.kind !== 'bits' || one.type.kind !== 'aligned' || one.width === 0) return undefined;
  if (kind === 'union' || packed || one.packed || pack !== undefined) return undefined;
  const { align } = one.type;
  if (align <= layout(one.type, target).size) return undefined;
  return Object.freeze({ ...one, align: Math.max(align, one.align ?? 0) });
}

function noCounterpart(name: string): ConvertError {
  return new ConvertError(`it uses the type '${name}', which has no counterpart here`);
}

function refuseIgnored(reason: string | undefined): void {
  if (reason) throw new ConvertError(reason);
}

function baseOf(found: CEnum, underlying: string): ScalarName {
  const scalar = builtin(underlying)?.scalar;
  if (scalar && scalar !== 'bool') return scalar;
  throw new ConvertError(
    `enum '${found.tag}' has the base '${underlying}', which has no counterpart here`,
  );
}

/** Why a layout that is not borne out may be another, with the member. */
function oddPointer({ members }: CRecord): string {
  const odd = members.find(({ desugared }) => /\baddress_space\(/.test(desugared));
  return odd ? `; member '${odd.name}' is a pointer of an address space, which may be shorter` : '';
}

type Enumerator = readonly [name: string, value: bigint];

/** Whether neither C's int nor its unsigned int holds them all. */
export function isWide(values: readonly Enumerator[]): boolean {
  const inWord = (form: 'signed' | 'unsigned') => values.every(([, one]) => fits(one, 4, form));
  return !inWord('signed') && !inWord('unsigned');
}

/** All of them bigints or all of them numbers: each can then be stored where the enumeration is. */
export function enumValues(values: readonly Enumerator[], isBig: boolean): EnumType['values'] {
  return Object.fromEntries(values.map(([name, one]) => [name, isBig ? one : Number(one)]));
}
