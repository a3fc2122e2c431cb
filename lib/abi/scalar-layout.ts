import { AbiError, quoted } from './error.ts';
import type { Target } from './target.ts';
import type { EnumType, ScalarName, Type } from './types.ts';
import { shown } from './value-check.ts';

/** What a scalar is once its target is known. */
export interface ScalarLayout {
  readonly size: number;
  readonly align: number;
  readonly class: 'signed' | 'unsigned' | 'bool' | 'float';
}

type Sized = readonly [size: number, form: ScalarLayout['class']];

const fixed: Readonly<Partial<Record<ScalarName, Sized>>> = {
  u8: [1, 'unsigned'],
  u16: [2, 'unsigned'],
  u32: [4, 'unsigned'],
  u64: [8, 'unsigned'],
  u128: [16, 'unsigned'],
  i8: [1, 'signed'],
  i16: [2, 'signed'],
  i32: [4, 'signed'],
  i64: [8, 'signed'],
  i128: [16, 'signed'],
  schar: [1, 'signed'],
  uchar: [1, 'unsigned'],
  short: [2, 'signed'],
  ushort: [2, 'unsigned'],
  int: [4, 'signed'],
  uint: [4, 'unsigned'],
  longlong: [8, 'signed'],
  ulonglong: [8, 'unsigned'],
  bool: [1, 'bool'],
  float: [4, 'float'],
  double: [8, 'float'],
};

function sized(name: ScalarName, target: Target): Sized {
  switch (name) {
    case 'char':
      return [1, target.charSigned ? 'signed' : 'unsigned'];
    case 'long':
      return [target.longSize, 'signed'];
    case 'ulong':
      return [target.longSize, 'unsigned'];
    case 'size_t':
      return [target.pointerSize, 'unsigned'];
    case 'ssize_t':
      return [target.pointerSize, 'signed'];
    default: {
      const found = fixed[name];
      if (!found) throw new AbiError(`unknown scalar ${quoted(String(name))}`);
      return found;
    }
  }
}

function int128(form: 'signed' | 'unsigned', target: Target): ScalarLayout {
  if (target.int128Align === 0) {
    throw new AbiError(`target ${target.name} has no __int128: use two u64, or a variant`);
  }
  return { size: 16, align: target.int128Align, class: form };
}

/** Size and alignment (bytes) of a scalar of C on a target. */
export function scalarLayout(name: ScalarName, target: Target): ScalarLayout {
  if (name === 'longdouble') {
    const { size, align } = target.longDouble;
    return { size, align, class: 'float' };
  }
  if (name === 'u128' || name === 'i128') {
    return int128(name === 'u128' ? 'unsigned' : 'signed', target);
  }
  const [size, form] = sized(name, target);
  return { size, align: Math.min(size, target.maxScalarAlign), class: form };
}

export function pointerLayout(target: Target): ScalarLayout {
  const size = target.pointerSize;
  return { size, align: Math.min(size, target.maxScalarAlign), class: 'unsigned' };
}

const candidates: Readonly<Record<'signed' | 'unsigned', readonly ScalarName[]>> = {
  unsigned: ['u8', 'u16', 'u32', 'u64'],
  signed: ['i8', 'i16', 'i32', 'i64'],
};

/** Whether every value fits an integer of `size` bytes. */
export function fits(value: bigint, size: number, form: 'signed' | 'unsigned'): boolean {
  const width = size * 8;
  return (form === 'signed' ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value)) === value;
}

/**
 * The integer type that the compiler chooses for an enumeration: for GCC and clang it is as large as an
 * int unless packed, for Microsoft always an int.
 */
export function enumScalar(type: EnumType, target: Target): ScalarName {
  if (type.base !== undefined) return type.base;
  if (target.rules === 'microsoft') return 'int';
  const values = Object.values(type.values).map((value) => BigInt(value));
  const form = values.some((value) => value < 0n) ? 'signed' : 'unsigned';
  const usable = type.packed ? candidates[form] : candidates[form].slice(2);
  const found = usable.find((name) =>
    values.every((value) => fits(value, Number(name.slice(1)) / 8, form)),
  );
  if (!found) throw new AbiError(`enum ${quoted(type.name)}: a value needs more than 64 bits`);
  return found;
}

/** A fraction or a text has no bytes, and a number beyond 2 ** 53 may not be the one that was written. */
function checkValues({ name, values }: EnumType): void {
  for (const [key, value] of Object.entries(values)) {
    if (typeof value === 'bigint' || Number.isSafeInteger(value)) continue;
    const isLarge = Number.isInteger(value);
    const expected = isLarge ? 'a bigint, which is exact' : 'an integer, as a number or a bigint';
    throw new AbiError(`enum ${quoted(name)}: ${key} = ${shown(value)}, expected ${expected}`);
  }
}

/** Of enumerations that were found right: one with many values is asked about for each member that has it. */
const known = new WeakMap<Target, WeakMap<EnumType, ScalarLayout>>();

function enumLayout(type: EnumType, target: Target): ScalarLayout {
  const byType = known.get(target) ?? new WeakMap<EnumType, ScalarLayout>();
  known.set(target, byType);
  const found = byType.get(type) ?? checkedEnum(type, target);
  byType.set(type, found);
  return found;
}

function checkedEnum(type: EnumType, target: Target): ScalarLayout {
  checkValues(type);
  const integer = enumScalar(type, target);
  const made = scalarLayout(integer, target);
  const where = `enum ${quoted(type.name)}`;
  const form = made.class;
  if (form !== 'signed' && form !== 'unsigned') {
    throw new AbiError(`${where}: base ${integer}, expected an integer`);
  }
  const whose =
    type.base === undefined ? `int, as each enumeration of ${target.name}` : `its base ${integer}`;
  for (const [name, value] of Object.entries(type.values)) {
    if (fits(BigInt(value), made.size, form)) continue;
    throw new AbiError(`${where}: ${name} = ${value} does not fit ${whose}`);
  }
  if (type.base === undefined && made.size === 8) requireBigints(where, type, form);
  return made;
}

/** TypeScript knows by the enumerators alone that a member of 8 bytes is a bigint in views. */
function requireBigints(where: string, { values }: EnumType, form: 'signed' | 'unsigned'): void {
  const all = Object.entries(values);
  if (all.some(([, value]) => typeof value === 'bigint')) return;
  const [name, value] = all.find(([, one]) => !fits(BigInt(one), 4, form)) ?? [];
  throw new AbiError(
    `${where}: it is 8 bytes long for ${name} = ${value}, expected values that are bigints: ${name} = ${value}n`,
  );
}

/** The scalar behind a type that is one value: scalar, pointer, enumeration; else undefined. */
export function valueLayout(type: Type, target: Target): ScalarLayout | undefined {
  switch (type.kind) {
    case 'scalar':
      return scalarLayout(type.scalar, target);
    case 'pointer':
      return pointerLayout(target);
    case 'enum':
      return enumLayout(type, target);
    default:
      return undefined;
  }
}
