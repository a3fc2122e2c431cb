import { existsSync, statSync } from 'node:fs';
import { type Target, type TargetName, type Type, targets } from '../abi/index.ts';
import { cpp } from '../abi/target.ts';
import { isBinary } from '../debug-info/binary-file.ts';
import { UserError } from '../user-error.ts';
import { otherTypes } from './import-binary.ts';
import {
  type Constants,
  type Docs,
  type ImportOptions,
  nothing,
  type Partly,
  withoutKind,
} from './import-header.ts';
import {
  isHeader,
  type LoadedHeader,
  loadHeader,
  loadTypes,
  sysletTypes,
  type Types,
} from './load-types.ts';
import { didYouMean, firstOf, notThere } from './nearest.ts';

/** What a command names: `[FILE:]TYPE[@TARGET]`, or a whole FILE. */
export interface Spec {
  readonly file?: string;
  readonly type?: string;
  readonly target?: Target;
}

export function parseSpec(text: string): Spec {
  const [before, name] = targetIn(text);
  const target = name === undefined ? {} : { target: targetNamed(name) };
  if (isHeader(before) || /\.[cm]?[jt]s$/.test(before) || isBinary(before))
    return { file: before, ...target };
  // No type has a dot in its name: what else the file is, is said where it is read.
  if (before.includes('.') && isFile(before)) return { file: before, ...target };
  const at = fileEnd(before);
  if (at < 0) return { type: before, ...target };
  return { file: before.slice(0, at), type: before.slice(at + 1), ...target };
}

/** What stands before `@TARGET`, and the target's name, where there is one. */
function targetIn(text: string): readonly [before: string, name?: string] {
  if (isFile(text)) return [text];
  const [, before = text, name, base = '', language] = withTarget.exec(text) ?? [];
  // A type can be called `c`, as in `lib@2.h:c`.
  const isType = language === 'c' && !Object.hasOwn(targets, base);
  return name === undefined || isType ? [text] : [before, name];
}

const withTarget = /^(.*)@(([^@:/]+)(?::(c|c\+\+))?)$/i;

function isFile(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isFile() === true;
}

/** Where the file's name ends: names of C++ have colons, too. */
function fileEnd(text: string): number {
  const ends = [...text.matchAll(/:/g)].map(({ index }) => index);
  return ends.find((at) => existsSync(text.slice(0, at))) ?? ends.at(-1) ?? -1;
}

/** A target by its name; `x86_64:c++` is the same with C++'s rules. */
export function targetNamed(name: string): Target {
  const [one, ...more] = targetsNamed(name);
  if (one && more.length === 0) return one;
  throw new UserError(`'${name}' is more than one target: name those with --target`);
}

/** The same, or all for `all` and `all:c++`. */
export function targetsNamed(name: string): readonly Target[] {
  const [base = '', ...languages] = name.split(':');
  const known = Object.hasOwn(targets, base) ? [targets[base as TargetName]] : undefined;
  const found = base === 'all' ? Object.values(targets) : known;
  if (!found) throw new UserError(noTarget(name, base));
  const language = languages.join(':');
  if (languages.length === 0 || language === 'c') return found;
  if (language === 'c++') return found.map((one) => cpp(one) as Target);
  throw new UserError(
    `'${name}' names the language '${language}', expected ${base}:c++ for the rules of C++, or ${base} alone`,
  );
}

function noTarget(name: string, base: string): string {
  const names = Object.keys(targets);
  const list = `(targets: ${names.join(', ')}; all for all)`;
  if (base === '') return `a target has no name: expected one, or several with commas ${list}`;
  return `there is no target '${name}'${didYouMean(base, [...names, 'all'])} ${list}`;
}

/** `x86_64`, `generic:c++`. */
export function targetLabel(target: Target): string {
  return target.language === 'c++' ? `${target.name}:c++` : target.name;
}

/** All types of a file, and what of it is none or could not be read. */
export interface Declared {
  readonly types: Types;
  readonly constants: Constants;
  /** What no type of the others has in it. */
  readonly behind: Partly;
  /** By the names in C, why a type was left out. */
  readonly failures: ReadonlyMap<string, string>;
  /** Of headers and binaries: the names in C of their types, and of all that they declare. */
  readonly namesInC?: ReadonlyMap<string, string>;
  readonly declared?: readonly string[];
  /** The names of all enumerators that a header and those that it includes declare. */
  readonly enumerators?: ReadonlySet<string>;
  readonly namesakes?: ReadonlyMap<string, string>;
  readonly docs?: Docs;
}

