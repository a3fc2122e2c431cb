import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Target, Type } from '../abi/index.ts';
import { readAll, sectionBytes, withFile } from '../debug-info/binary-file.ts';
import { type Btf, btfOrder, readBtf } from '../debug-info/btf.ts';
import type { DebugFormat, DebugTypes } from '../debug-info/debug-type.ts';
import { type ElfHeader, isElf, type ReadAt, readElfHeader } from '../debug-info/elf-sections.ts';
import { openDwarf } from '../debug-info/open-dwarf.ts';
import { UserError } from '../user-error.ts';
import { behindInDebug } from './behind-debug.ts';
import { constantsInDebug } from './constants-debug.ts';
import { ConvertError } from './convert.ts';
import { DebugConverter } from './debug-convert.ts';
import { type Docs, nothing, type TargetImport, withoutKind } from './import-header.ts';
import { oddLongDouble } from './long-double.ts';
import { targetOfElf } from './machine.ts';
import { namesValue } from './names-value.ts';

/** What a program, a library, an object or the kernel says of its types. */
export interface Binary {
  readonly types: DebugTypes;
  /** The machine that it is for; BTF alone does not tell more than the byte order. */
  readonly target: Target;
  /** Why its long doubles cannot be read. */
  readonly oddLongDouble?: string | undefined;
}

/** The target that a binary is for; of BTF alone that is `host`. */
export function targetOfBinary(file: string, host: Target): Target {
  return withFile(file, (read) => {
    if (!isElf(read(0, 4))) return host;
    const header = readElfHeader(read, file);
    const found = targetOfElf(header);
    if (found) return found;
    throw new UserError(
      `${file} is for ${machineText(header)}, which has no target here: name one with its rules, as FILE:TYPE@TARGET or with -t`,
    );
  });
}

function machineText({ machine, is64, isLittle }: ElfHeader): string {
  const order = isLittle ? 'little' : 'big';
  return `machine ${machine} (as elf.h numbers them; ${is64 ? 64 : 32} bits, ${order}-endian)`;
}

export interface OpenOptions {
  /** Where a file has both; without it DWARF is read, which tells more. */
  readonly format?: DebugFormat;
  readonly onProgress?: (fraction: number) => void;
}

/** Throws UserError where the file is for another target. */
export function openBinary(file: string, target: Target, options: OpenOptions = {}): Binary {
  return withFile(file, (read) =>
    isElf(read(0, 4)) ? openElf(read, file, target, options) : openBtf(read, file, target),
  );
}

function openElf(
  read: ReadAt,
  file: string,
  target: Target,
  { format, onProgress }: OpenOptions,
): Binary {
  const header = readElfHeader(read, file);
  requireTarget(file, header, target);
  const dwarf = format === 'btf' ? undefined : openDwarf(file, onProgress);
  if (dwarf) {
    return { types: dwarf, target, oddLongDouble: oddLongDouble(read, header, file, target) };
  }
  const section = header.sections.find(({ name }) => name === '.BTF');
  if (!section || format === 'dwarf') {
    const isLto = header.sections.some(({ name }) => name.startsWith('.gnu.lto_'));
    throw new UserError(
      `${file} has no ${isLto && format !== 'btf' ? wantedOfLto : wanted(format)}`,
    );
  }
  const bytes = sectionBytes(read, header, section, file);
  return { types: readBtf(bytes, file, baseOfElf(read, header, file)), target };
}

const wantedOfLto =
  'debug information of its own: GCC compiled it for the linker (-flto). Name the program or the library that it is linked into, or compile it with -g -ffat-lto-objects';

function wanted(format: DebugFormat | undefined): string {
  if (format === 'btf') {
    return 'BTF (section .BTF): build it with -g for BPF, or let pahole -J add it';
  }
  const either = format === 'dwarf' ? 'DWARF' : 'debug information (DWARF or BTF)';
  return `${either}, and no separate debug file of it is here: build it with -g, or install the package with its debug files`;
}

/** The layouts in a file are those of its machine, and no other's. */
function requireTarget(file: string, header: ElfHeader, target: Target): void {
  const own = targetOfElf(header);
  const isOwn = own === undefined || own.name === target.name || own.name === 'generic';
  const isAlike =
    header.isLittle === (target.byteOrder === 'little') &&
    header.is64 === (target.pointerSize === 8);
  if (isOwn && isAlike) return;
  const name = own?.name ?? machineText(header);
  throw new UserError(`${file} is for ${name}: it says nothing of ${target.name}`);
}

/** A kernel module's BTF goes on from its kernel's, of which it may carry the part that it uses. */
function baseOfElf(read: ReadAt, header: ElfHeader, file: string): Btf | undefined {
  const named = (wanted: string) => header.sections.find(({ name }) => name === wanted);
  const own = named('.BTF.base');
  if (own) return readBtf(sectionBytes(read, header, own, file), `${file} (.BTF.base)`);
  const info = named('.modinfo');
  if (!info) return undefined;
  const text = sectionBytes(read, header, info, file).toString('latin1');
  const [, kernel = 'another'] = /(?:^|\0)vermagic=(\S+)/.exec(text) ?? [];
  if (kernel === release() && existsSync(kernelFile)) return kernelBtf();
  throw new UserError(
    `${file} is a module of kernel ${kernel}, whose types its BTF goes on from; this is ${release()}${existsSync(kernelFile) ? '' : ' without BTF'}`,
  );
}

