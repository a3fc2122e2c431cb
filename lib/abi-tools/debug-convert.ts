import { byteCount } from '../abi/byte-count.ts';
import {
  AbiError,
  type EnumType,
  layout,
  type RecordType,
  type Target,
  type Type,
} from '../abi/index.ts';
import { enumScalar, scalarLayout } from '../abi/scalar-layout.ts';
import type {
  DebugArray,
  DebugEnum,
  DebugMember,
  DebugRecord,
  DebugScalar,
  DebugType,
  DebugTypedef,
  DebugTypes,
} from '../debug-info/debug-type.ts';
import { atomicSize, growing } from './atomic-size.ts';
import { containedIn } from './contained.ts';
import { ConvertError, enumValues, isWide } from './convert.ts';
import { plainName, scalarOf } from './debug-scalar.ts';
import { someFunction } from './diff-fact.ts';
import { fitRecord, isGuessed, type Placed, type Places } from './fit-record.ts';
import { identifier } from './identifier.ts';
import { keysOf } from './keys.ts';
import { quadReason } from './long-double.ts';
import { namedAs } from './scalar-names.ts';

/** Turns debug information into definitions that are laid out as it says. */
export class DebugConverter {
  readonly #types: DebugTypes;
  readonly #target: Target;
  readonly #oddLongDouble: string | undefined;
  readonly #made = new Map<number, Type | ConvertError>();
  readonly #open = new Set<number>();
  /** `struct x`, or the typedef's name of one without a tag. */
  readonly names = new Map<Type, string>();
  /** By the name that a further type of one name got, that name: `struct x` of `struct x__2`. */
  readonly namesakes = new Map<string, string>();
  /** Types whose alignment the file does not tell, each with its name: those that hold one, too. */
  readonly guessed = new Map<Type, string>();
  readonly #taken = new Map<string, number>();
  readonly #texts = new WeakMap<Type, string>();
  /** By their names, types that have one: a unit may only announce what another defines in them. */
  readonly #called = new Map<string, (RecordType | EnumType)[]>();

  /** `oddLongDouble`: why the file's long doubles cannot be read. */
  constructor(types: DebugTypes, target: Target, oddLongDouble?: string) {
    this.#types = types;
    this.#target = target;
    this.#oddLongDouble = oddLongDouble;
  }

  /** Throws ConvertError with the reason. */
  type(id: number): Type {
    const known = this.#made.get(id) ?? this.#first(id);
    this.#made.set(id, known);
    if (known instanceof Error) throw known;
    return known;
  }

  /** The name of a type that was made; undefined where it was not, or has none. */
  nameOf(id: number): string | undefined {
    const made = this.#made.get(id);
    return made === undefined || made instanceof Error ? undefined : this.names.get(made);
  }

