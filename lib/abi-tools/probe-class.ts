import { bareType } from '../abi/access.ts';
import { byteCount } from '../abi/byte-count.ts';
import { type FieldLayout, layout, type Target, type Type } from '../abi/index.ts';
import { valueLayout } from '../abi/scalar-layout.ts';

/**
 * What a member is, as a number that an expression of C can have: class, whether the array around
 * it is the one that we think, and the size of one element.
 */

export const classes = [
  'something else',
  'bool',
  'signed',
  'unsigned',
  'float',
  'pointer',
  'struct',
  'union',
  'array',
];
/** What `__builtin_classify_type` says of pointers, structs and unions, in GCC and clang. */
const classified = { 5: 5, 12: 6, 13: 7 } as const;
const firstClassified = classes.indexOf('pointer');

/** A member's type, taken apart: `T m[2][3]` has two lengths, -1 is `[]`. */
interface Shape {
  readonly leaf: Type;
  readonly lengths: readonly number[];
}

export function shapeOf(type: Type, target: Target): Shape {
  const bare = bareType(type, target);
  if (bare.kind !== 'array' && bare.kind !== 'flexible') return { leaf: bare, lengths: [] };
  const { leaf, lengths } = shapeOf(bare.of, target);
  return { leaf, lengths: [bare.kind === 'array' ? bare.length : -1, ...lengths] };
}

/** Its place in `classes`. */
export function classOfType(type: Type, target: Target): number {
  const value = type.kind === 'pointer' ? 'pointer' : valueLayout(type, target)?.class;
  return classes.indexOf(value ?? type.kind);
}

export const shapeUnit = 16;
export const sizeUnit = 32;

/** What we expect the expression to be. */
export function expectedClass(field: FieldLayout, target: Target): number {
  const { leaf } = shapeOf(field.type, target);
  if (field.bitWidth !== undefined) return classOfType(leaf, target);
  return classOfType(leaf, target) + shapeUnit + sizeUnit * layout(leaf, target).size;
}

/** `unsigned, 4 bytes`; `lengths` are those that we expect around it. */
export function classText(code: number, lengths: readonly number[]): string {
  const name = classes[code % shapeUnit] ?? classes[0];
  const isOther = code >= shapeUnit && Math.floor(code / shapeUnit) % 2 === 0;
  const brackets = bracketsOf(lengths);
  const shape =
    brackets === '' || code < shapeUnit ? '' : `, ${isOther ? 'not ' : ''}in ${brackets}`;
  const size = Math.floor(code / sizeUnit);
  return `${name}${size > 0 ? `, ${byteCount(size)}` : ''}${shape}`;
}

/** Names of C's scalars with what they are on a target, bar `char` whose sign the compiler knows. */
export function scalarsOfC(target: Target): readonly ScalarOfC[] {
  const found = known.get(target) ?? listScalars(target);
  known.set(target, found);
  return found;
}

type ScalarOfC = readonly [name: string, code: number, bytes: number];
const known = new WeakMap<Target, readonly ScalarOfC[]>();

function listScalars(target: Target): readonly ScalarOfC[] {
  const whole = { char: 1, short: 2, int: 4, long: target.longSize, 'long long': 8 };
  const wide = target.int128Align === 0 ? {} : { __int128: 16 };
  const integers = Object.entries({ ...whole, ...wide }).flatMap(([name, size]) => {
    const signed = name === 'char' ? 'signed char' : name;
    return [[signed, 2, size] as const, [`unsigned ${name}`, 3, size] as const];
  });
  const floats = { float: 4, double: 8, 'long double': target.longDouble.size };
  const rest = Object.entries(floats).map(([name, size]) => [name, 4, size] as const);
  return [['_Bool', 1, 1], ...integers, ...rest];
}

/** `expected` if a member is what we think, else 0: cheap to compile, silent about what else it is. */
function quickExpression(at: string, expected: number, shape: Shape, target: Target): string {
  const { leaf, lengths } = shape;
  const code = classOfType(leaf, target);
  const { size } = layout(leaf, target);
  if (code >= firstClassified) return `${quickClassified(at, code, shape, size)} * ${expected}`;
  const names = scalarsOfC(target).filter(([, one, bytes]) => one === code && bytes === size);
  const types = names.map(([name]): [string, string] => [name, String(expected)]);
  const sign = code === 2 ? '<' : '>';
  const isChar = size === 1 && (code === 2 || code === 3);
  if (isChar) types.push(['char', `((char)-1 ${sign} 0) * ${expected}`]);
  if (lengths.length === 0) {
    const cases = types.map(([name, value]) => `${name}: ${value}, `);
    return `_Generic(${at}, ${cases.join('')}default: 0)`;
  }
  return types.map(([name, value]) => `${isArrayOf(at, name, lengths)} * ${value}`).join(' + ');
}

