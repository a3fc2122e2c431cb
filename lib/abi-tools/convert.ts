import {
  AbiError,
  type AlignedType,
  type BitsMember,
  type EnumType,
  type Field,
  layout,
  type Member,
  type RecordOptions,
  type RecordType,
  type ScalarName,
  type Target,
  type Type,
} from '../abi/index.ts';
import type { CEnum, CHeader, CMember, CRecord } from './c-model.ts';
import { parseCType } from './c-type.ts';
import type { DumpedLayout } from './record-dump.ts';

/** Why a type of a header cannot be imported. */
export class ConvertError extends Error {
  override readonly name = 'ConvertError';
}

const builtins: Readonly<Record<string, ScalarName>> = {
  char: 'char',
  'signed char': 'schar',
  'unsigned char': 'uchar',
  short: 'short',
  'unsigned short': 'ushort',
  int: 'int',
  'unsigned int': 'uint',
  long: 'long',
  'unsigned long': 'ulong',
  'long long': 'longlong',
  'unsigned long long': 'ulonglong',
  __int128: 'i128',
  'unsigned __int128': 'u128',
  _Bool: 'bool',
  bool: 'bool',
  float: 'float',
  double: 'double',
  'long double': 'longdouble',
  size_t: 'size_t',
  ssize_t: 'ssize_t',
};

/** Typedefs whose width is in their name, whatever integer a target makes of them. */
const widths = /^(?:__)?(?:u_?int|int|u|s|le|be)(8|16|32|64)(?:_t)?$/;

function fixedWidth(name: string): ScalarName | undefined {
  const bits = widths.exec(name)?.[1];
  if (!bits) return undefined;
  return (/^(?:__)?(?:s|int)\d/.test(name) ? `i${bits}` : `u${bits}`) as ScalarName;
}

/** Turns one target's view of a header into definitions, each verified against clang's layout. */
export class Converter {
  readonly #header: CHeader;
  readonly #target: Target;
  readonly #records = new Map<CRecord, RecordType | ConvertError>();
  readonly #enums = new Map<CEnum, EnumType>();
  /** `struct x` or a typedef's name, of the types that have one. */
  readonly names = new Map<Type, string>();

  constructor(header: CHeader, target: Target) {
    this.#header = header;
    this.#target = target;
  }

  /** Throws ConvertError with the reason. */
  record(record: CRecord, name = ''): RecordType {
    let made = this.#records.get(record);
    if (!made) {
      made = this.#attempt(record, name);
      this.#records.set(record, made);
    }
    if (made instanceof Error) throw made;
    return made;
  }

