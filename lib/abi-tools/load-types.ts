import { existsSync } from 'node:fs';
import type { Target, Type } from '../abi/index.ts';
import * as abi from '../abi/index.ts';
import { loadModule } from '../load/load-module.ts';
import { type ImportOptions, importFor } from './import-header.ts';
import { mergeImports } from './merge.ts';
import { UserError } from './user-error.ts';

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
  ['syslet_call', abi.syslet_call],
]);

/** Loads the definitions of a header (`.h`) or of a TypeScript or JavaScript module. */
export async function loadTypes(
  file: string,
  targets: readonly Target[],
  options: ImportOptions = {},
): Promise<Types> {
  if (!existsSync(file)) throw new UserError(`there is no file «${file}»`);
  return file.endsWith('.h') ? headerTypes(file, targets, options) : moduleTypes(file);
}

async function headerTypes(file: string, targets: readonly Target[], options: ImportOptions) {
  const imports = [];
  for (const target of targets) imports.push(await importFor(file, target, options));
  const { types } = mergeImports(imports);
  return new Map(
    [...types].map(([name, type]) => [name.replace(/^(?:struct|union|enum) /, ''), type]),
  );
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
]);

function isType(value: unknown): value is Type {
  return (
    typeof value === 'object' &&
    value !== null &&
    kinds.has((value as { kind?: string }).kind ?? '')
  );
}