/** Pointers of some address spaces have a size of their own, which padding can hide. */
function quickClassified(at: string, code: number, { lengths }: Shape, size: number): string {
  const inner = `${at}${'[0]'.repeat(lengths.length)}`;
  const isCode = `__builtin_classify_type(${inner}) == ${Object.keys(classified)[code - firstClassified]}`;
  const isArray =
    lengths.length === 0 ? '' : ` && ${isArrayOf(at, `__typeof__(${inner})`, lengths)}`;
  // An array would have become a pointer, too.
  const isPlain = code === firstClassified ? ` && ${isNoArray(inner)}` : '';
  return `(${isCode}${isArray}${isPlain} && sizeof(${inner}) == ${size})`;
}

/**
 * An array without a length is compatible with one of any, for GCC the other way round with `T[0]` alone. A
 * tail here may be `T[0]` there: debug information does not tell them apart.
 */
function isArrayOf(at: string, element: string, [first = 0, ...rest]: readonly number[]): string {
  const isOf = (length: number) => sameType(at, element + bracketsOf([length, ...rest]));
  if (first < 0) return isOf(0);
  return `(${isOf(first)} && !${isOf(first === 0 ? 1 : 0)})`;
}

/** A comma makes a pointer of an array; of what is `_Atomic` it makes the plain type. */
function isNoArray(at: string): string {
  const plain = `__typeof__((0, ${at}))`;
  return `(${sameType(at, plain)} || ${sameType(at, `_Atomic(${plain})`)})`;
}

/** Whether what is no array has a type, which may be `_Atomic` there: a comma takes that off. */
export function isOfType(at: string, type: string): string {
  return sameType(`(0, ${at})`, type);
}

function sameType(at: string, type: string): string {
  return `__builtin_types_compatible_p(__typeof__(${at}), ${type})`;
}

export function bracketsOf(lengths: readonly number[]): string {
  return lengths.map((length) => `[${length < 0 ? '' : length}]`).join('');
}

/** The macros that the expressions of C use; they must stand before any use. */
export function classMacros(prefix: string, target: Target): string {
  const names = scalarsOfC(target).map(([name, code]) => `${name}: ${code}, `);
  const rest = Object.entries(classified)
    .map(([code, ours]) => `__builtin_classify_type(e) == ${code} ? ${ours} : `)
    .join('');
  const isArray = `!${isNoArray('e')} ? ${classes.indexOf('array')} : `;
  const element = `__typeof__(*__builtin_choose_expr(${isNoArray('e')}, (char *)0, (e)))`;
  const isTail = sameType('e', `${element}[0]`);
  return [
    // 0 of an array without a length, which has no size.
    `#define ${prefix}size(e) sizeof(*__builtin_choose_expr(${isTail}, (char (*)[0])0, &(e)))`,
    `#define ${prefix}class(e) _Generic((e), char: (char)-1 < 0 ? 2 : 3, ${names.join('')}default: ${isArray}${rest}0)`,
    // GCC gives a bit-field a type of its own: what a comma makes of it keeps its sign.
    `#define ${prefix}bits(e) _Generic((e), _Bool: 1, default: (__typeof__((0, (e))))-1 < 0 ? 2 : 3)`,
    '',
  ].join('\n');
}

/** How an expression asks: what a member is, or only whether it is what we think. */
export interface ClassNaming {
  readonly target: Target;
  readonly prefix: string;
  readonly isQuick: boolean;
  /** Takes members of any type: one without a size is no error. */
  readonly isBare?: boolean;
}

/** An expression of C for the class of a member; `at` is how the source reaches it. */
export function classExpression(at: string, field: FieldLayout, naming: ClassNaming): string {
  const { target, prefix, isQuick } = naming;
  const expected = expectedClass(field, target);
  if (field.bitWidth !== undefined) return `${prefix}bits(${at})`;
  const shape = shapeOf(field.type, target);
  if (isQuick) return quickExpression(at, expected, shape, target);
  const { lengths } = shape;
  const leaf = `${at}${'[0]'.repeat(lengths.length)}`;
  const array = lengths.length === 0 ? '1' : isArrayOf(at, `__typeof__(${leaf})`, lengths);
  return `${prefix}class(${leaf}) + ${shapeUnit} * ${array} + ${sizeUnit} * sizeof(${leaf})`;
}