  #attempt(record: CRecord, name: string): RecordType | ConvertError {
    try {
      const made = this.#verified(record, name);
      const known = record.tag ? `${record.kind} ${record.tag}` : name;
      if (known) this.names.set(made, known);
      return made;
    } catch (error) {
      if (error instanceof ConvertError) return error;
      if (error instanceof AbiError) return new ConvertError(error.message);
      throw error;
    }
  }

  enumeration(found: CEnum): EnumType {
    const known = this.#enums.get(found);
    if (known) return known;
    const values = Object.fromEntries(found.values.map(([name, value]) => [name, small(value)]));
    const packed = found.packed ? { packed: true as const } : {};
    const made: EnumType = Object.freeze({ kind: 'enum', name: found.tag, values, ...packed });
    this.#enums.set(found, made);
    if (found.tag) this.names.set(made, `enum ${found.tag}`);
    return made;
  }

  /** The first set of attributes, among those that the header can mean, that clang's layout bears out. */
  #verified(record: CRecord, name: string): RecordType {
    const fields = this.#fields(record);
    const dumped = this.#header.layouts.take(record, name);
    if (!dumped) throw new ConvertError('the compiler gave no layout for it');
    let last = '';
    for (const options of candidates(record, dumped)) {
      const made = Object.freeze({ kind: record.kind, name: record.tag, fields, ...options });
      last = mismatch(made, this.#target, dumped);
      if (last === '') return made;
    }
    throw new ConvertError(`our layout is not the compiler's: ${last}`);
  }

  #fields(record: CRecord): Record<string, Field> {
    const fields: Record<string, Field> = {};
    record.members.forEach((one, index) => {
      const value = this.#member(one);
      // A plain assignment to `__proto__` would set the prototype.
      const key = one.name || `_${index}`;
      Object.defineProperty(fields, key, { value, enumerable: true });
    });
    return Object.freeze(fields);
  }

  #member(one: CMember): Field {
    const type = this.#type(one.type, one.inline);
    const attributes = {
      ...(one.packed ? { packed: true as const } : {}),
      ...(one.aligns.length > 0 ? { align: strictest(one.aligns) } : {}),
    };
    if (one.bits !== undefined) {
      const unnamed = one.name === '';
      const made: BitsMember = { kind: 'bits', type, width: one.bits, unnamed, ...attributes };
      return Object.freeze(made);
    }
    const hasNone = !one.packed && one.aligns.length === 0;
    if (one.name !== '' && hasNone) return type;
    const anonymous = one.name === '' ? { anonymous: true as const } : {};
    const made: Member = { kind: 'member', type, ...attributes, ...anonymous };
    return Object.freeze(made);
  }

  #type(text: string, inline?: CRecord | CEnum): Type {
    const { base, isPointer, lengths } = parseCType(text);
    const inner: Type = isPointer
      ? { kind: 'pointer', to: pointee(base) }
      : this.#base(base, inline);
    return lengths.reduceRight<Type>(
      (of, length) => (length < 0 ? { kind: 'flexible', of } : { kind: 'array', of, length }),
      inner,
    );
  }

  #base(base: string, inline?: CRecord | CEnum): Type {
    if (inline) return inline.kind === 'enum' ? this.enumeration(inline) : this.record(inline);
    const scalar = (Object.hasOwn(builtins, base) ? builtins[base] : undefined) ?? fixedWidth(base);
    if (scalar) return { kind: 'scalar', scalar };
    const tagged = this.#tagged(base);
    if (tagged) return tagged;
    const alias = this.#header.typedefs.get(base.replace(/^(?:struct|union|enum) /, ''));
    if (!alias) throw new ConvertError(`it uses the type «${base}», which has no counterpart here`);
    return this.#alias(alias.type, alias.inline, alias.aligns, alias.name);
  }

  #tagged(base: string): Type | undefined {
    const record = this.#header.records.get(base);
    if (record) return this.record(record);
    const found = base.startsWith('enum ') && this.#header.enums.get(base.slice(5));
    return found ? this.enumeration(found) : undefined;
  }

  #alias(
    type: string,
    inline: CRecord | CEnum | undefined,
    aligns: readonly number[],
    name: string,
  ): Type {
    const isOwn = inline && !parseCType(type).isPointer;
    const made =
      isOwn && inline.kind !== 'enum' && parseCType(type).lengths.length === 0
        ? this.record(inline, name)
        : this.#type(type, isOwn ? inline : undefined);
    if (aligns.length === 0) return made;
    const aligned: AlignedType = { kind: 'aligned', type: made, align: strictest(aligns) };
    return aligned;
  }
}

function pointee(base: string): string {
  return base.includes('(') ? 'void' : base.slice(0, -1).trim();
}

function small(value: bigint): number | bigint {
  return value >= -(2n ** 31n) && value < 2n ** 32n ? Number(value) : value;
}

function strictest(aligns: readonly number[]): number {
  const known = aligns.filter((align) => !Number.isNaN(align));
  if (known.length === aligns.length) return Math.max(...known);
  throw new ConvertError('the compiler does not print the value of an aligned attribute');
}

function* candidates(record: CRecord, dumped: DumpedLayout): Generator<RecordOptions> {
  const packed = record.packed ? { packed: true as const } : {};
  const isUnknown = record.aligns.some((align) => Number.isNaN(align));
  const align = isUnknown ? dumped.alignBits / 8 : Math.max(0, ...record.aligns);
  const options = { ...packed, ...(align > 0 ? { align } : {}) };
  if (!record.pragmaPack) yield options;
  else for (const pack of [16, 8, 4, 2, 1]) yield { ...options, pack };
}

/** What differs first; '' where nothing does. */
function mismatch(type: RecordType, target: Target, dumped: DumpedLayout): string {
  const ours = layout(type, target);
  if (ours.size * 8 !== dumped.sizeBits) return `size ${ours.size}, not ${dumped.sizeBits / 8}`;
  if (ours.align * 8 !== dumped.alignBits) {
    return `alignment ${ours.align}, not ${dumped.alignBits / 8}`;
  }
  if (ours.fields.length !== dumped.fieldBits.length) return 'another number of members';
  const wrong = ours.fields.findIndex((one, at) => one.bitOffset !== dumped.fieldBits[at]);
  if (wrong < 0) return '';
  return `«${ours.fields[wrong]?.key}» at bit ${ours.fields[wrong]?.bitOffset}, not ${dumped.fieldBits[wrong]}`;
}
