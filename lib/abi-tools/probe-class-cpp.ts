import type { FieldLayout, Target } from '../abi/index.ts';
import { bracketsOf, classes, scalarsOfC, shapeOf, shapeUnit, sizeUnit } from './probe-class.ts';

/**
 * What a member is, asked in C++, which has neither `_Generic` nor types that are compatible: templates
 * tell it. They are those of C++98, since a header may need an old standard.
 */

/** Words that the templates are written with. */
export const wordsOfCpp =
  'template class typename bool volatile wchar_t char8_t char16_t char32_t T U N type value is_enum true alignof _Atomic __decltype __is_class __is_union __is_enum __underlying_type __remove_extent __used__';

const [pointer, struct, union, array] = (['pointer', 'struct', 'union', 'array'] as const).map(
  (one) => classes.indexOf(one),
) as [number, number, number, number];

/** The templates; they must stand before any use. */
export function classTemplates(prefix: string, target: Target): string {
  const is = (type: string, value: number | string, parameters = '') =>
    `template <${parameters}> struct ${prefix}is<${type}> { enum { value = ${value} }; };`;
  const same = (type: string) =>
    `template <class T> struct ${prefix}plain<${type}> { typedef typename ${prefix}plain<T>::type type; };`;
  const signOf = (type: string) => is(type, `(${type})-1 < 0 ? 2 : 3`);
  const names = scalarsOfC(target).filter(([name]) => name !== '_Bool');
  return [
    ...alignMacro(prefix),
    `template <class T> struct ${prefix}plain { typedef T type; };`,
    ...['T &', 'const T', 'volatile T', 'const volatile T'].map(same),
    `template <class T> struct ${prefix}self { typedef T type; };`,
    `template <class T> struct ${prefix}size { enum { value = sizeof(T) }; };`,
    `template <class T> struct ${prefix}size<T[]> { enum { value = 0 }; };`,
    ...elementTemplates(prefix),
    `template <class T, class U> struct ${prefix}same { enum { value = 0 }; };`,
    `template <class T> struct ${prefix}same<T, T> { enum { value = 1 }; };`,
    `template <class T> struct ${prefix}is;`,
    `template <class T, bool is_enum> struct ${prefix}other { enum { value = __is_class(T) ? ${struct} : __is_union(T) ? ${union} : 0 }; };`,
    `template <class T> struct ${prefix}other<T, true> { enum { value = ${prefix}is<__underlying_type(T)>::value }; };`,
    `template <class T> struct ${prefix}is { enum { value = ${prefix}other<T, __is_enum(T)>::value }; };`,
    is('T *', pointer, 'class T'),
    is('T[N]', array, 'class T, __SIZE_TYPE__ N'),
    is('T[]', array, 'class T'),
    is('bool', 1),
    ...['char', 'wchar_t'].map(signOf),
    ...names.map(([name, code]) => is(name, code)),
    // GCC has no _Atomic in C++, and clang finds no T in _Atomic(T).
    '#ifdef __clang__',
    ...names.map(([name, code]) => is(`_Atomic(${name})`, code)),
    ...['bool', 'char'].map((name) => is(`_Atomic(${name})`, `${prefix}is<${name}>::value`)),
    '#endif',
    '#if __cplusplus >= 201103L',
    ...['char16_t', 'char32_t'].map(signOf),
    '#endif',
    '#ifdef __cpp_char8_t',
    signOf('char8_t'),
    '#endif',
    '',
  ].join('\n');
}

/**
 * What a member gets. `__alignof__`, all that GCC has in C++98, is what a variable gets: 8 for a long long of
 * i386, which a member has at 4.
 */
function alignMacro(prefix: string): string[] {
  const define = (word: string) => `#define ${prefix}alignof(T) ${word}(T)`;
  return [
    '#ifdef __clang__',
    define('_Alignof'),
    '#elif __cplusplus >= 201103L',
    define('alignof'),
    '#else',
    define('__alignof__'),
    '#endif',
  ];
}

/** The type of an array's elements, else the type itself. To clang no template takes `T[0]`. */
function elementTemplates(prefix: string): string[] {
  const element = (array: string, more = '') =>
    `template <class T${more}> struct ${prefix}element<T${array}> { typedef T type; };`;
  return [
    '#if defined __has_builtin',
    '#if __has_builtin(__remove_extent)',
    `#define ${prefix}extent`,
    '#endif',
    '#endif',
    `#ifdef ${prefix}extent`,
    `template <class T> struct ${prefix}element { typedef __remove_extent(T) type; };`,
    '#else',
    `template <class T> struct ${prefix}element { typedef T type; };`,
    element('[N]', ', __SIZE_TYPE__ N'),
    element('[]'),
    element('[0]'),
    '#endif',
  ];
}

/** The type of an expression without `const` and the like: a bit-field's is the one that it is declared with. */
export function plainType(at: string, prefix: string): string {
  return `${prefix}plain<__decltype(${at})>::type`;
}

/** An expression for whether it is a struct, a union, an integer, … */
export function cppKindExpression(at: string, prefix: string): string {
  return `${prefix}is<${plainType(at, prefix)}>::value`;
}

/** An expression for the class of a member; `at` is how the source reaches it. */
export function cppClassExpression(
  at: string,
  field: FieldLayout,
  target: Target,
  prefix: string,
): string {
  if (field.bitWidth !== undefined) return cppKindExpression(at, prefix);
  const { lengths } = shapeOf(field.type, target);
  const leaf = elementOf(at, lengths, prefix);
  // GCC would take the brackets behind an expression for its own.
  const isOf = (all: readonly number[]) =>
    `${prefix}same<__typeof__(${at}), ${prefix}self<${leaf}>::type${bracketsOf(all)}>::value`;
  const [first, ...rest] = lengths;
  // Debug information does not tell a tail from `T[0]`.
  const isTail = first === -1 ? ` | ${isOf([0, ...rest])}` : '';
  const isArray = lengths.length === 0 ? '1' : `(${isOf(lengths)}${isTail})`;
  const code = `${prefix}is<${prefix}plain<${leaf}>::type>::value`;
  return `${code} + ${shapeUnit} * ${isArray} + ${sizeUnit} * sizeof(${leaf})`;
}

/** A member's size; 0 of an array without a length, which has none. */
export function cppSizeExpression(at: string, prefix: string): string {
  return `${prefix}size<__typeof__(${at})>::value`;
}

/** Whether a member, or what the array there is made of, has the type that the source names `type`. */
export function cppNamedExpression(
  at: string,
  lengths: readonly number[],
  type: string,
  prefix: string,
): string {
  const own = lengths.length === 0 ? `__decltype(${at})` : elementOf(at, lengths, prefix);
  const plain = (one: string) => `${prefix}plain<${one}>::type`;
  return `${prefix}same<${plain(own)}, ${plain(type)}>::value`;
}

/** The type of an array's elements; of what is no array itself. To clang no template takes `T[0]`. */
function elementOf(at: string, lengths: readonly number[], prefix: string): string {
  if (lengths.includes(0)) return `__typeof__(${at}${'[0]'.repeat(lengths.length)})`;
  return lengths.reduce((type) => `${prefix}element<${type}>::type`, `__typeof__(${at})`);
}
