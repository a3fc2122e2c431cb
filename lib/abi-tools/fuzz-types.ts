import {
  aligned,
  anonymous,
  array,
  bits,
  type EnumType,
  enumeration,
  type Field,
  flexible,
  layout,
  member,
  pointer,
  type RecordOptions,
  type RecordType,
  type ScalarName,
  struct,
  type Target,
  type Type,
  union,
  unnamedBits,
  variant,
  when,
} from '../abi/index.ts';
import { fits } from '../abi/scalar-layout.ts';
import type { Random } from './random.ts';

/** Random definitions of every kind that layout() knows. */

const integers = [
  'u8',
  'u16',
  'u32',
  'u64',
  'i8',
  'i16',
  'i32',
  'i64',
  'char',
  'schar',
  'uchar',
  'short',
  'ushort',
  'int',
  'uint',
  'long',
  'ulong',
  'longlong',
  'ulonglong',
  'size_t',
  'ssize_t',
  'bool',
] as const;
const floats = ['float', 'double', 'longdouble'] as const;
const powers = [1, 2, 4, 8, 16, 32] as const;

function scalar(name: ScalarName): Type {
  return { kind: 'scalar', scalar: name };
}

export class TypeMaker {
  readonly #random: Random;
  readonly #targets: readonly Target[];
  #count = 0;

  constructor(random: Random, targets: readonly Target[]) {
    this.#random = random;
    this.#targets = targets;
  }

  /** A struct or union with a tag that no other has, and that every target can lay out. */
  record(): RecordType {
    for (;;) {
      const made = this.#record(`s${this.#count++}`, 0);
      if (this.#targets.every((target) => isPossible(made, target))) return made;
    }
  }

  #record(name: string, depth: number): RecordType {
    const random = this.#random;
    const options = this.#options();
    if (random.chance(20)) return union(name, this.#fields(depth, 'union'), options);
    return struct(name, this.#fields(depth, 'struct'), options);
  }

  #options(): RecordOptions {
    const random = this.#random;
    return {
      ...(random.chance(15) ? { packed: true as const } : {}),
      ...(random.chance(12) ? { pack: random.pick([1, 2, 4, 8, 16]) } : {}),
      ...(random.chance(12) ? { align: random.pick(powers) } : {}),
    };
  }

  #fields(depth: number, kind: 'struct' | 'union'): Record<string, Field> {
    const random = this.#random;
    const count = random.chance(4) ? 0 : 1 + random.below(depth === 0 ? 9 : 4);
    const fields: Record<string, Field> = {};
    for (let index = 0; index < count; index++) {
      fields[`m${this.#count++}`] = this.#field(depth);
    }
    if (kind === 'struct' && depth === 0 && count > 0 && random.chance(10)) {
      // Compilers differ on what counts as a member before it: a named one does for all.
      fields[`m${this.#count++}`] = scalar(random.pick(integers));
      fields[`m${this.#count++}`] = flexible(this.#elementType(depth + 1));
    }
    return fields;
  }

  #field(depth: number): Field {
    const random = this.#random;
    const kind = random.below(100);
    if (kind < 30) return this.#bitField();
    if (kind < 38 && depth < 3) return anonymous(this.#record('', depth + 1));
    if (kind < 52) return member(this.#type(depth), this.#attributes());
    if (kind < 56) return this.#perTarget(depth);
    return this.#type(depth);
  }

  #attributes() {
    const random = this.#random;
    return {
      ...(random.chance(50) ? { align: random.pick(powers) } : {}),
      ...(random.chance(35) ? { packed: true as const } : {}),
    };
  }

