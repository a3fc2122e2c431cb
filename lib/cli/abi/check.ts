import { type Target, targets } from '../../abi/index.ts';
import { type CheckRow, checkStatus, checkTypes } from '../../abi-tools/check.ts';
import { annotations, checkText } from '../../abi-tools/check-text.ts';
import { type ImportOptions, withoutKind } from '../../abi-tools/import-header.ts';
import { isHeader, loadHeader, loadTypes, sysletTypes } from '../../abi-tools/load-types.ts';
import { noTypesInBinary } from '../../abi-tools/nearest.ts';
import { picked, targetLabel } from '../../abi-tools/spec.ts';
import { isBinary } from '../../debug-info/binary-file.ts';
import { UserError } from '../../user-error.ts';
import { checkHeader, type Definitions, refusalsIn, targetsOfHeaders } from './check-header.ts';
import {
  type CommonOptions,
  chosenTargets,
  importOptions,
  isForAll,
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

/** `syslets abi check`: exit status 1 on a difference, 2 where nothing, or not enough, was checked. */
export async function check(given: string | undefined, options: CheckOptions): Promise<void> {
  // A header alone is asked itself: what import makes of it, against what it declares.
  const isAlone = given !== undefined && isHeader(given) && options.header === undefined;
  const [file, header] = isAlone ? [undefined, given] : [definedBy(given, options), options.header];
  const required = chosenTargets(options.require, []);
  const wanted = options.target ? chosenTargets(options.target, []) : targetsFor(file, header);
  const chosen = [...new Set([...wanted, ...(options.target ? required : [])])];
  const rows = header
    ? await checkHeader(file, header, chosen, options)
    : await checkOwn(file, chosen, options);
  const status = statusOf(rows, required, options);
  report(rows, status, given ?? header, options);
  process.exitCode = status;
}

/** A target that was named has to be read, as by import. */
function statusOf(rows: readonly CheckRow[], required: readonly Target[], options: CheckOptions) {
  const status = checkStatus(rows, required.map(targetLabel));
  const isNamed = options.target !== undefined && !isForAll(options);
  return status === 0 && isNamed && rows.some(({ isUnread }) => isUnread) ? 2 : status;
}

async function checkOwn(
  file: string | undefined,
  chosen: readonly Target[],
  options: CheckOptions,
): Promise<CheckRow[]> {
  const { types, leftOut } = await definitions(file, chosen, options);
  return checkTypes(types, chosen, undefined, leftOut);
}

/** `--against` is where the definitions stand, for those who think of the header first. */
function definedBy(given: string | undefined, { header, against }: CheckOptions) {
  if (against === undefined) return given;
  if (given !== undefined || header === undefined) {
    throw new UserError('--against FILE goes with --header F.h, and in place of a file');
  }
  return against;
}

/** A binary has the layouts of one machine. */
function targetsFor(file: string | undefined, header: string | undefined): readonly Target[] {
  if (file !== undefined && isBinary(file)) return [targetOf({ file })];
  return header ? targetsOfHeaders() : Object.values(targets);
}

async function definitions(
  file: string | undefined,
  chosen: readonly Target[],
  options: CheckOptions,
): Promise<Definitions> {
  const { types, leftOut } =
    file === undefined
      ? { types: sysletTypes, leftOut: [] }
      : await definedIn(file, chosen, importOptions(options));
  if (options.struct === undefined) return { types, leftOut };
  const own = leftOut.find(({ record }) => withoutKind(record) === options.struct);
  if (own) throw new UserError(`'${options.struct}' of ${file} cannot be read: ${own.reason}`);
  return { types: new Map([picked(types, options.struct, file ?? 'syslets/abi')]), leftOut: [] };
}

async function definedIn(
  file: string,
  chosen: readonly Target[],
  options: ImportOptions,
): Promise<Definitions> {
  if (!isBinary(file)) return { types: await loadTypes(file, chosen, options), leftOut: [] };
  const { types, failures } = await loadHeader(file, chosen, options);
  if (types.size + failures.size === 0) throw new UserError(noTypesInBinary(file));
  return { types, leftOut: refusalsIn(failures) };
}

function report(
  rows: readonly CheckRow[],
  status: number,
  file: string | undefined,
  options: CheckOptions,
): void {
  if (options.json) printJson({ status, rows });
  else print(checkText(rows));
  if (process.env.GITHUB_ACTIONS !== 'true') return;
  for (const line of annotations(rows, file)) process.stderr.write(`${line}\n`);
}
