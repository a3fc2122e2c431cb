import type { Target, Type } from '../../abi/index.ts';
import {
  type Breaks,
  type DiffRow,
  diffLayouts,
  doesBreak,
  type Side,
} from '../../abi-tools/diff.ts';
import { diffConstants } from '../../abi-tools/diff-constants.ts';
import { withoutKind } from '../../abi-tools/import-header.ts';
import { isHeader } from '../../abi-tools/load-types.ts';
import {
  type Declared,
  declaredIn,
  parseSpec,
  type Spec,
  targetLabel,
  typeOf,
} from '../../abi-tools/spec.ts';
import { table } from '../../abi-tools/table.ts';
import { isBinary } from '../../debug-info/binary-file.ts';
import { UserError } from '../../user-error.ts';
import { tellLeftOut } from './left-out.ts';
import { type CommonOptions, importOptions, print, printJson, targetOf } from './options.ts';

interface Named {
  readonly name: string;
  readonly rows: readonly DiffRow[];
}

/** A type that one of the files has and that could not be read there. */
interface NotCompared {
  readonly file: string;
  readonly name: string;
  readonly reason: string;
}

interface Compared {
  readonly found: readonly Named[];
  readonly notCompared: readonly NotCompared[];
}

/**
 * `syslets abi diff`: exit status 1 if a difference breaks something; a name alone does not; 2 if
 * nothing could be compared.
 */
export async function diff(a: string, b: string, options: CommonOptions): Promise<void> {
  const [left, right] = [parseSpec(a), parseSpec(b)];
  if ((left.type === undefined) !== (right.type === undefined)) {
    const [whole, one] = left.type === undefined ? [a, b] : [b, a];
    throw new UserError(
      `«${whole}» is a whole file, «${one}» a type: name a type of both, or none of either`,
    );
  }
  const { found, notCompared } =
    left.type === undefined && right.type === undefined
      ? await wholeFiles(left, right, options)
      : { found: [await twoTypes(left, right, options)], notCompared: [] };
  const different = found.filter((one) => one.rows.length > 0);
  const breaks = different.some((one) => one.rows.some(doesBreak));
  if (options.json) printJson({ breaks, different, notCompared });
  else if (found.length > 0) print(report(different, a, b));
  tellLeftOut(
    'not compared',
    notCompared.map(({ file, name, reason }) => `${name} of ${file}: ${reason}`),
  );
  process.exitCode = breaks ? 1 : found.length > 0 ? 0 : 2;
}

function report(different: readonly Named[], a: string, b: string): string {
  if (different.length === 0) return 'no difference';
  const tables = different.map((one) => text(one, a, b));
  return [...tables, summary(different.flatMap((one) => one.rows))].join('\n\n');
}

const effects: Readonly<Record<Breaks, string>> = {
  offset: 'offset',
  value: 'value',
  name: 'nothing (a name)',
  padding: 'nothing (padding)',
};

function summary(rows: readonly DiffRow[]): string {
  const count = `${rows.length} ${rows.length === 1 ? 'difference' : 'differences'}`;
  const breaking = rows.filter(doesBreak).length;
  return breaking === 0 ? `${count}: nothing breaks` : `${count}, of which ${breaking} break`;
}

/** Debug information leaves most alignments out. */
function isGuessed({ file = '' }: Spec): boolean {
  return isBinary(file);
}

async function side(spec: Spec, options: CommonOptions): Promise<Side> {
  const target = targetOf(spec);
  const type = await typeOf(spec, [target], importOptions(options));
  return { type, target, isGuessed: isGuessed(spec) };
}

async function twoTypes(left: Spec, right: Spec, options: CommonOptions): Promise<Named> {
  const rows = diffLayouts(await side(left, options), await side(right, options));
  return { name: left.type ?? '', rows };
}

/** Two versions of a header or a binary: every type that either has, and that could be read there. */
async function wholeFiles(left: Spec, right: Spec, options: CommonOptions): Promise<Compared> {
  const [a, b] = [targetOf(left), targetOf(right)];
  const asked = { ...importOptions(options), behind: true };
  const ours = await declaredIn(left, [a], asked);
  const theirs = await declaredIn(right, [b], asked);
  const notCompared = [...leftOut(left, ours), ...leftOut(right, theirs)];
  const isLeftOut = new Set(notCompared.flatMap(({ name }) => [name, withoutKind(name)]));
  const names = new Set([...ours.types.keys(), ...theirs.types.keys()]);
  const read = [...names].filter((name) => !isLeftOut.has(name));
  const compared = (name: string, one: Type | undefined, other: Type | undefined): Named => {
    const [before, now] = [
      { type: one, target: a, isGuessed: isGuessed(left) },
      { type: other, target: b, isGuessed: isGuessed(right) },
    ];
    return { name, rows: diffLayouts(before, now) };
  };
  const types = [
    ...read.map((name) => compared(name, ours.types.get(name), theirs.types.get(name))),
    ...behindBoth(left, ours, right, theirs).map((name) =>
      compared(name, ours.behind.types.get(name), theirs.behind.types.get(name)),
    ),
  ];
  const constants = constantRows(ours, a, theirs, b);
  if (types.length === 0 && constants.length === 0) return { found: [], notCompared };
  return {
    found: [...types, { name: 'enumerators without a type', rows: constants }],
    notCompared,
  };
}

/** Only headers have all that leads to such a type: a binary has what it uses. */
function behindBoth(left: Spec, ours: Declared, right: Spec, theirs: Declared): string[] {
  const [a, b] = [ours.behind, theirs.behind];
  const isWhole = [left, right].every(({ file = '' }) => isHeader(file));
  const names = [...new Set([...a.types.keys(), ...b.types.keys()])];
  return names.filter((name) => {
    if (a.failures.has(name) || b.failures.has(name)) return false;
    return isWhole || (a.types.has(name) && b.types.has(name));
  });
}

function leftOut({ file = '' }: Spec, { failures, behind }: Declared): NotCompared[] {
  return [...failures, ...behind.failures].map(([name, reason]) => ({ file, name, reason }));
}

function constantRows(ours: Declared, a: Target, theirs: Declared, b: Target): DiffRow[] {
  const side = ({ types, behind, constants }: Declared, target: Target) => {
    return { types: [...types.values(), ...behind.types.values()], constants, target };
  };
  return diffConstants(side(ours, a), side(theirs, b));
}

function text({ name, rows }: Named, a: string, b: string): string {
  const lines = rows.map((row) => [row.what, row.a, row.b, effects[row.breaks]]);
  const label = (spec: string) => `${spec} (${targetLabel(targetOf(parseSpec(spec)))})`;
  return `${name}\n${table(['what', label(a), label(b), 'breaks'], lines)}`;
}
