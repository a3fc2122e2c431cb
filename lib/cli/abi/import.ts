import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Docs, importFor, type TargetImport } from '../../abi-tools/import-header.ts';
import { type Merged, mergeImports } from '../../abi-tools/merge.ts';
import { didYouMean } from '../../abi-tools/nearest.ts';
import { printTypeScript } from '../../abi-tools/print-ts.ts';
import { targetLabel } from '../../abi-tools/spec.ts';
import { UserError } from '../../abi-tools/user-error.ts';
import { type CommonOptions, chosenTargets, hostTarget, importOptions, print } from './options.ts';
import { progressBar } from './progress.ts';

export interface ImportCommandOptions extends CommonOptions {
  readonly struct?: string;
  readonly all?: boolean;
  readonly output?: string;
}

/** `syslets abi import`: a header as TypeScript definitions. */
export async function importHeader(file: string, options: ImportCommandOptions): Promise<void> {
  if (/\.[cm]?[jt]s$/.test(file)) {
    throw new UserError(`«${file}» holds definitions already, expected a header (FILE.h)`);
  }
  const chosen = chosenTargets(options.target, [hostTarget()]);
  const bar = progressBar(chosen.map((target) => target.name));
  const imports: TargetImport[] = [];
  const all = options.all === true || options.struct !== undefined;
  for (const target of chosen) {
    imports.push(
      await importFor(file, target, { ...importOptions(options), all, onProgress: bar.show }),
    );
  }
  bar.end();
  const merged = mergeImports(imports);
  const only = options.struct === undefined ? undefined : [wanted(merged, options.struct, file)];
  const origin = `From ${basename(file)}, as clang sees it for ${chosen.map(targetLabel).join(', ')}.`;
  const text = printTypeScript(merged, mergedDocs(imports), { origin, ...(only ? { only } : {}) });
  if (options.output) writeFileSync(options.output, text);
  else print(text);
  if (!only) report(merged);
}

function wanted(merged: Merged, name: string, file: string): string {
  const names = [...merged.types.keys()];
  const found = names.find(
    (one) => one === name || one.replace(/^(?:struct|union|enum) /, '') === name,
  );
  if (found) return found;
  const reason = merged.failures.get(name) ?? merged.failures.get(`struct ${name}`);
  if (reason) throw new UserError(`«${name}» cannot be imported: ${reason}`);
  const bare = names.map((one) => one.replace(/^(?:struct|union|enum) /, ''));
  throw new UserError(`«${name}» is not in ${file}${didYouMean(name, bare)}`);
}

function mergedDocs(imports: readonly TargetImport[]): Docs {
  return new Map([...imports].reverse().flatMap((one) => [...one.docs]));
}

function report(merged: Merged): void {
  for (const [name, reason] of merged.failures) {
    process.stderr.write(`not imported: ${name}: ${reason}\n`);
  }
}
