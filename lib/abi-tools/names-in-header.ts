import * as abi from '../abi/index.ts';
import { resolveMaybe, type Target, type Type } from '../abi/index.ts';
import { withoutKind } from './import-header.ts';
import { keywordsOfTypeScript } from './keywords.ts';
import type { Types } from './load-types.ts';

/** What a header calls a type of a definition file or a binary. */
export interface NameInHeader {
  /** `struct x`, or a typedef's name. */
  readonly name: string;
  /** The same; of several types under one name, each with the key that tells it apart. */
  readonly label: string;
}

/**
 * Those of `types` that a header declares, by their keys; `all` are those of their file. A type's own
 * tag goes before the name that it is exported under: import exports `struct Object` as `Object_`,
 * and a second type of a program as `x__2`.
 */
export function namesInHeader(
  types: Types,
  all: Types,
  target: Target,
  declared: readonly string[],
): ReadonlyMap<string, NameInHeader> {
  const known = declaredBy(declared);
  const found = new Map<string, NameInHeader>();
  const first = new Map<string, Type>();
  for (const [key, type] of types) {
    const name = namesFor(key, type, target, all).flatMap((one) => known.get(one) ?? [])[0];
    if (name === undefined) continue;
    const other = first.get(name);
    if (other === undefined) first.set(name, type);
    const isOnly = other === undefined || other === type;
    found.set(key, { name, label: isOnly ? name : `${name} (${key})` });
  }
  return found;
}

/** What a header may call a type, from the likeliest on. */
export function namesFor(key: string, type: Type, target: Target, types: Types): string[] {
  const settled = resolveMaybe(type, target);
  const tag = settled && 'name' in settled ? settled.name : '';
  return tag === '' ? [key, ...unsuffixed(key, types)] : [`${settled?.kind} ${tag}`, key, tag];
}

/** Of a key that import made up: `x_`, `x_3` where `x` was taken, `x__2` for a program's second. */
function unsuffixed(key: string, types: Types): string[] {
  const name = key.replace(/(?:__\d+|_\d*)$/, '');
  const isTaken = types.has(name) || keywordsOfTypeScript.has(name) || Object.hasOwn(abi, name);
  return name !== key && isTaken ? [name] : [];
}

/** The names in C, and those without `struct`: a plain one is a typedef's where there is one. */
function declaredBy(declared: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const name of declared) {
    const bare = withoutKind(name);
    names.set(name, name);
    if (!names.has(bare)) names.set(bare, name);
  }
  return names;
}
