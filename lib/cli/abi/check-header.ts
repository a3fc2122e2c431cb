import { type Target, type Type, targets } from '../../abi/index.ts';
import type { Refusal } from '../../abi-tools/ask.ts';
import { type CheckRow, checkTypes, settledOn } from '../../abi-tools/check.ts';
import { type Compiler, clangFile, firstError } from '../../abi-tools/compilers.ts';
import { type Elements, elementsIn } from '../../abi-tools/elements.ts';
import type { HeaderSource } from '../../abi-tools/header-source.ts';
import { withoutKind } from '../../abi-tools/import-header.ts';
import { inOrder } from '../../abi-tools/in-order.ts';
import { includeForQuestions } from '../../abi-tools/include-line.ts';
import {
  type LoadedHeader,
  loadHeader,
  loadTypes,
  type Types,
} from '../../abi-tools/load-types.ts';
import { type NameInHeader, namesFor, namesInHeader } from '../../abi-tools/names-in-header.ts';
import { noTypesIn, notThere } from '../../abi-tools/nearest.ts';
import { type PairSide, sharedName } from '../../abi-tools/pair-types.ts';
import { HeaderError, sourceFlags } from '../../abi-tools/read-header.ts';
import { picked, pickFrom, targetLabel } from '../../abi-tools/spec.ts';
import { isBinary } from '../../debug-info/binary-file.ts';
import { UserError } from '../../user-error.ts';
import type { CheckOptions } from './check.ts';
import { importOptions } from './options.ts';

/** The targets for which a header can be read: nobody has one of `generic`. */
export function targetsOfHeaders(): readonly Target[] {
  return Object.values(targets).filter(({ name }) => name !== 'generic');
}

/** The header's own declarations, against the file's definitions or against what import makes of them. */
export async function checkHeader(
  file: string | undefined,
  header: string,
  chosen: readonly Target[],
  options: CheckOptions,
): Promise<CheckRow[]> {
  const check = new HeaderCheck(file, header, options);
  const rowsOf = async (target: Target) => {
    try {
      return await check.on(target);
    } catch (error) {
      if (!(error instanceof HeaderError) || chosen.length === 1) throw error;
      return [notRead(target, error)];
    }
  };
  const rows = await inOrder(chosen.map(rowsOf));
  check.requireShared();
  return rows.flat();
}

function notRead(target: Target, { message, remedies }: HeaderError): CheckRow {
  const lists = { differences: [], refusals: [], unchecked: [], uncompared: [] };
  const none = { types: 0, answers: 0, ...lists };
  const where = { target: targetLabel(target), compiler: clangFile(), isUnread: true as const };
  const reason = [firstError(message), ...remedies].join('; ');
  return { ...where, status: 'not checked', reason, ...none };
}

class HeaderCheck {
  readonly #file: string | undefined;
  readonly #header: string;
  readonly #options: CheckOptions;
  /** Names in the file, and whether the header has them on some target. */
  readonly #seen = new Map<string, boolean>();

  constructor(file: string | undefined, header: string, options: CheckOptions) {
    this.#file = file;
    this.#header = header;
    this.#options = options;
  }

  async on(target: Target): Promise<CheckRow[]> {
    return this.#file === undefined ? this.#imported(target) : this.#defined(this.#file, target);
  }

