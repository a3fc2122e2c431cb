import { resolve } from 'node:path';
import type { Target, Type } from '../abi/index.ts';
import type { DebugFormat } from '../debug-info/debug-type.ts';
import type { CHeader, CRecord } from './c-model.ts';
import { parseCType } from './c-type.ts';
import { containedIn } from './contained.ts';
import { ConvertError, Converter } from './convert.ts';
import { importBehind } from './import-behind.ts';
import { keysOf } from './keys.ts';
import { locateHeader } from './locate-header.ts';
import { unproven, unprovenConstants } from './prove.ts';
import { HeaderError, type HeaderOptions, readHeader } from './read-header.ts';
import { type ScopedNames, scopedNames } from './scoped-names.ts';

/** One target's definitions of a header's types. */
export interface TargetImport {
  readonly target: Target;
  /** By the name in C: `struct x`, and typedefs' of structs, unions and enumerations. */
  readonly types: ReadonlyMap<string, Type>;
  readonly docs: Docs;
  /** By the name in C, why a type was left out. */
  readonly failures: ReadonlyMap<string, string>;
  /** The name of a type that other definitions refer to; a typedef's only if it has no tag. */
  readonly nameOf: (type: Type) => string | undefined;
  /** Of a binary: by the name that a further type of one name got, that name. */
  readonly namesakes?: ReadonlyMap<string, string>;
  /** Of a binary: the names in C of types whose alignment it does not tell. */
  readonly guessed?: readonly string[];
  /** Of a header: by the name in C, why GCC lays a type out otherwise than clang. */
  readonly disputed?: ReadonlyMap<string, string>;
  /** What the header and those that it includes declare, imported or not. */
  readonly declared: readonly string[];
  /** Enumerators of enumerations without any name: C has them as constants, and no type. */
  readonly constants: Constants;
  /** The names of all enumerators that the header and those that it includes declare. */
  readonly enumerators: ReadonlySet<string>;
  /** With `behind`, what no type of the others has in it, by what leads to it. */
  readonly behind: Partly;
  /** How C++ reaches types that are declared inside another; empty for C. */
  readonly scoped: ScopedNames;
}

/** Types by name, and why others were left out. */
export interface Partly {
  readonly types: ReadonlyMap<string, Type>;
  readonly failures: ReadonlyMap<string, string>;
}

export const nothing: Partly = { types: new Map(), failures: new Map() };

/** Enumerators by name. */
export type Constants = ReadonlyMap<string, bigint>;

/** Comments: of a type by its name in C, of a member by `name.member`. */
export type Docs = ReadonlyMap<string, string>;

export interface ImportOptions extends HeaderOptions {
  /** Types of included headers too, not only those of the file itself and what they use. */
  readonly all?: boolean;
  /** Only the types of these names (`x` or `struct x`) and what they use, wherever they stand. */
  readonly only?: readonly string[];
  /** Types that have no name too, where a pointer leads to them, and typedefs of what is no struct. */
  readonly behind?: boolean;
  /** Of a binary, typedefs of scalars, pointers and arrays among the types; a header's are read where `only` names them. */
  readonly typedefs?: boolean;
  /** Which debug information of a binary is read, where it has both kinds. */
  readonly format?: DebugFormat;
  /** Told of a target for which the header cannot be read, where there are others. */
  readonly onSkipped?: (target: Target, reason: string) => void;
  /** Told of what the file leaves open of the type asked for. */
  readonly onDoubt?: (message: string) => void;
}

/** Reads a header for one target, converts what stands in it and has the compiler prove it. */
export async function importFor(
  named: string,
  target: Target,
  options: ImportOptions = {},
): Promise<TargetImport> {
  const file = await locateHeader(named, target.name, options);
  checkName(file, target);
  const header = await readHeader(file, target.name, options);
  const converter = new Converter(header, target, options);
  const failures = new Map<string, string>();
  const found = new Map<string, Type>();
  for (const { name, convert } of declarations(header, converter, options.only)) {
    if (!isWanted(name, header, resolve(file), options)) continue;
    attempt(name, convert, found, failures);
  }
  // Also types of other headers, where those of this one contain them.
  for (const [type, name] of converter.names) found.set(name, type);
  // A typedef that is but another name needs no answer of its own.
  const own = [...found].filter(([name, type]) => converter.names.get(type) === name);
  const scoped: ScopedNames = target.language === 'c++' ? scopedNames(header) : new Map();
  const asked = { file, target, options, scoped };
  const reasons = await unproven(asked, new Map(own));
  for (const [name, reason] of refused(found, reasons)) {
    failures.set(name, reason);
    found.delete(name);
  }
  const disputed = new Map(
    own.flatMap(([name, type]) => {
      const why = found.has(name) ? containedIn(type, converter.disputed) : undefined;
      return why === undefined ? [] : [[name, why] as const];
    }),
  );
  const nameOf = (type: Type) => converter.names.get(type);
  const constants = new Map(constantsOf(header, resolve(file), options));
  const lost = await unprovenConstants(asked, constants);
  for (const name of lost.keys()) constants.delete(name);
  const hidden = options.behind ? await importBehind(asked, header, converter) : nothing;
  const behind = options.behind
    ? { ...hidden, failures: new Map([...hidden.failures, ...lost]) }
    : nothing;
  if (!options.behind) for (const [name, reason] of lost) failures.set(name, reason);
  const declared = [...declarations(header, converter)].map(({ name }) => name);
  const docs = docsOf(header);
  return {
    target,
    types: found,
    docs,
    failures,
    nameOf,
    disputed,
    declared,
    constants,
    enumerators: header.enumerators,
    behind,
    scoped,
  };
}

