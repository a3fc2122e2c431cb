import type { ScalarName, ScalarType, Target } from '../abi/index.ts';
import { scalarLayout } from '../abi/scalar-layout.ts';
import type { DebugScalar } from '../debug-info/debug-type.ts';
import { nameInC } from './scalar-names.ts';

/** By the words of C in any order, `int` left out where another says more. */
const words: ReadonlyMap<string, ScalarName> = new Map([
  ['char', 'char'],
  ['char signed', 'schar'],
  ['char unsigned', 'uchar'],
  ['short', 'short'],
  ['short unsigned', 'ushort'],
  ['int', 'int'],
  ['unsigned', 'uint'],
  ['long', 'long'],
  ['long unsigned', 'ulong'],
  ['long long', 'longlong'],
  ['long long unsigned', 'ulonglong'],
  ['__int128', 'i128'],
  ['__int128 unsigned', 'u128'],
  ['_Bool', 'bool'],
  ['bool', 'bool'],
  ['float', 'float'],
  ['double', 'double'],
  ['double long', 'longdouble'],
]);

function wordsOf(name: string): string {
  const list = name.split(' ').sort();
  return list.length === 1 ? name : list.filter((one) => one !== 'int').join(' ');
}

/** `unsigned long` for GCC's `long unsigned int`. */
export function plainName(name: string): string {
  const scalar = words.get(wordsOf(name));
  return (scalar && nameInC(scalar)) ?? name;
}

/** Any scalar of that size and form, for a name that is none of C's. */
function sized({ size, form }: DebugScalar): ScalarName | undefined {
  if (form === 'float') return size === 8 ? 'double' : size === 4 ? 'float' : undefined;
  if (form === 'bool') return 'bool';
  return `${form === 'signed' ? 'i' : 'u'}${size * 8}` as ScalarName;
}

/** Old writers of BTF have no floating point and no sign of characters: there the name tells. */
const toldByName: ReadonlySet<string> = new Set(['float', 'double', 'longdouble', 'schar']);

/** The scalar that a compiler describes; undefined where the target has none such. */
export function scalarOf(given: DebugScalar, target: Target): ScalarType | undefined {
  const named = words.get(wordsOf(given.name));
  if (named && isSame(named, given, target)) return { kind: 'scalar', scalar: named };
  // A `float` that is told as an integer of another size is neither.
  if (named && toldByName.has(named) && given.form !== scalarLayout(named, target).class) {
    return undefined;
  }
  // A `char` whose sign is not the target's was compiled with -funsigned-char or -fsigned-char.
  const scalar = sized(given);
  return scalar && isSame(scalar, given, target) ? { kind: 'scalar', scalar } : undefined;
}

function isSame(scalar: ScalarName, given: DebugScalar, target: Target): boolean {
  const isKnown = known.has(scalar) || /^[ui](?:8|16|32|64|128)$/.test(scalar);
  if (!isKnown || (scalar.endsWith('128') && target.int128Align === 0)) return false;
  const { size, class: form } = scalarLayout(scalar, target);
  return size === given.size && (form === given.form || toldByName.has(scalar));
}

const known: ReadonlySet<string> = new Set(words.values());