  /** What stands in the file several times is made once. */
  #first(id: number): Type | ConvertError {
    const first = this.#types.firstOf(id);
    const known = this.#made.get(first) ?? this.#attempt(first);
    this.#made.set(first, known);
    return known;
  }

  #attempt(id: number): Type | ConvertError {
    if (this.#open.size > maxOpen) return new ConvertError('it nests too deep');
    if (this.#open.has(id)) return new ConvertError('it contains itself');
    this.#open.add(id);
    try {
      return this.#convert(this.#types.typeOf(id), id);
    } catch (error) {
      if (error instanceof ConvertError) return error;
      if (error instanceof AbiError) return new ConvertError(error.message);
      throw error;
    } finally {
      this.#open.delete(id);
    }
  }

  #convert(given: DebugType, id: number): Type {
    switch (given.kind) {
      case 'scalar': {
        const found = scalarOf(given, this.#target);
        if (found?.scalar === 'longdouble') this.#requireUsual(given);
        if (found) return found;
        throw new ConvertError(
          `'${given.name}' (${given.form}, ${byteCount(given.size)}) has no counterpart here`,
        );
      }
      case 'pointer':
        return { kind: 'pointer', to: this.#targetText(given.to) };
      case 'array':
        return this.#array(given.of, given.lengths);
      case 'qualifier':
        return given.mayGrow ? this.#atomic(this.type(given.to)) : this.type(given.to);
      case 'typedef':
        return this.#typedef(given, id);
      case 'enum':
        return this.#named(this.#enumeration(plainly(given)), given, id);
      case 'struct':
      case 'union':
        return this.#named(this.#record(plainly(given)), given, id);
      case 'other':
        throw new ConvertError(`${given.what}: what it holds is not in the ${this.#types.format}`);
      case 'refused':
        throw new ConvertError(given.reason);
    }
  }

  #requireUsual({ isQuad }: DebugScalar): void {
    const isOdd = isQuad === true && this.#target.longDouble.format === 'x87';
    const reason = this.#oddLongDouble ?? (isOdd ? quadReason('-mlong-double-128') : undefined);
    if (reason !== undefined) throw new ConvertError(reason);
  }

  /** clang rounds the size of what is `_Atomic` up to a power of two that the machine can have. */
  #atomic(type: Type): Type {
    const { size } = layout(type, this.#target);
    if (atomicSize(size, this.#target) === size) return type;
    throw new ConvertError(
      `_Atomic of ${byteCount(size)} may be longer than the type alone: the ${this.#types.format} does not tell`,
    );
  }

  #array(of: number, lengths: DebugArray['lengths']): Type {
    return lengths.reduceRight(
      (inner: Type, length) => ({ kind: 'array', of: inner, length: length ?? 0 }),
      this.type(of),
    );
  }

  #typedef({ name, to, align }: DebugTypedef, id: number): Type {
    const inner = namedAs(name, this.type(to), this.#target);
    const made = align === undefined ? inner : this.#aligned(inner, align);
    const isOwn = inner.kind === 'struct' || inner.kind === 'union' || inner.kind === 'enum';
    if (isOwn && !this.names.has(made)) this.names.set(made, this.#unique(name, id));
    return made;
  }

  /** GCC tells the alignment of a typedef that only names an aligned type, too. */
  #aligned(type: Type, align: number): Type {
    if (layout(type, this.#target).align === align) return type;
    return Object.freeze({ kind: 'aligned', type, align });
  }

  #named<T extends RecordType | EnumType>(made: T, given: DebugRecord | DebugEnum, id: number): T {
    if (given.name === '') return made;
    const name = `${given.kind} ${given.name}`;
    const others = this.#called.get(name) ?? [];
    const same = others.find((one) => this.#definitionText(one) === this.#definitionText(made));
    if (same) return same as T;
    this.#called.set(name, [...others, made]);
    this.names.set(made, this.#unique(name, id));
    return made;
  }

  /** All of it, for a comparison; few names have several types. */
  #definitionText(type: Type): string {
    const known = this.#texts.get(type);
    if (known !== undefined) return known;
    const made = definitionText(type);
    this.#texts.set(type, made);
    return made;
  }

  /** One name can stand for several types: of other files, or of other functions. */
  #unique(name: string, id: number): string {
    let unique = name;
    for (let count = 2; (this.#taken.get(unique) ?? id) !== id; count++)
      unique = `${name}__${count}`;
    this.#taken.set(unique, id);
    if (unique !== name) this.namesakes.set(unique, name);
    return unique;
  }

  #record(given: DebugRecord): RecordType {
    if (given.refused !== undefined) throw new ConvertError(given.refused);
    const keys = keysOf(given.members);
    const twice = keys.find((key, index) => keys.indexOf(key) !== index);
    if (twice !== undefined) throw new ConvertError(`two members are named '${twice}'`);
    const members = given.members.map((one, index) => this.#member(one, keys[index] as string));
    const last = members.at(-1);
    const tail = last && given.kind === 'struct' && members.length > 1 ? asTail(last) : undefined;
    this.#refuseGrown(given, members, tail !== undefined);
    const places = { ...given, members: tail ? [...members.slice(0, -1), tail] : members };
    try {
      return this.#fitted(places);
    } catch (error) {
      // Unnamed bit-fields behind it: a flexible array must be the last.
      if (!tail || !(error instanceof AbiError)) throw error;
      return this.#fitted({ ...given, members });
    }
  }

  #fitted(places: Places): RecordType {
    const made = fitRecord(places, this.#target);
    if (isGuessed(made, places, this.#target) || containedIn(made, this.guessed)) {
      this.guessed.set(made, places.name);
    }
    return made;
  }

  /** Of arrays whose elements may be `_Atomic` without a word in the file. */
  #refuseGrown(given: DebugRecord, members: readonly Placed[], hasTail: boolean): void {
    given.members.forEach(({ type }, at) => {
      const made = members[at];
      if (!made || !this.#mayGrow(type)) return;
      const longer = growing(made, given, this.#target, hasTail && made === members.at(-1));
      if (longer) throw new ConvertError(longer);
    });
  }

  /** Whether it is an array, by any name, of which the file does not tell that. */
  #mayGrow(id: number, depth = 0): boolean {
    const given = this.#types.typeOf(id);
    if (given.kind === 'array') return given.mayGrow === true;
    const isName = given.kind === 'typedef' || given.kind === 'qualifier';
    return isName && depth < maxDepth && this.#mayGrow(given.to, depth + 1);
  }

  #member(given: DebugMember, key: string): Placed {
    const { name, type: id, bitOffset, bitWidth, align } = given;
    const where = name === '' ? 'a member without a name' : `member '${name}'`;
    const type = this.#inside(where, () => this.type(id));
    const own = align === undefined || layout(type, this.#target).align === align ? {} : { align };
    const place = { key, type, bitOffset, anonymous: name === '', ...own };
    return bitWidth === undefined ? place : { ...place, bitWidth };
  }

  #inside<T>(where: string, convert: () => T): T {
    try {
      return convert();
    } catch (error) {
      if (error instanceof ConvertError) throw new ConvertError(`${where}: ${error.message}`);
      throw error;
    }
  }

  #enumeration({ name, size, isSigned, values, refused }: DebugEnum): EnumType {
    if (refused !== undefined) throw new ConvertError(refused);
    // BTF has an enumeration that is only announced without any, and some compilers' wide ones.
    if (values.length === 0 && this.#types.format === 'BTF')
      throw new ConvertError('it has no enumerators');
    const isBig = size >= 8 || isWide(values);
    const plain: EnumType = { kind: 'enum', name, values: enumValues(values, isBig) };
    if (size <= 8 && values.length > 0 && this.#decides(plain, size, isSigned))
      return Object.freeze(plain);
    const base = bases[isSigned ? 'signed' : 'unsigned'][size];
    if (!base)
      throw new ConvertError(`an enumeration of ${byteCount(size)} has no counterpart here`);
    return Object.freeze({ ...plain, base });
  }

  /** Whether the values alone give an enumeration that integer. */
  #decides(plain: EnumType, size: number, isSigned: boolean): boolean {
    const own = scalarLayout(enumScalar(plain, this.#target), this.#target);
    return own.size === size && own.class === (isSigned ? 'signed' : 'unsigned');
  }

  /** What a pointer points to, for readers. */
  #targetText(id: number, depth = 0): string {
    if (depth > maxDepth) return 'void';
    const given = this.#types.typeOf(id);
    switch (given.kind) {
      case 'scalar':
        return plainName(given.name);
      case 'typedef':
        return given.name;
      case 'pointer':
        return `${this.#targetText(given.to, depth + 1)} *`;
      case 'qualifier':
        return this.#targetText(given.to, depth + 1);
      case 'array': {
        const of = this.#targetText(given.of, depth + 1);
        return `${of} ${given.lengths.map((one) => `[${one ?? ''}]`).join('')}`;
      }
      case 'struct':
      case 'union':
      case 'enum':
        return given.name === '' ? 'void' : `${given.kind} ${given.name}`;
      case 'other':
        if (given.what === 'a function') return someFunction;
        return /^(?:struct|union|enum) ./.test(given.what) ? given.what : 'void';
      default:
        return 'void';
    }
  }
}

/** Definitions are named as in C. */
function plainly<T extends DebugRecord | DebugEnum>(given: T): T {
  return given.name === '' ? given : { ...given, name: identifier(given.name) };
}

/** Structs in structs; damaged files may have as many as they have bytes. */
const maxOpen = 500;

/** No C has as many pointers to pointers; damaged files may. */
const maxDepth = 64;

const bases = {
  signed: { 1: 'schar', 2: 'short', 4: 'int', 8: 'longlong', 16: 'i128' },
  unsigned: { 1: 'uchar', 2: 'ushort', 4: 'uint', 8: 'ulonglong', 16: 'u128' },
} as Readonly<Record<'signed' | 'unsigned', Readonly<Record<number, EnumType['base']>>>>;

/** An array of none at a struct's end, which BTF makes of `T x[]` too: views go on to the buffer's. */
function asTail(last: Placed): Placed | undefined {
  const { type } = last;
  if (type.kind !== 'array' || type.length !== 0) return undefined;
  return { ...last, type: { kind: 'flexible', of: type.of } };
}

/** All of a type, to be compared. */
export function definitionText(type: Type): string {
  return JSON.stringify(type, (_, one) => (typeof one === 'bigint' ? `${one}n` : one));
}
