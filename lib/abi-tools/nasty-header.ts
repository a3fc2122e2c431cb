import { aligned, type EnumType, type ScalarName, type Target, type Type } from '../abi/index.ts';
import { NastyRecords, type Spelt, scalarText } from './nasty-records.ts';
import type { Random } from './random.ts';

/** A header whose names, attributes and directives mislead, with what its types really are. */
export interface NastyHeader {
  readonly fileName: string;
  readonly text: string;
  readonly expected: readonly Expected[];
}

/** A type by its name in C: what it is, or the members for one of which it must be refused. */
export type Expected = { readonly name: string; readonly truth: Type } | Refused;

interface Refused {
  readonly name: string;
  /** None where it is the type as a whole. */
  readonly refusedFor: readonly string[];
  /** Where it is not refused everywhere: the targets on which, and what it is on the others. */
  readonly some?: { readonly on: readonly string[]; readonly truth: Type };
}

const knownNames = [
  'bool',
  'size_t',
  'ssize_t',
  'u8',
  's16',
  'u32',
  's32',
  'u64',
  's64',
  '__u32',
  '__le32',
  'le32',
  'be16',
  'int8_t',
  'uint16_t',
  'uint64_t',
  'u_int32_t',
  'uint',
  'ulong',
  'uchar',
  'pointer',
] as const;

const scalars: readonly ScalarName[] = [
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
  'bool',
  'float',
  'double',
  'longdouble',
];

const fileNames = [
  'plain.h',
  'a b.h',
  'quo"te.h',
  'back\\slash.h',
  "it's $x.h",
  'ä;.h',
  '-x.h',
  'x(*)[3].h',
];

const lastMacros = [
  'int long',
  'const',
  'sizeof(x) 1',
  'struct union',
  'pid f.pid',
  'sa_handler(x) x',
  'unsigned signed',
  '_Bool char',
  'void',
  '__typeof__(x) int',
];

/** C++ has a word of its own for what C calls so; it has `bool` and `class` as words. */
const cppPrologue = ['#ifdef __cplusplus', '#define _Bool bool', '#endif'];

/** A header is for clang's C, for both languages, or for C of GCC 12, which has no `enum e : type`. */
export type ReadBy = Target['language'] | 'gcc';

/** The same random stream gives the same header. For C++ it is one that both languages can read. */
export function nastyHeader(random: Random, readBy: ReadBy = 'c'): NastyHeader {
  const isCpp = readBy === 'c++';
  const types: Spelt[] = scalars.map((name) => ({
    text: scalarText(name),
    type: { kind: 'scalar', scalar: name },
  }));
  const lines: string[] = isCpp ? [...cppPrologue] : [];
  lines.push(...ownTypedefs(random, types, isCpp));
  if (!isCpp && random.chance(30)) lines.push(...boolMacro(types));
  lines.push(...enumerations(random, types, readBy !== 'gcc'));
  const records = new NastyRecords(random, types, isCpp);
  const count = 2 + random.below(4);
  for (let index = 0; index < count; index++) lines.push(...records.declare());
  for (const macro of [...records.memberMacros(), ...lastMacros]) {
    if (random.chance(35)) lines.push(`#define ${macro}`);
  }
  return {
    fileName: random.pick(fileNames),
    text: `${lines.join('\n')}\n`,
    expected: records.expected,
  };
}

/** `typedef float s32;`, some of them over another, some with an alignment. */
function ownTypedefs(random: Random, types: Spelt[], isCpp: boolean): string[] {
  const names = knownNames.filter((name) => random.chance(25) && !(isCpp && name === 'bool'));
  return names.map((name) => {
    const from = random.pick(types);
    const align = random.pick([2, 4, 8, 16]);
    if (random.chance(15)) {
      types.push({ text: name, type: aligned(align, from.type), isOdd: true });
      return `typedef ${from.text} ${name} __attribute__((aligned(${align})));`;
    }
    types.push({ ...from, text: name });
    return `typedef ${from.text} ${name};`;
  });
}

/** With it, clang's name of `_Bool` depends on whether it has met a diagnostic. */
function boolMacro(types: Spelt[]): string[] {
  if (types.some(({ text }) => text === 'bool')) return [];
  types.push({ text: 'bool', type: { kind: 'scalar', scalar: 'bool' } });
  return ['#define bool _Bool', 'struct meets { int a; } __attribute__((sideways));'];
}

const bases: readonly ScalarName[] = [
  'uchar',
  'schar',
  'short',
  'ushort',
  'uint',
  'longlong',
  'ulonglong',
];

function enumerations(random: Random, types: Spelt[], hasBases: boolean): string[] {
  return [0, 1, 2].map((index) => {
    const values = { [`A${index}`]: random.below(100), [`B${index}`]: 100 + random.below(28) };
    const body = Object.entries(values)
      .map(([name, value]) => `${name} = ${value}`)
      .join(', ');
    const base = hasBases && random.chance(50) ? random.pick(bases) : undefined;
    const packed = base === undefined && random.chance(40) ? ({ packed: true } as const) : {};
    const attribute = 'packed' in packed ? '__attribute__((packed)) ' : '';
    const isWide = base === 'longlong' || base === 'ulonglong';
    const wide = isWide
      ? Object.fromEntries(Object.entries(values).map(([key, value]) => [key, BigInt(value)]))
      : values;
    const made = (name: string): EnumType => {
      return { kind: 'enum', name, values: wide, ...packed, ...(base ? { base } : {}) };
    };
    const suffix = base ? ` : ${scalarText(base)}` : '';
    if (random.chance(40)) {
      types.push({ text: `color${index}`, type: made(''), isOdd: true });
      return `typedef enum ${attribute}${suffix} { ${body} } color${index};`;
    }
    types.push({ text: `enum level${index}`, type: made(`level${index}`), isOdd: true });
    return `enum ${attribute}level${index}${suffix} { ${body} };`;
  });
}