const kernelFile = '/sys/kernel/btf/vmlinux';

/** What the BTF of the running kernel's modules goes on from. */
function kernelBtf(): Btf | undefined {
  if (!existsSync(kernelFile)) return undefined;
  return withFile(kernelFile, (read) => readBtf(readAll(read), kernelFile));
}

function openBtf(read: ReadAt, file: string, target: Target): Binary {
  const bytes = readAll(read);
  const order = btfOrder(bytes);
  if (order !== target.byteOrder) {
    throw new UserError(
      `${file} is ${order}-endian, ${target.name} is not: name its target, as FILE:TYPE@TARGET or with -t`,
    );
  }
  const path = resolve(file);
  const isModule = dirname(path) === dirname(kernelFile) && path !== kernelFile;
  const base = isModule ? kernelBtf() : undefined;
  return { types: readBtf(bytes, file, base), target };
}

export interface BinaryOptions {
  /** Only the types of these names (`x` or `struct x`) and what they use. */
  readonly only?: readonly string[];
  /** What has no name, and only pointers lead to; typedefs of scalars, pointers and arrays. */
  readonly behind?: boolean;
  /** Those typedefs among the types themselves. */
  readonly typedefs?: boolean;
}

/** The name in failures of what a file has not. */
export const otherTypes = 'other types';

/** All named types of a binary, or those that are asked for, with what they use. */
export function importBinary(binary: Binary, options: BinaryOptions = {}): TargetImport {
  const { types, target, oddLongDouble } = binary;
  const converter = new DebugConverter(types, target, oddLongDouble);
  const found = new Map<string, Type>();
  const failures = new Map<string, string>();
  const seen = new Map<string, number[]>();
  for (const id of types.named()) {
    const name = nameInC(types, id);
    seen.set(name, [...(seen.get(name) ?? []), id]);
    if (!isWanted(types, id, name, options)) continue;
    try {
      add(found, name, converter.type(id), converter);
    } catch (error) {
      if (!(error instanceof ConvertError)) throw error;
      failures.set(name, error.message);
    }
  }
  for (const [type, name] of converter.names) found.set(name, type);
  for (const reason of types.missing) failures.set(otherTypes, reason);
  const nameOf = (type: Type) => converter.names.get(type);
  const docs = unitDocs(types, seen, converter);
  const declared = [...seen.keys()];
  const none = { enumerators: new Set<string>(), scoped: new Map() };
  const { namesakes } = converter;
  const guessed = [...found].flatMap(([name, type]) => (converter.guessed.has(type) ? [name] : []));
  const told = { target, types: found, docs, failures, nameOf, declared, namesakes, guessed };
  const read = { ...told, ...none };
  if (!options.behind) return { ...read, behind: nothing, constants: new Map() };
  const behind = behindInDebug(types, converter);
  const all = [...found.values(), ...behind.types.values()];
  const loose = constantsInDebug(types, all, target);
  const whyNot = new Map([...behind.failures, ...loose.failures]);
  return { ...read, behind: { ...behind, failures: whyNot }, constants: loose.constants };
}

function isWanted(
  types: DebugTypes,
  id: number,
  name: string,
  { only, typedefs = false }: BinaryOptions,
): boolean {
  if (!only) return holdsRecord(types, id) || (typedefs && namesValue(types, id));
  // `x__2` is the second of several that are named `x`.
  const wanted = only.flatMap((one) => [one, one.replace(/__\d+$/, '')]);
  return wanted.includes(name) || wanted.includes(withoutKind(name));
}

/** Of several types of one name, the units that they are from. */
function unitDocs(
  types: DebugTypes,
  seen: ReadonlyMap<string, readonly number[]>,
  converter: DebugConverter,
): Docs {
  const docs = new Map<string, string>();
  for (const ids of seen.values()) {
    const names = ids.map((id) => converter.nameOf(id));
    if (new Set(names).size === 1) continue;
    for (const [at, id] of ids.entries()) {
      const name = names[at];
      const unit = types.unitOf(id);
      if (name !== undefined && unit !== '') docs.set(name, `Of ${unit}.`);
    }
  }
  return docs;
}

function nameInC(types: DebugTypes, id: number): string {
  const one = types.typeOf(id);
  if (!('name' in one)) return '';
  return one.kind === 'typedef' ? one.name : `${one.kind} ${one.name}`;
}

const maxDepth = 256;

/** A typedef of something else is a name that nothing needs: members have what it names. */
function holdsRecord(types: DebugTypes, id: number, depth = 0): boolean {
  const one = types.typeOf(id);
  // Only in a damaged file does a chain come back to itself.
  if (one.kind === 'typedef' || one.kind === 'qualifier') {
    return depth < maxDepth && holdsRecord(types, one.to, depth + 1);
  }
  return one.kind === 'struct' || one.kind === 'union' || one.kind === 'enum';
}

function add(found: Map<string, Type>, name: string, type: Type, converter: DebugConverter): void {
  const primary = converter.names.get(type);
  if (primary !== undefined && withoutKind(primary) === name) return;
  let unique = name;
  for (let count = 2; found.has(unique) && found.get(unique) !== type; count++) {
    unique = `${name}__${count}`;
  }
  if (unique !== name) converter.namesakes.set(unique, name);
  found.set(unique, type);
}
