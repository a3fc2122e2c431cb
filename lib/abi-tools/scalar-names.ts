import type { ScalarName, ScalarType, Target, Type } from '../abi/index.ts';
import { scalarLayout } from '../abi/scalar-layout.ts';

/** What C calls a scalar, and which of our names for it reads best. */

const builtins: ReadonlyMap<string, ScalarName> = new Map([
  ['char', 'char'],
  ['signed char', 'schar'],
  ['unsigned char', 'uchar'],
  ['short', 'short'],
  ['unsigned short', 'ushort'],
  ['int', 'int'],
  ['unsigned int', 'uint'],
  ['long', 'long'],
  ['unsigned long', 'ulong'],
  ['long long', 'longlong'],
  ['unsigned long long', 'ulonglong'],
  ['__int128', 'i128'],
  ['unsigned __int128', 'u128'],
  ['_Bool', 'bool'],
  // So clang prints `_Bool` where a header has a macro `bool`, once it has met any diagnostic.
  ['bool', 'bool'],
  ['float', 'float'],
  ['double', 'double'],
  ['long double', 'longdouble'],
]);

/** The scalar that a compiler calls by this name, unless a header declares one of that name. */
export function builtin(name: string): ScalarType | undefined {
  const scalar = builtins.get(name);
  return scalar === undefined ? undefined : { kind: 'scalar', scalar };
}

/** What C calls it: the first name above. */
export function nameInC(scalar: ScalarName): string | undefined {
  return [...builtins].find(([, one]) => one === scalar)?.[0];
}

/** Typedefs whose width is in their name, whatever integer a target makes of them. */
const widths = /^(?:__)?(?:u_?int|int|u|s|le|be)(8|16|32|64)(?:_t)?$/;

function fixedWidth(name: string): ScalarName | undefined {
  const bits = widths.exec(name)?.[1];
  if (!bits) return undefined;
  return (/^(?:__)?(?:s|int)\d/.test(name) ? `i${bits}` : `u${bits}`) as ScalarName;
}

function suggested(typedef: string): ScalarName | undefined {
  if (typedef === 'size_t' || typedef === 'ssize_t' || typedef === 'bool') return typedef;
  return fixedWidth(typedef);
}

/** `u32` for a `__u32` that is one on the target: a typedef's name alone proves nothing. */
export function namedAs(typedef: string, type: Type, target: Target): Type {
  const scalar = suggested(typedef);
  if (!scalar || type.kind !== 'scalar') return type;
  const [wanted, given] = [scalarLayout(scalar, target), scalarLayout(type.scalar, target)];
  const isSame = wanted.size === given.size && wanted.class === given.class;
  return isSame && wanted.align === given.align ? { kind: 'scalar', scalar } : type;
}
