import { type Target, type TargetName, type Type, targets } from '../abi/index.ts';
import { cpp } from '../abi/target.ts';
import type { ImportOptions } from './import-header.ts';
import { loadTypes, sysletTypes, type Types } from './load-types.ts';
import { didYouMean, notThere } from './nearest.ts';
import { UserError } from './user-error.ts';

/** What a command names: `[FILE:]TYPE[@TARGET]`, or a whole FILE. */
export interface Spec {
  readonly file?: string;
  readonly type?: string;
  readonly target?: Target;
}

export function parseSpec(text: string): Spec {
  const [, before = text, name] = /^(.*)@([^@:/]+)$/.exec(text) ?? [];
  const target = name === undefined ? {} : { target: targetNamed(name) };
  if (/\.(?:h|[cm]?[jt]s)$/.test(before)) return { file: before, ...target };
  const at = before.lastIndexOf(':');
  if (at < 0) return { type: before, ...target };
  return { file: before.slice(0, at), type: before.slice(at + 1), ...target };
}

/** A target by its name; `x86_64:c++` is the same with C++'s rules. */
export function targetNamed(name: string): Target {
  const [base = '', language] = name.split(':');
  const known = Object.hasOwn(targets, base) ? targets[base as TargetName] : undefined;
  if (!known || (language !== undefined && language !== 'c++' && language !== 'c')) {
    const names = Object.keys(targets);
    throw new UserError(
      `there is no target «${name}»${didYouMean(base, names)} (targets: ${names.join(', ')})`,
    );
  }
  return language === 'c++' ? (cpp(known) as Target) : known;
}

/** `x86_64`, `generic:c++`. */
export function targetLabel(target: Target): string {
  return target.language === 'c++' ? `${target.name}:c++` : target.name;
}

/** The types of a file, or those of this package where no file is named. */
export function typesOf(
  spec: Spec,
  chosen: readonly Target[],
  options: ImportOptions,
): Promise<Types> | Types {
  return spec.file === undefined ? sysletTypes : loadTypes(spec.file, chosen, options);
}

export async function typeOf(
  spec: Spec,
  chosen: readonly Target[],
  options: ImportOptions,
): Promise<Type> {
  const types = await typesOf(spec, chosen, options);
  const bare = (spec.type ?? '').replace(/^(?:struct|union|enum) /, '');
  const found =
    types.get(bare) ?? [...types.values()].find((one) => 'name' in one && one.name === bare);
  if (found) return found;
  const names = [...types.keys()];
  const hint =
    spec.file === undefined ? '; FILE.ts:TYPE or HEADER.h:TYPE for types of your own' : '';
  throw new UserError(`${notThere(bare, spec.file ?? 'syslets/abi', names)}${hint}`);
}
