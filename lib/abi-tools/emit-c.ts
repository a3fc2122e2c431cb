import { bareType } from '../abi/access.ts';
import {
  AbiError,
  type AlignedType,
  type ArrayType,
  type BitsMember,
  type EnumType,
  type Field,
  type FlexibleType,
  layout,
  type Member,
  type RecordType,
  resolveField,
  resolveMaybe,
  resolveType,
  type ScalarName,
  type Target,
  type Type,
} from '../abi/index.ts';
import { isIdentifier } from '../abi/record-check.ts';
import { enumScalar, scalarLayout } from '../abi/scalar-layout.ts';
import { keywordsOfC } from './keywords.ts';

/** Writing a definition as C, for one target: for compilers (check) and for readers (export). */

const scalars: Readonly<Record<ScalarName, string>> = {
  u8: 'unsigned char',
  u16: 'unsigned short',
  u32: 'unsigned int',
  u64: 'unsigned long long',
  u128: 'unsigned __int128',
  i8: 'signed char',
  i16: 'short',
  i32: 'int',
  i64: 'long long',
  i128: '__int128',
  char: 'char',
  schar: 'signed char',
  uchar: 'unsigned char',
  short: 'short',
  ushort: 'unsigned short',
  int: 'int',
  uint: 'unsigned int',
  long: 'long',
  ulong: 'unsigned long',
  longlong: 'long long',
  ulonglong: 'unsigned long long',
  size_t: '__SIZE_TYPE__',
  // No predefined macro names ssize_t; on every target it is the signed size_t.
  ssize_t: '__PTRDIFF_TYPE__',
  bool: '_Bool',
  float: 'float',
  double: 'double',
  longdouble: 'long double',
};

export interface EmitOptions {
  /** Names of scalars and pointers for readers, in place of those for compilers. */
  readonly scalarNames?: Readonly<Partial<Record<ScalarName, string>>>;
  readonly pointer?: (to: string) => string;
  /** Enumerators under their own names, not prefixed by their enumeration's. */
  readonly plainEnumerators?: boolean;
  /** Enumerations without a type of their own, where an attribute gives the same. */
  readonly plainBases?: boolean;
  /** How a name of C is written. */
  readonly spell?: (name: string) => string;
  /** What names begin with that C does not tell. */
  readonly prefix?: string;
  /** The lines of a declaration, for sources that may have it from elsewhere; a typedef's name is as it is. */
  readonly once?: (name: string, lines: readonly string[]) => readonly string[];
  /** How a typedef gives a tag to what has none. */
  readonly tag?: (name: string) => string;
  /** C's `_Alignas`, for sources that are C++, too. */
  readonly alignas?: string;
}

/** Collects the declarations that a set of types needs, each after those that it uses. */
export class CEmitter {
  readonly #target: Target;
  readonly #options: EmitOptions;
  readonly #lines: string[] = [];
  readonly #names = new Map<Type, string>();
  readonly #taken = new Set<string>();
  readonly #enumerators = new Set<string>();
  readonly #spell: (name: string) => string;
  readonly #prefix: string;

  constructor(target: Target, options: EmitOptions = {}) {
    this.#target = target;
    this.#options = options;
    this.#spell = options.spell ?? ((name) => name);
    this.#prefix = options.prefix ?? '';
  }

  get text(): string {
    return this.#lines.join('\n');
  }

  /** Every struct and union that has a name, and the typedefs of such, in the order of declaration. */
  get records(): readonly { readonly name: string; readonly type: Type }[] {
    return [...this.#names].flatMap(([type, name]) => {
      const { kind } = bareType(type, this.#target);
      return kind === 'struct' || kind === 'union' ? [{ name, type }] : [];
    });
  }

  /**
   * Declares a struct or union, or a typedef of one with `aligned`, and returns its name: `wanted`
   * where it is a typedef's. Without a tag it gets the typedef that C would name it by.
   */
  declareNamed(type: Type, wanted: string): string {
    const settled = resolveType(type, this.#target);
    if (settled.kind === 'aligned') return this.#declareAligned(settled, wanted);
    if (isUntagged(settled)) return this.#declareAlias(settled, settled, wanted, '');
    return this.#nameOf(settled as Exclude<typeof settled, ArrayType | FlexibleType>);
  }

  /** Declares a struct or union (once) and returns `struct name`. */
  declareRecord(type: RecordType): string {
    const known = this.#names.get(type);
    if (known) return known;
    const uses = this.#body(type, '');
    const tag = this.#unique(type.name || `${this.#prefix}anonymous`);
    const name = `${type.kind} ${tag}`;
    this.#names.set(type, name);
    this.#declare(name, packLines(type, [`${head(type, tag)} {`, ...uses, `};`]));
    return name;
  }

  #declare(name: string, lines: readonly string[]): void {
    this.#lines.push(...(this.#options.once?.(name, lines) ?? lines), '');
  }