  /** What import makes of the header. */
  async #imported(target: Target): Promise<CheckRow[]> {
    const { struct } = this.#options;
    const only = struct === undefined ? {} : { only: [struct] };
    const options = { ...importOptions(this.#options), ...only };
    const loaded = await loadHeader(this.#header, [target], options);
    const { types, namesInC, failures, declared } = loaded;
    if (struct !== undefined && types.size + failures.size === 0)
      throw new UserError(notThere(struct, this.#header, declared.map(withoutKind)));
    if (types.size + failures.size === 0) {
      const remedy = 'check one with --struct NAME, or the header that declares them';
      throw new HeaderError(noTypesIn(this.#header, declared.length, remedy));
    }
    const chosen = struct === undefined ? types : new Map([pickFrom(loaded, struct, this.#header)]);
    const source = this.#source(loaded, (key) => namesInC.get(key) ?? key);
    const header = { ...source, declared: inC(loaded), isImported: true };
    return checkTypes(chosen, [target], header, refusalsIn(failures));
  }

  /** The definitions of a file, under the names that the header has for them. */
  async #defined(file: string, target: Target): Promise<CheckRow[]> {
    const options = importOptions(this.#options);
    const { struct } = this.#options;
    const { types: given, leftOut } = isBinary(file)
      ? await this.#ofBinary(file, target)
      : { types: await loadTypes(file, [target], options), leftOut: [] };
    const chosen =
      struct === undefined ? given : alike({ types: given }, picked(given, struct, file)[0]);
    const defined = [...chosen].flatMap(([key, type]) => namesFor(key, type, target, given));
    const only = [...defined, ...leftOut.map(({ record }) => record)];
    // A compiler is asked about what is defined as it is: `_Atomic` is no part of that.
    const reading = { ...options, only, readsAtomics: true };
    const loaded = await loadHeader(this.#header, [target], reading);
    // A typedef of what is no struct is read where it is asked for alone.
    const read = [...loaded.namesInC.values(), ...loaded.failures.keys()];
    // A program has the typedefs of all that it includes, and no struct is one.
    const isOwn = (type: Type) =>
      !isBinary(file) || type.kind === 'enum' || settledOn(type, target, false) !== undefined;
    const own = [...chosen].filter(([, type]) => isOwn(type));
    const found = namesInHeader(chosen, given, target, [...loaded.declared, ...read]);
    const names = new Map(
      [...found].filter(([key, { name }]) => name === key || isOwn(chosen.get(key) as Type)),
    );
    for (const [key] of own) {
      this.#seen.set(key, this.#seen.get(key) === true || names.has(key));
    }
    if (struct !== undefined && names.size === 0)
      throw new UserError(notThere(struct, this.#header, loaded.declared.map(withoutKind)));
    const shared = sharedOf(chosen, names);
    const missing = own.flatMap(([record, type]) => {
      if (names.has(record) || !settledOn(type, target, true)) return [];
      return [{ record, reason: `${this.#header} does not declare it` }];
    });
    const unread = [...shared.keys()].flatMap((key) => unreadIn(loaded, names.get(key)));
    const { enumerators } = loaded;
    const elements = elementsIn(shared, names, inC(loaded), target);
    const labels = new Map(elements.map(({ key, label }) => [key, label]));
    const labelOf = (key: string) => names.get(key)?.label ?? labels.get(key) ?? key;
    const asked = new Map([...elements.map(({ key, ours }) => [key, ours] as const), ...shared]);
    const source = this.#source(loaded, labelOf);
    const under = underLabels(loaded, names, elements);
    const known = new Set([...loaded.declared, ...read]);
    const isTold = ({ record }: Refusal) => record !== withoutKind(record) || known.has(record);
    const unasked = [...leftOut.filter(isTold), ...missing, ...unread];
    return checkTypes(asked, [target], { ...source, ...under, enumerators }, unasked);
  }

  async #ofBinary(file: string, target: Target): Promise<Definitions> {
    const { struct } = this.#options;
    const only = struct === undefined ? { typedefs: true } : { only: [struct] };
    const loaded = await loadHeader(file, [target], { ...importOptions(this.#options), ...only });
    const leftOut = refusalsIn(loaded.failures);
    if (struct === undefined) return { types: loaded.types, leftOut };
    return { types: alike(loaded, pickFrom(loaded, struct, file)[0]), leftOut };
  }

  #source({ scoped }: LoadedHeader, nameOf: (key: string) => string): HeaderSource {
    const options = importOptions(this.#options);
    const flagsFor = (target: Target, compiler: Compiler) => sourceFlags(options, target, compiler);
    const hasAligns = this.#file === undefined || !isBinary(this.#file);
    const prelude = includeForQuestions(this.#header);
    return { prelude, flagsFor, nameOf, scoped, hasAligns };
  }

  /** A file that has nothing to do with the header is a mistake. */
  requireShared(): void {
    const missing = [...this.#seen].flatMap(([name, isThere]) => (isThere ? [] : [name]));
    if (missing.length === 0 || missing.length < this.#seen.size) return;
    const names = someOf(missing);
    throw new UserError(`${this.#header} declares none of the types of ${this.#file} (${names})`);
  }
}

/** A header's types by their names in C. */
function inC({ types, namesInC }: LoadedHeader): Types {
  return new Map([...types].map(([key, type]) => [namesInC.get(key) ?? key, type]));
}

/** The header's own, of each label: how C++ reaches it, and all that it has. */
function underLabels(
  loaded: LoadedHeader,
  names: ReadonlyMap<string, NameInHeader>,
  elements: readonly Elements[],
): Pick<HeaderSource, 'scoped' | 'declared'> {
  const own = inC(loaded);
  const scoped = new Map(loaded.scoped);
  const declared = new Map(own);
  for (const { name, label } of names.values()) {
    const type = own.get(name);
    if (type) declared.set(label, type);
    if (label !== name) scoped.set(label, loaded.scoped.get(name) ?? name);
  }
  for (const { label, theirs, spelled } of elements) {
    declared.set(label, theirs);
    scoped.set(label, spelled);
  }
  return { scoped, declared };
}

/** What the header declares, each once: a type can be exported under several names. */
function sharedOf(chosen: Types, names: ReadonlyMap<string, NameInHeader>): Types {
  const labels = new Set<string>();
  const shared = [...chosen].filter(([key]) => {
    const label = names.get(key)?.label;
    if (label === undefined || labels.has(label)) return false;
    return labels.add(label);
  });
  return new Map(shared);
}

/** The type of that key, and the others of its name in the same program. */
function alike({ types, namesInC, namesakes }: PairSide, key: string): Types {
  const nameOf = (one: string) => namesInC?.get(one) ?? one;
  const others = [...types].filter(
    ([one, type]) => one === key || sharedName(nameOf(one), type, namesakes) === nameOf(key),
  );
  return new Map(others);
}

/** Of a type that import leaves out only what is defined can be asked. */
function unreadIn({ failures }: LoadedHeader, named: NameInHeader | undefined): Refusal[] {
  const reason = failures.get(named?.name ?? '');
  return named === undefined || reason === undefined
    ? []
    : [{ record: named.label, reason: `whether a member is left out (${reason})` }];
}

export interface Definitions {
  readonly types: Types;
  readonly leftOut: readonly Refusal[];
}

export function refusalsIn(failures: ReadonlyMap<string, string>): Refusal[] {
  return [...failures].map(([record, reason]) => ({ record, reason }));
}

const mostNames = 12;

function someOf(names: readonly string[]): string {
  const rest = names.length - mostNames;
  const shown = names.slice(0, mostNames).join(', ');
  return rest > 0 ? `${shown}, … (${rest} more)` : shown;
}