export async function declaredIn(
  spec: Spec,
  chosen: readonly Target[],
  options: ImportOptions,
): Promise<Declared> {
  const { file } = spec;
  if (file !== undefined && (isHeader(file) || isBinary(file))) {
    return loadHeader(file, chosen, options);
  }
  const none = { constants: new Map(), failures: new Map(), behind: nothing };
  return { types: await typesOf(spec, chosen, options), ...none };
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
  const wanted = spec.type ?? '';
  if (spec.file !== undefined && (isHeader(spec.file) || isBinary(spec.file))) {
    return typeInC(spec.file, wanted, chosen, options);
  }
  const types = await typesOf(spec, chosen, options);
  const bare = withoutKind(wanted);
  const found =
    types.get(bare) ?? [...types.values()].find((one) => 'name' in one && one.name === bare);
  if (found) return found;
  const names = [...types.keys()];
  const hint =
    spec.file === undefined
      ? '; FILE.ts:TYPE, HEADER.h:TYPE or BINARY:TYPE for types of your own'
      : '';
  throw new UserError(`${notThere(bare, spec.file ?? 'syslets/abi', names)}${hint}`);
}

/** A type of a header, of one that it includes, or of a binary. */
async function typeInC(
  file: string,
  wanted: string,
  chosen: readonly Target[],
  options: ImportOptions,
): Promise<Type> {
  const header = await loadHeader(file, chosen, { ...options, only: [wanted] });
  const found = pickFrom(header, wanted, file);
  const several = namesakesOf(header, found[0], file);
  if (several !== '') options.onDoubt?.(several);
  const doubt = guessedIn(header.guessed, file, [header.namesInC.get(found[0]) ?? found[0]]);
  if (doubt !== '') options.onDoubt?.(doubt);
  const name = header.namesInC.get(found[0]) ?? found[0];
  const dispute = header.disputed.get(name);
  if (dispute !== undefined) options.onDoubt?.(disputeText(name, dispute));
  if (found[1].kind !== 'pointer') return found[1];
  throw new UserError(`'${wanted}' is a pointer, expected what it points to: ${found[1].to}`);
}

const mostNames = 6;

/** That a binary does not tell the alignment of some of the types that are asked for; else ''. */
export function guessedIn(
  guessed: readonly string[],
  file: string,
  asked: readonly string[] = guessed,
): string {
  const names = guessed.filter((name) => asked.includes(name));
  if (names.length === 0) return '';
  return `${file} does not tell the alignment of ${firstOf(names, mostNames)}: it may be another than what places and size ask for`;
}

/** That a definition is as clang has it, and GCC does not. */
export function disputeText(name: string, reason: string): string {
  return `${name}: GCC lays it out otherwise than clang, whose layout this is: ${reason}`;
}

/** Of the first of several types of one name, which ones there are: each but the first has a name of ours. */
function namesakesOf(
  { types, namesInC, namesakes, docs, failures }: LoadedHeader,
  key: string,
  file: string,
) {
  const name = namesInC.get(key) ?? key;
  const all = [...types.keys()].filter((one) => {
    const own = namesInC.get(one) ?? one;
    return own === name || namesakes.get(own) === name;
  });
  const unread = failures.get(name);
  if (all.length < 2 && unread !== undefined && isBinary(file))
    return `another type of ${file} called '${name}' cannot be read: ${unread}`;
  if (all.length < 2) return '';
  const list = all.map((one) => {
    const unit = /^Of (.*)\.$/.exec(docs.get(namesInC.get(one) ?? one) ?? '')?.[1];
    return unit === undefined ? one : `${one} (of ${unit})`;
  });
  return `${file} has ${all.length} types called '${name}': ${list.join(', ')}; this is ${key}, name another as ${file}:${all[1]}`;
}

/** A type of a header by the name that the user gave, with the name in C. */
export function pickFrom(header: LoadedHeader, wanted: string, file: string): [string, Type] {
  const { types, namesInC, failures, declared } = header;
  for (const [key, type] of types) {
    if (key === wanted || namesInC.get(key) === wanted) return [key, type];
  }
  for (const [name, reason] of failures) {
    if (name !== wanted && withoutKind(name) !== wanted) continue;
    throw new UserError(`'${wanted}' of ${file} cannot be imported: ${reason}`);
  }
  const value = header.constants.get(wanted);
  if (value !== undefined) {
    const what = `'${wanted}' of ${file} is an enumerator, ${value}`;
    throw new UserError(`${what}; its enumeration has no name, and so is no type`);
  }
  const missing = failures.get(otherTypes);
  const why = missing === undefined ? '' : `; ${missing}`;
  throw new UserError(`${notThere(wanted, file, [...new Set(declared.map(withoutKind))])}${why}`);
}

/** A type of a file by the name that the user gave. */
export function picked(types: Types, wanted: string, where: string): [string, Type] {
  const bare = withoutKind(wanted);
  const key = types.has(wanted) ? wanted : bare;
  const found = types.get(key);
  if (found) return [key, found];
  const tagged = [...types].find(([, one]) => 'name' in one && one.name === bare);
  if (tagged) return tagged;
  throw new UserError(notThere(key, where, [...types.keys()]));
}
