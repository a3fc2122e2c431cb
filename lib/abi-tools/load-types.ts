import { existsSync } from 'node:fs';
import type { Target, Type } from '../abi/index.ts';
import * as abi from '../abi/index.ts';
import { isBinary, notRegular } from '../debug-info/binary-file.ts';
import { loadModule } from '../load/load-module.ts';
import { UserError } from '../user-error.ts';
import { importEach } from './import-each.ts';
import {
  type Constants,
  type Docs,
  type ImportOptions,
  nothing,
  type Partly,
  type TargetImport,
  withoutKind,
} from './import-header.ts';
import { mergeImports } from './merge.ts';
import type { ScopedNames } from './scoped-names.ts';

/** Types by name: those of a module's exports, of a header, or of this package. */
export type Types = ReadonlyMap<string, Type>;

/** The structs of syslets v7 and our own. */
export const sysletTypes: Types = new Map<string, Type>([
  ['syslet_frame', abi.syslet_frame],
  ['syslet_args', abi.syslet_args],
  ['syslet_completion', abi.syslet_completion],
  ['syslet_ring', abi.syslet_ring],
  ['indirect_registers', abi.indirect_registers],
  ['indirect_registers32', abi.indirect_registers32],
  ['indirect_params', abi.indirect_params],
  ['syslet_result_place', abi.syslet_result_place],
  ['indirect_params_placed', abi.indirect_params_placed],
  ['syslet_call', abi.syslet_call],
]);

/** Loads the definitions of a header (`.h`), a binary, or a TypeScript or JavaScript module. */
export async function loadTypes(
  file: string,
  targets: readonly Target[],
  options: ImportOptions = {},
): Promise<Types> {
  if (isHeader(file) || isBinary(file)) return (await loadHeader(file, targets, options)).types;
  requireFile(file);
  if (!/\.[cm]?[jt]sx?$/.test(file)) {
    throw new UserError(
      `${file} is no header (.h), no binary with debug information, and no definitions (.ts, .js); of a source of C or C++ name the object that it compiles to with -g`,
    );
  }
  const types = await moduleTypes(file);
  if (types.size === 0)
    throw new UserError(
      `${file} exports no type: expected what struct(), union() or enumeration() of syslets/abi give`,
    );
  return types;
}

/** Those of C++ are read as C, too: many a library's are both. */
const headerName = /\.(?:h|hh|hpp|hxx|h\+\+)$/;

export function isHeader(file: string): boolean {
  return headerName.test(file);
}

/** A header's or a binary's types by the names that one asks for, without `struct` where that is clear. */
export interface LoadedHeader {
  readonly types: Types;
  /** By the same names, those in C. */
  readonly namesInC: ReadonlyMap<string, string>;
  /** By the names in C, why a type was left out. */
  readonly failures: ReadonlyMap<string, string>;
  /** By the names in C, what stands beside a type; of several of one name in a binary, their units. */
  readonly docs: Docs;
  /** By the names in C that further types of one name got, that name: `struct x` of `struct x__2`. */
  readonly namesakes: ReadonlyMap<string, string>;
  /** Of a binary: the names in C of types whose alignment it does not tell. */
  readonly guessed: readonly string[];
  /** Of a header: by the names in C, why GCC lays a type out otherwise than clang. */
  readonly disputed: ReadonlyMap<string, string>;
  /** The names in C of what the header and those that it includes declare. */
  readonly declared: readonly string[];
  /** Enumerators of enumerations without a name. */
  readonly constants: Constants;
  /** The names of all enumerators: what else the header calls so is a macro. */
  readonly enumerators: ReadonlySet<string>;
  /** What no type of the others has in it, for the first of the targets. */
  readonly behind: Partly;
  /** By the names in C, how C++ reaches types that are declared inside another. */
  readonly scoped: ScopedNames;
}

export async function loadHeader(
  file: string,
  targets: readonly Target[],
  options: ImportOptions = {},
): Promise<LoadedHeader> {
  // A header may be one that the compiler finds.
  if (!isHeader(file)) requireFile(file);
  const imports = await importEach(file, targets, options);
  const { types: merged, failures } = mergeImports(imports);
  const types = new Map<string, Type>();
  const namesInC = new Map<string, string>();
  for (const [name, type] of merged) {
    // C's own reading of a plain name goes first: a typedef's.
    const key =
      withoutKind(name) !== name && merged.has(withoutKind(name)) ? name : withoutKind(name);
    types.set(key, type);
    namesInC.set(key, name);
  }
  const declared = [...new Set(imports.flatMap((one) => one.declared))];
  const constants = new Map(imports.flatMap((one) => [...one.constants]));
  const scoped = new Map(imports.flatMap((one) => [...one.scoped]));
  const enumerators = new Set(imports.flatMap((one) => [...one.enumerators]));
  const behind = imports[0]?.behind ?? nothing;
  const docs = imports[0]?.docs ?? new Map();
  const namesakes = new Map(imports.flatMap((one) => [...(one.namesakes ?? [])]));
  const guessed = imports.flatMap((one) => one.guessed ?? []);
  const disputed = disputedIn(imports);
  const names = { namesInC, namesakes, guessed, disputed, declared, enumerators, scoped };
  return { types, failures, docs, constants, behind, ...names };
}

/** Of all targets. */
export function disputedIn(imports: readonly TargetImport[]): ReadonlyMap<string, string> {
  return new Map(imports.flatMap((one) => [...(one.disputed ?? [])]));
}

function requireFile(file: string): void {
  if (!existsSync(file)) throw new UserError(`there is no file '${file}'`);
  const fault = notRegular(file);
  if (fault) throw new UserError(fault);
}

async function moduleTypes(file: string): Promise<Types> {
  const loaded = await imported(loadModule(file), file);
  return new Map(
    Object.entries(loaded).flatMap(([name, value]) => (isType(value) ? [[name, value]] : [])),
  );
}

async function imported(loading: Promise<unknown>, file: string): Promise<object> {
  try {
    return (await loading) as object;
  } catch (error) {
    throw new UserError(`${file} could not be loaded: ${(error as Error).message}`);
  }
}

const kinds = new Set([
  'struct',
  'union',
  'variant',
  'array',
  'flexible',
  'aligned',
  'enum',
  'scalar',
  'pointer',
]);

function isType(value: unknown): value is Type {
  return (
    typeof value === 'object' &&
    value !== null &&
    kinds.has((value as { kind?: string }).kind ?? '')
  );
}
