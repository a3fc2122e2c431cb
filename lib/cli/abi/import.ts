import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { otherTypes } from '../../abi-tools/import-binary.ts';
import { importEach } from '../../abi-tools/import-each.ts';
import { type Docs, type TargetImport, withoutKind } from '../../abi-tools/import-header.ts';
import { disputedIn } from '../../abi-tools/load-types.ts';
import { type Merged, mergeImports } from '../../abi-tools/merge.ts';
import { firstOf, noTypesIn, noTypesInBinary, notThere } from '../../abi-tools/nearest.ts';
import { printTypeScript } from '../../abi-tools/print-ts.ts';
import { disputeText, guessedIn, targetLabel } from '../../abi-tools/spec.ts';
import { isBinary } from '../../debug-info/binary-file.ts';
import { UserError } from '../../user-error.ts';
import { type CommonOptions, chosenTargets, importOptions, print, targetOf } from './options.ts';
import { progressBar } from './progress.ts';

export interface ImportCommandOptions extends CommonOptions {
  readonly struct?: string;
  readonly all?: boolean;
  readonly output?: string;
}

/** `syslets abi import`: a header or a binary as TypeScript definitions. */
export async function importHeader(file: string, options: ImportCommandOptions): Promise<void> {
  if (/\.[cm]?[jt]s$/.test(file)) {
    throw new UserError(
      `'${file}' holds definitions already, expected a header (FILE.h) or a binary`,
    );
  }
  const chosen = chosenTargets(options.target, [targetOf({ file })]);
  const bar = progressBar(chosen.map((target) => target.name));
  const { struct, all = false } = options;
  const imports = await importEach(file, chosen, {
    ...importOptions(options),
    all,
    ...(struct === undefined ? {} : { only: [struct] }),
    onProgress: bar.show,
  });
  bar.end();
  const merged = mergeImports(imports);
  const doubt = guessedIn([...new Set(imports.flatMap(({ guessed = [] }) => guessed))], file);
  if (doubt !== '') process.stderr.write(`${doubt}\n`);
  for (const [name, reason] of disputedIn(imports))
    process.stderr.write(`${disputeText(name, reason)}\n`);
  if (struct === undefined) requireTypes(merged, imports, file);
  const only = struct === undefined ? undefined : [wanted(merged, imports, struct, file)];
  const read = imports.map(({ target }) => targetLabel(target)).join(', ');
  const reader = isBinary(file) ? 'as its debug information has it' : 'as clang sees it';
  const origin = `From ${basename(file)}, ${reader} for ${read}.`;
  const text = printTypeScript(merged, mergedDocs(imports), { origin, ...(only ? { only } : {}) });
  if (options.output) writeFileSync(options.output, text);
  else print(text);
  if (!only) {
    report(merged);
    tellConstants(imports);
  }
}

const mostNames = 6;

/** A definition has types; C has these as constants alone. */
function tellConstants(imports: readonly TargetImport[]): void {
  const names = [...new Set(imports.flatMap((one) => [...one.constants.keys()]))];
  if (names.length === 0) return;
  process.stderr.write(
    `not imported: the enumerators ${firstOf(names, mostNames)}: their enumeration has no name, and so is no type\n`,
  );
}

function wanted(
  merged: Merged,
  imports: readonly TargetImport[],
  name: string,
  file: string,
): string {
  const names = [...merged.types.keys()];
  const found = names.find((one) => one === name) ?? names.find((one) => withoutKind(one) === name);
  if (found) return found;
  for (const [one, reason] of merged.failures) {
    if (one !== name && withoutKind(one) !== name) continue;
    throw new UserError(`'${name}' cannot be imported: ${reason}`);
  }
  const declared = imports.flatMap((one) => one.declared.map(withoutKind));
  const missing = merged.failures.get(otherTypes);
  const why = missing === undefined ? '' : `; ${missing}`;
  throw new UserError(`${notThere(name, file, [...new Set(declared)])}${why}`);
}

/** An empty module is no answer: the types may stand in the headers that this one includes. */
function requireTypes(merged: Merged, imports: readonly TargetImport[], file: string): void {
  if (merged.types.size > 0) return;
  const count = new Set(imports.flatMap((one) => one.declared)).size;
  if (merged.failures.size > 0) {
    report(merged);
    throw new UserError(`no type of ${file} can be imported`);
  }
  if (imports.some((one) => one.constants.size > 0)) {
    tellConstants(imports);
    throw new UserError(`${file} declares no struct, union or enumeration that has a name`);
  }
  if (isBinary(file)) throw new UserError(noTypesInBinary(file));
  throw new UserError(noTypesIn(file, count, 'take all with --all, or one with --struct NAME'));
}

function mergedDocs(imports: readonly TargetImport[]): Docs {
  return new Map([...imports].reverse().flatMap((one) => [...one.docs]));
}

/** Each once: a typedef's failure is that of the type that it names. */
function report(merged: Merged): void {
  const told = new Set<string>();
  for (const [name, reason] of merged.failures) {
    told.add(`${name}: ${reason}`);
    if (!told.has(reason)) process.stderr.write(`not imported: ${name}: ${reason}\n`);
  }
}