  #unique(wanted: string): string {
    this.#checkName(wanted);
    let name = wanted;
    for (let count = 2; this.#taken.has(name); count++) name = `${wanted}_${count}`;
    this.#taken.add(name);
    return this.#spell(name);
  }

  #body(type: RecordType, indent: string): string[] {
    return Object.entries(type.fields).flatMap(([key, field]) =>
      this.#field(key, resolveField(field, this.#target), `${indent}\t`),
    );
  }

  #field(key: string, field: Exclude<Field, { kind: 'variant' }>, indent: string): string[] {
    if (field.kind === 'absent') return [];
    if (field.kind === 'bits') return this.#bits(key, field, indent);
    const member: Member = field.kind === 'member' ? field : { kind: 'member', type: field };
    const type = resolveMaybe(member.type, this.#target);
    if (!type) return [];
    if (member.anonymous) {
      const record = type as RecordType;
      return this.#inline(record, '', indent, this.#before(member, record));
    }
    this.#checkName(key);
    const name = this.#spell(key);
    if (isUntagged(type)) return this.#inline(type, `${name}${attributes(member)}`, indent);
    return [`${indent}${this.#declarator(type, name)}${attributes(member)};`];
  }

  #bits(key: string, field: BitsMember, indent: string): string[] {
    const type = resolveMaybe(field.type, this.#target);
    if (!type) return [];
    if (!field.unnamed) this.#checkName(key);
    const name = field.unnamed ? '' : this.#spell(key);
    // C++ would take `enum e : 3` for a declaration of the enumeration.
    const isPlain = field.unnamed && type.kind === 'enum';
    const declared = isPlain
      ? `${this.#scalarName(enumScalar(type, this.#target))} `
      : this.#declarator(type, name);
    return [`${indent}${declared}: ${field.width}${attributes(field)};`];
  }

  /**
   * The attributes of an anonymous member: behind it they would be its type's. GCC takes none but
   * `_Alignas` there, and not for less than the type's own alignment.
   */
  #before({ align = 0, packed }: Member, type: RecordType): string {
    const isRaised = !packed && align >= layout(type, this.#target).align;
    const alignas =
      this.#options.alignas ?? (this.#target.language === 'c' ? '_Alignas' : undefined);
    if (isRaised && alignas) return `${alignas}(${align}) `;
    const given = attributes({ align, ...(packed ? { packed } : {}) }).trimStart();
    return given && `${given} `;
  }

  /** A struct or union without a tag stands where it is used. */
  #inline(type: RecordType, name: string, indent: string, before = ''): string[] {
    const body = this.#body(type, indent);
    const first = `${indent}${before}${head(type, '')} {`;
    return packLines(type, [first, ...body, `${indent}}${name ? ` ${name}` : ''};`]);
  }

  #declarator(type: Type, name: string): string {
    const settled = resolveType(type, this.#target);
    switch (settled.kind) {
      case 'array':
        return this.#declarator(settled.of, `${name}[${settled.length}]`);
      case 'flexible':
        return this.#declarator(settled.of, `${name}[]`);
      default:
        return `${this.#nameOf(settled)} ${name}`;
    }
  }

  #nameOf(type: Exclude<Type, { kind: 'variant' | 'array' | 'flexible' }>): string {
    switch (type.kind) {
      case 'scalar':
        return this.#scalarName(type.scalar);
      case 'pointer':
        return this.#options.pointer?.(type.to) ?? 'void *';
      case 'enum':
        return this.#names.get(type) ?? this.#declareEnum(type);
      case 'aligned':
        return this.#declareAligned(type, `${this.#prefix}aligned_${this.#names.size}`);
      default:
        return this.declareRecord(type);
    }
  }

  #scalarName(scalar: ScalarName): string {
    const isBool = scalar === 'bool' && this.#target.language === 'c++';
    return this.#options.scalarNames?.[scalar] ?? (isBool ? 'bool' : scalars[scalar]);
  }

  #declareAligned(type: AlignedType, wanted: string): string {
    const inner = resolveType(type.type, this.#target);
    return this.#declareAlias(type, inner, wanted, ` __attribute__((aligned(${type.align})))`);
  }

  #declareAlias(type: Type, of: Type, wanted: string, attribute: string): string {
    const known = this.#names.get(type);
    if (known) return known;
    const isInline = isUntagged(of);
    const used = isInline ? this.#body(of, '') : [this.#declarator(of, '')];
    // In C++ a tag is a type's name, too.
    const alias = this.#unique(this.#taken.has(wanted) ? `${wanted}_t` : wanted);
    if (isInline) {
      const tag = attribute === '' ? (this.#options.tag?.(alias) ?? '') : '';
      const lines = [`typedef ${head(of, tag)} {`, ...used, `} ${alias}${attribute};`];
      this.#declare(alias, packLines(of, lines));
    } else this.#declare(alias, [`typedef ${this.#declarator(of, alias)}${attribute};`]);
    this.#names.set(type, alias);
    return alias;
  }

  #declareEnum(type: EnumType): string {
    const entries = Object.entries(type.values);
    // An enumerator is one enumeration's: another source makes up the same name.
    const tag = this.#unique(
      type.name || [...Object.keys(type.values).slice(0, 1), 'enumeration'].join('_'),
    );
    if (entries.length === 0 && this.#target.language !== 'c++')
      throw new AbiError(`enum '${type.name}' has no values: C++ alone has such`);
    const isPacked = type.packed || (this.#options.plainBases && this.#isAsPacked(type));
    const packed = isPacked ? '__attribute__((packed)) ' : '';
    const lines = entries.map(([name, value]) => {
      this.#checkName(name);
      const full = this.#options.plainEnumerators
        ? this.#enumerator(name)
        : this.#unique(`${tag}__${name}`);
      return `\t${full} = ${integerText(BigInt(value))},`;
    });
    const hasBase = type.base !== undefined && !isPacked;
    const base = hasBase ? ` : ${this.#scalarName(enumScalar(type, this.#target))}` : '';
    this.#declare(`enum ${tag}`, [`enum ${packed}${tag}${base} {`, ...lines, '};']);
    this.#names.set(type, `enum ${tag}`);
    return `enum ${tag}`;
  }

  /** Whether packed gives it the integer that it names: GCC before 13 has no `enum e : type` in C. */
  #isAsPacked({ base, ...rest }: EnumType): boolean {
    const isPackable = this.#target.rules !== 'microsoft' && Object.keys(rest.values).length > 0;
    if (base === undefined || !isPackable) return false;
    const packed = scalarLayout(enumScalar({ ...rest, packed: true }, this.#target), this.#target);
    const own = scalarLayout(base, this.#target);
    return packed.size === own.size && packed.class === own.class;
  }

  #checkName(name: string): void {
    if (!isIdentifier(name)) throw new AbiError(`'${name}' is not a name in C`);
    if (keywordsOfC.has(this.#spell(name)))
      throw new AbiError(`'${name}' is a keyword of C: rename the member`);
  }

  #enumerator(name: string): string {
    if (this.#enumerators.has(name)) {
      throw new AbiError(`'${name}' is an enumerator of two enumerations: C has but one of a name`);
    }
    this.#enumerators.add(name);
    return this.#spell(name);
  }
}

function isUntagged(type: Type): type is RecordType {
  return (type.kind === 'struct' || type.kind === 'union') && type.name === '';
}

function head(type: RecordType, tag: string): string {
  const list = [type.packed ? 'packed' : '', type.align ? `aligned(${type.align})` : ''];
  const given = list.filter(Boolean).join(', ');
  return [type.kind, given && `__attribute__((${given}))`, tag].filter(Boolean).join(' ');
}

function attributes(member: { readonly packed?: true; readonly align?: number }): string {
  const list = [member.packed ? 'packed' : '', member.align ? `aligned(${member.align})` : ''];
  const given = list.filter(Boolean).join(', ');
  return given && ` __attribute__((${given}))`;
}

/** clang looks at the pragma where a type begins, GCC where it ends: it holds for both. */
function packLines(type: RecordType, lines: readonly string[]): string[] {
  const pack = type.pack ?? 0;
  const isInline = lines[0]?.startsWith('\t');
  if (pack === 0 && !isInline) return withoutIdlePack(lines);
  const set = pack > 0 ? [`#pragma pack(push, ${pack})`] : ['#pragma pack(push)', '#pragma pack()'];
  return [...set, ...lines, '#pragma pack(pop)'];
}

/** Leaves out each reset of the packing where none is in force. */
function withoutIdlePack(lines: readonly string[]): string[] {
  const kept: string[] = [];
  const open: ('set' | 'reset' | 'idle')[] = [];
  for (const line of lines) {
    if (line === '#pragma pack(push)') open.push(open.at(-1) === 'set' ? 'reset' : 'idle');
    else if (line.startsWith('#pragma pack(push,')) open.push('set');
    const isPack = line.startsWith('#pragma pack(');
    if (!isPack || open.at(-1) !== 'idle') kept.push(line);
    if (line === '#pragma pack(pop)') open.pop();
  }
  return kept;
}

/** An integer constant of C; also the least one, which cannot be written as a single number. */
export function integerText(value: bigint): string {
  if (value > 0xffffffffffffffffn || value < -(2n ** 63n)) {
    const raw = BigInt.asUintN(128, value);
    const [high, low] = [raw >> 64n, BigInt.asUintN(64, raw)];
    return `((unsigned __int128)${high}ULL << 64 | ${low}ULL)`;
  }
  if (value > 0x7fffffffffffffffn) return `${value}ULL`;
  if (value === -(2n ** 63n)) return '(-9223372036854775807LL - 1)';
  const isSmall = value >= -0x7fffffffn && value <= 0x7fffffffn;
  return isSmall ? String(value) : `${value}LL`;
}
