import { type Target, targets } from '../../abi/index.ts';
import { type CheckRow, checkStatus, checkTypes } from '../../abi-tools/check.ts';
import { annotations, checkText } from '../../abi-tools/check-text.ts';
import { isHeader, loadTypes, sysletTypes, type Types } from '../../abi-tools/load-types.ts';
import { picked } from '../../abi-tools/spec.ts';
import { isBinary } from '../../debug-info/binary-file.ts';
import { UserError } from '../../user-error.ts';
import { checkHeader, targetsOfClang } from './check-header.ts';
import {
  type CommonOptions,
  chosenTargets,
  importOptions,
  print,
  printJson,
  targetOf,
} from './options.ts';

export interface CheckOptions extends CommonOptions {
  readonly require?: readonly string[];
  readonly header?: string;
  readonly struct?: string;
  readonly against?: string;
}

/** `syslets abi check`: exit status 1 on a difference, 2 where nothing (or not enough) was checked. */
export async function check(given: string | undefined, options: CheckOptions): Promise<void> {
  // A header alone is asked itself: what import makes of it, against what it declares.
  const isAlone = given !== undefined && isHeader(given) && options.header === undefined;
  const [file, header] = isAlone ? [undefined, given] : [definedIn(given, options), options.header];
  const required = options.require ?? [];
  const wanted = options.target ? [...options.target, ...required] : undefined;
  const all = targetsFor(file, header);
  const chosen = [...new Set(chosenTargets(wanted, all))];
  chosenTargets(required, []);
  const rows = header
    ? await checkHeader(file, header, chosen, options)
    : await checkTypes(await definitions(file, chosen, options), chosen);
  report(rows, given ?? header, options);
  process.exitCode = checkStatus(rows, required);
}

/** `--against` is where the definitions stand, for those who think of the header first. */
function definedIn(given: string | undefined, { header, against }: CheckOptions) {
  if (against === undefined) return given;
  if (given !== undefined || header === undefined) {
    throw new UserError('--against FILE goes with --header F.h, and in place of a file');
  }
  return against;
}

/** A binary has the layouts of one machine. */
function targetsFor(file: string | undefined, header: string | undefined): readonly Target[] {
  if (file !== undefined && isBinary(file)) return [targetOf({ file })];
  return header ? targetsOfClang() : Object.values(targets);
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

function report(rows: readonly CheckRow[], file: string | undefined, options: CheckOptions): void {
  if (options.json) printJson({ status: checkStatus(rows, options.require ?? []), rows });
  else print(checkText(rows));
  if (process.env.GITHUB_ACTIONS !== 'true') return;
  for (const line of annotations(rows, file)) process.stderr.write(`${line}\n`);
}