  #perTarget(depth: number): Field {
    const random = this.#random;
    const condition = random.pick([
      { byteOrder: 'big' },
      { longSize: 4 },
      { pointerSize: 8, byteOrder: 'little' },
      { names: ['i386', 's390x', 'arm'] },
    ] as const);
    return variant([when(condition, this.#type(depth))], this.#type(depth));
  }

  #bitField(): Field {
    const random = this.#random;
    const type = this.#bitType();
    // Widths that fit the narrowest target: long has 32 bits there.
    const most = Math.min(...this.#targets.map((target) => bitsOf(type, target)));
    const attributes = random.chance(12) ? this.#attributes() : {};
    const kind = random.below(100);
    if (kind < 8) return unnamedBits(type, 0);
    if (kind < 18) return unnamedBits(type, 1 + random.below(most));
    return bits(type, 1 + random.below(most), attributes);
  }

  #bitType(): Type {
    const random = this.#random;
    if (random.chance(8)) return this.#enumeration();
    const base = scalar(random.pick(integers));
    return random.chance(5) ? aligned(random.pick(powers), base) : base;
  }

  #type(depth: number): Type {
    const random = this.#random;
    const kind = random.below(100);
    if (kind < 45) return scalar(random.pick(integers));
    if (kind < 55) return scalar(random.pick(floats));
    if (kind < 63) return pointer();
    if (kind < 69) return this.#enumeration();
    if (kind < 73) return this.#int128();
    if (kind < 80) return aligned(random.pick(powers), this.#elementType(depth + 1));
    if (kind < 90) return this.#array(depth);
    if (depth < 3) return this.#record(random.chance(70) ? `s${this.#count++}` : '', depth + 1);
    return scalar(random.pick(integers));
  }

  /** __int128 where there is one. */
  #int128(): Type {
    const name = this.#random.pick(['i128', 'u128'] as const);
    const narrow = this.#targets.filter((target) => target.int128Align === 0);
    const names = narrow.map((target) => target.name);
    return variant([when({ names }, scalar('u64'))], scalar(name));
  }

  #array(depth: number): Type {
    const random = this.#random;
    const length = random.chance(15) ? 0 : 1 + random.below(5);
    const element = random.chance(15) ? this.#array(depth + 1) : this.#elementType(depth + 1);
    return array(element, length);
  }

  #elementType(depth: number): Type {
    const random = this.#random;
    if (depth < 3 && random.chance(20)) return this.#record(`s${this.#count++}`, depth);
    return scalar(random.pick([...integers, ...floats]));
  }

  #enumeration(): Type {
    const random = this.#random;
    const values: Record<string, number | bigint> = {};
    const count = 1 + random.below(3);
    const width = random.pick([3, 7, 8, 15, 16, 31, 32, 40, 63]);
    for (let index = 0; index < count; index++) {
      const value = random.wide(width);
      const signed = width < 63 && random.chance(20) ? -value : value;
      values[`e${index}`] = width > 31 ? signed : Number(signed);
    }
    const options = random.chance(25) ? { packed: true as const } : {};
    const made = enumeration(`e${this.#count++}`, values, options);
    return this.#withInts(made, options);
  }

  /** Where each enumeration is an int, one whose values are none has others there. */
  #withInts(wide: EnumType, options: { readonly packed?: true }): Type {
    const ints = this.#targets.filter(({ rules }) => rules === 'microsoft');
    const list = Object.entries(wide.values);
    if (ints.length === 0 || list.every(([, value]) => fits(BigInt(value), 4, 'signed')))
      return wide;
    const values = list.map(([key, value]) => [key, Number(BigInt.asIntN(32, BigInt(value)))]);
    const narrow = enumeration(`e${this.#count++}`, Object.fromEntries(values), options);
    return variant([when({ names: ints.map(({ name }) => name) }, narrow)], wide);
  }
}

function isPossible(type: RecordType, target: Target): boolean {
  try {
    return layout(type, target).size < 4096;
  } catch {
    return false;
  }
}

function bitsOf(type: Type, target: Target): number {
  if (type.kind === 'scalar' && type.scalar === 'bool') return 1;
  return layout(type.kind === 'aligned' ? type.type : type, target).size * 8;
}
