import { resolve } from 'node:path';
import type { Target, Type } from '../abi/index.ts';
import { enumScalar } from '../abi/scalar-layout.ts';
import { behindIn } from './behind.ts';
import type { CHeader, CTypedef } from './c-model.ts';
import { parseCType } from './c-type.ts';
import { ConvertError, type Converter } from './convert.ts';
import type { Partly } from './import-header.ts';
import { type Proven, unproven } from './prove.ts';

/**
 * What a header declares beside the types that definitions are made of: structs and unions behind
 * pointers, and typedefs of scalars, pointers and arrays.
 */
export async function importBehind(
  asked: Proven,
  header: CHeader,
  converter: Converter,
): Promise<Partly> {
  const own = resolve(asked.file);
  const isCpp = asked.target.language === 'c++';
  const types = new Map<string, Type>();
  const failures = new Map<string, string>();
  const spelled = new Map<string, string>();
  const add = (name: string, convert: () => Type, expression: string | undefined) => {
    try {
      types.set(name, convert());
      if (expression !== undefined) spelled.set(name, `__typeof__(${expression})`);
    } catch (error) {
      if (!(error instanceof ConvertError)) throw error;
      failures.set(name, error.message);
    }
  };
  for (const { name, record, written, expression } of behindIn(header, (file) => file === own)) {
    if (record.kind !== 'enum') add(name, () => converter.record(record, written), expression);
    // C++ gives its enumerators a scope that has no name.
    else add(name, () => converter.enumeration(record), isCpp ? undefined : expression);
  }
  for (const one of header.typedefs.values()) {
    if (one.file !== own || isOwnType(one) || !mayHaveBytes(one)) continue;
    const name = `typedef ${one.name}`;
    add(name, () => converter.typedef(one.name), undefined);
    // Those of structs without a tag are types of their own.
    if (isTagged(types.get(name))) types.delete(name);
  }
  const reachable = [...types].filter(([name]) => spelled.has(name));
  const reasons = await unproven({ ...asked, scoped: spelled }, new Map(reachable));
  for (const [name, reason] of reasons) {
    types.delete(name);
    failures.set(name, reason);
  }
  return {
    types: new Map([...types].map(([name, type]) => [name, asInteger(type, asked.target)])),
    failures,
  };
}

/** Enumerators are compared each by its own name. */
export function asInteger(type: Type, target: Target): Type {
  return type.kind === 'enum' ? { kind: 'scalar', scalar: enumScalar(type, target) } : type;
}

/** Of a struct, union or enumeration without a tag, which is a type under the typedef's name. */
function isOwnType({ inline, type }: CTypedef): boolean {
  return inline !== undefined && parseCType(type).lengths.length === 0;
}

/** No function, no type that is only announced, no struct that has another name. */
function mayHaveBytes({ desugared }: CTypedef): boolean {
  const { base, isPointer, lengths } = parseCType(desugared);
  if (isPointer || lengths.length > 0) return true;
  return !/^(?:void$|struct |union |enum )/.test(base) && !isFunction.test(base);
}

/** `int (int)`, and neither `_BitInt(17)` nor `_Atomic(int)`. */
const isFunction = / \((?!unnamed|anonymous)/;

function isTagged(type: Type | undefined): boolean {
  const bare = type?.kind === 'aligned' ? type.type : type;
  return bare?.kind === 'struct' || bare?.kind === 'union' || bare?.kind === 'enum';
}
