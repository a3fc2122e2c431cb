import { resolve } from 'node:path';
import { type Target, type Type, targets } from '../../abi/index.ts';
import {
  type CheckRow,
  checkStatus,
  checkTypes,
  type HeaderSource,
} from '../../abi-tools/check.ts';
import { annotations, checkText } from '../../abi-tools/check-text.ts';
import { type Compiler, clangArgs, clangFile } from '../../abi-tools/compilers.ts';
import { headerFolders } from '../../abi-tools/header-folders.ts';
import { loadTypes, sysletTypes, type Types } from '../../abi-tools/load-types.ts';
import { notThere } from '../../abi-tools/nearest.ts';
import { userFlags } from '../../abi-tools/read-header.ts';
import { UserError } from '../../abi-tools/user-error.ts';
import { type CommonOptions, chosenTargets, importOptions, print, printJson } from './options.ts';

export interface CheckOptions extends CommonOptions {
  readonly require?: readonly string[];
  readonly header?: string;
  readonly struct?: string;
}

const defaults: readonly Target[] = Object.values(targets);

/** `syslets abi check`: exit status 1 on a difference, 2 where nothing (or not enough) was checked. */
export async function check(file: string | undefined, options: CheckOptions): Promise<void> {
  const required = options.require ?? [];
  const wanted = options.target ? [...options.target, ...required] : undefined;
  const named = chosenTargets(wanted, options.header ? defaults.filter(isKnownToClang) : defaults);
  const chosen = [...new Set(named)];
  chosenTargets(required, []);
  const rows = options.header
    ? await checkHeader(file, options.header, chosen, options)
    : await checkTypes(await definitions(file, chosen, options), chosen);
  report(rows, file ?? options.header, options);
  process.exitCode = checkStatus(rows, required);
}

function isKnownToClang(target: Target): boolean {
  return clangArgs(target.name) !== undefined && target.name !== 'generic';
}

async function definitions(
  file: string | undefined,
  chosen: readonly Target[],
  options: CheckOptions,
): Promise<Types> {
  const types =
    file === undefined ? sysletTypes : await loadTypes(file, chosen, importOptions(options));
  return options.struct === undefined
    ? types
    : new Map([picked(types, options.struct, file ?? 'syslets/abi')]);
}

function picked(types: Types, name: string, where: string): [string, Type] {
  const bare = name.replace(/^(?:struct|union) /, '');
  const found = types.get(bare);
  if (found) return [bare, found];
  throw new UserError(notThere(bare, where, [...types.keys()]));
}

/** The header's own declaration, against the file's definition or against what import makes of it. */
async function checkHeader(
  file: string | undefined,
  header: string,
  chosen: readonly Target[],
  options: CheckOptions,
): Promise<CheckRow[]> {
  const imported = importOptions(options);
  const rows: CheckRow[] = [];
  /** Names in the file, and whether the header has them on some target. */
  const seen = new Map<string, boolean>();
  for (const target of chosen) {
    const inHeader = await loadTypes(header, [target], imported);
    const given = file === undefined ? inHeader : await loadTypes(file, [target], imported);
    const shared = [...given.keys()].filter((name) => inHeader.has(name));
    const names = options.struct === undefined ? shared : [options.struct];
    for (const name of given.keys())
      seen.set(name, seen.get(name) === true || shared.includes(name));
    const types = new Map(names.map((name) => picked(given, name, file ?? header)));
    for (const name of types.keys()) picked(inHeader, name, header);
    rows.push(...(await checkTypes(types, [target], sourceOf(header, inHeader, options))));
  }
  if (options.struct === undefined) tellMissing(seen, file ?? header, header);
  return rows;
}

/** What the header does not declare is not checked: that must not look like a pass. */
function tellMissing(seen: ReadonlyMap<string, boolean>, file: string, header: string): void {
  const missing = [...seen].flatMap(([name, isThere]) => (isThere ? [] : [name]));
  if (missing.length === 0) return;
  const names = missing.join(', ');
  if (missing.length === seen.size) {
    throw new UserError(`${header} declares none of the types of ${file} (${names})`);
  }
  process.stderr.write(`not checked, since ${header} does not declare them: ${names}\n`);
}

function sourceOf(header: string, types: Types, options: CheckOptions): HeaderSource {
  const nameOf = (name: string) => {
    const type = types.get(name);
    return type && 'name' in type && type.name === name ? `${type.kind} ${name}` : name;
  };
  const flagsFor = (target: Target, compiler: Compiler) => [
    // GCC knows where its own headers lie.
    ...(compiler.file === clangFile() ? headerFolders(target.name) : []),
    ...userFlags(importOptions(options)),
  ];
  return { prelude: `#include "${resolve(header)}"`, flagsFor, nameOf };
}

function report(rows: readonly CheckRow[], file: string | undefined, options: CheckOptions): void {
  if (options.json) printJson({ status: checkStatus(rows, options.require ?? []), rows });
  else print(checkText(rows));
  if (process.env.GITHUB_ACTIONS !== 'true') return;
  for (const line of annotations(rows, file)) process.stderr.write(`${line}\n`);
}