function checkName(file: string, { name, rules }: Target): void {
  if (rules !== 'microsoft' || process.platform === 'win32' || !file.includes('\\')) return;
  throw new HeaderError(
    `'${file}': a backslash is a slash on ${name}, expected a name without one`,
  );
}

/** Those of the header itself, as for types; with `only` of all that it includes. */
function constantsOf(header: CHeader, own: string, { all, only }: ImportOptions): Constants {
  const wanted = [...header.looseEnums].filter(({ file }) => all || only || file === own);
  return new Map(wanted.flatMap(({ values }) => values));
}

function attempt(
  name: string,
  convert: () => Type,
  found: Map<string, Type>,
  failures: Map<string, string>,
): void {
  try {
    found.set(name, convert());
  } catch (error) {
    if (!(error instanceof ConvertError)) throw error;
    failures.set(name, error.message);
  }
}

/** What was not proven, and what contains it. */
function refused(
  types: ReadonlyMap<string, Type>,
  reasons: ReadonlyMap<string, string>,
): Map<string, string> {
  const bad = new Map<Type, string>();
  for (const [name, reason] of reasons) bad.set(types.get(name) as Type, `${name}: ${reason}`);
  const all = new Map(reasons);
  if (bad.size === 0) return all;
  for (const [name, type] of types) {
    const inner = all.has(name) ? undefined : containedIn(type, bad);
    if (inner) all.set(name, inner);
  }
  return all;
}

interface Declaration {
  /** The name in C. */
  readonly name: string;
  readonly convert: () => Type;
}

/** Structs, unions and enumerations with a tag, then the typedefs of such. */
function* declarations(
  header: CHeader,
  converter: Converter,
  only: readonly string[] = [],
): Generator<Declaration> {
  for (const [name, record] of header.records) {
    yield { name, convert: () => converter.record(record) };
  }
  for (const [tag, found] of header.enums) {
    yield { name: `enum ${tag}`, convert: () => converter.enumeration(found) };
  }
  for (const name of header.typedefs.keys()) {
    if (only.includes(name) || isOfTag(header, name))
      yield { name, convert: () => converter.typedef(name) };
  }
}

/** Whether a typedef names a struct, a union or an enumeration, and does so under another name. */
function isOfTag(header: CHeader, name: string): boolean {
  const found = header.typedefs.get(name);
  if (!found) return false;
  const { base, isPointer, lengths } = parseCType(found.type);
  if (isPointer || lengths.length > 0) return false;
  if (found.inline) return true;
  if (header.typedefs.has(base)) return isOfTag(header, base);
  const isTag = header.records.has(base) || header.enums.has(base.replace(/^enum /, ''));
  return isTag && (base.split(' ').at(-1) !== name || found.aligns.length > 0);
}

function isWanted(
  name: string,
  header: CHeader,
  own: string,
  { all, only }: ImportOptions,
): boolean {
  const tag = withoutKind(name);
  if (only) return only.includes(name) || only.includes(tag);
  const found =
    name === tag ? header.typedefs.get(name) : (header.records.get(name) ?? header.enums.get(tag));
  return all === true || found?.file === own;
}

/** `x` of `struct x`. */
export function withoutKind(name: string): string {
  return name.replace(/^(?:struct|union|enum) /, '');
}

function docsOf(header: CHeader): Docs {
  const docs = new Map<string, string>();
  for (const [name, record] of header.records) addDocs(docs, name, record);
  for (const { name, inline } of header.typedefs.values()) {
    if (inline?.kind === 'enum') docs.set(name, inline.doc);
    else if (inline) addDocs(docs, name, inline);
  }
  for (const { tag, doc } of header.enums.values()) if (doc) docs.set(`enum ${tag}`, doc);
  return docs;
}

function addDocs(docs: Map<string, string>, name: string, record: CRecord): void {
  if (record.doc) docs.set(name, record.doc);
  const keys = keysOf(record.members);
  record.members.forEach((member, index) => {
    const path = `${name}.${keys[index]}`;
    if (member.doc) docs.set(path, member.doc);
    if (member.inline && member.inline.kind !== 'enum') addDocs(docs, path, member.inline);
  });
}
