import type { Target, Type } from '../../abi/index.ts';
import {
  type Breaks,
  type DiffRow,
  diffLayouts,
  doesBreak,
  type Side,
} from '../../abi-tools/diff.ts';
import {
  type ConstantsSide,
  diffConstants,
  enumeratorsIn,
  onlyIn,
} from '../../abi-tools/diff-constants.ts';
import { diffSymbols, exportedSymbols } from '../../abi-tools/diff-symbols.ts';
import { asInteger } from '../../abi-tools/import-behind.ts';
import { otherTypes } from '../../abi-tools/import-binary.ts';
import { withoutKind } from '../../abi-tools/import-header.ts';
import { isHeader, sysletTypes } from '../../abi-tools/load-types.ts';
import { pairTypes, type TypePair } from '../../abi-tools/pair-types.ts';
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
import type { DynamicSymbol } from '../../debug-info/dynamic-symbols.ts';
import { UserError } from '../../user-error.ts';
import { tellLeftOut } from './left-out.ts';
import {
  type CommonOptions,
  hostTarget,
  importOptions,
  print,
  printJson,
  targetOf,
} from './options.ts';

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
  readonly notHeld?: NotHeld;
  readonly oneSided?: readonly OneSided[];
}

/** Enumerators of enumerations without a name that one binary alone tells of: the other may not use them. */
interface OneSided {
  readonly file: string;
  readonly enumerators: readonly string[];
}

/** What a header has and a binary does not tell: compilers leave out what is not used. */
interface NotHeld {
  readonly header: string;
  readonly binary: string;
  readonly types: readonly string[];
  readonly enumerators: readonly string[];
}

/**
 * `syslets abi diff`: exit status 1 if a difference breaks something; a name alone does not; 2 if
 * nothing could be compared, or a type that one file alone lets be read.
 */
export async function diff(a: string, b: string, options: CommonOptions): Promise<void> {
  const [left, right] = ofOneTarget(parseSpec(a), parseSpec(b));
  if ((left.type === undefined) !== (right.type === undefined)) {
    const [whole, one] = left.type === undefined ? [a, b] : [b, a];
    if (isUnknown(left.type === undefined ? right : left)) {
      throw new UserError(`there is no file '${one}', and no syslet struct of that name`);
    }
    throw new UserError(
      `'${whole}' is a whole file, '${one}' a type: name a type of both, or none of either`,
    );
  }
  const {
    found,
    notCompared,
    notHeld,
    oneSided = [],
  }: Compared = left.type === undefined && right.type === undefined
    ? await wholeFiles(left, right, options)
    : { found: [await twoTypes(left, right, options)], notCompared: [] };
  const different = found.filter((one) => one.rows.length > 0);
  const rows = different.flatMap((one) => one.rows);
  const breaks = rows.some(doesBreak);
  const isOpen = found.length === 0 || rows.some((row) => row.breaks === 'unknown');
  const alone = oneSided.length > 0 ? { oneSided } : {};
  if (options.json)
    printJson({ breaks, different, notCompared, ...(notHeld ? { notHeld } : {}), ...alone });
  else if (found.length + oneSided.length > 0) {
    const isPartial = notCompared.length + oneSided.length > 0;
    const compared = found.length > 0 ? [report(different, [left, right], isPartial)] : [];
    print([...compared, ...oneSided.map(oneSidedText)].join('\n\n'));
  }
  tellLeftOut(
    'not compared',
    notCompared.map(({ file, name, reason }) => `${name} of ${file}: ${reason}`),
  );
  if (notHeld) tellNotHeld(notHeld);
  if (found.length + notCompared.length + oneSided.length === 0 && !notHeld) {
    process.stderr.write(`neither ${a} nor ${b} has a type to compare\n`);
  }
  process.exitCode = breaks ? 1 : isOpen ? 2 : 0;
}

/** A side without a machine of its own is read for the machine of the other's object. */
function ofOneTarget(left: Spec, right: Spec): readonly [Spec, Spec] {
  return [readFor(left, right), readFor(right, left)];
}

function readFor(spec: Spec, other: Spec): Spec {
  if (spec.target !== undefined || isGuessed(spec) || !isGuessed(other)) return spec;
  const target = targetOf(other);
  if (targetLabel(target) !== targetLabel(hostTarget())) {
    const [name, label] = [nameOf(spec), targetLabel(target)];
    process.stderr.write(
      `${name} is read for ${label}, the target of ${nameOf(other)}; name another as ${name}@TARGET\n`,
    );
  }
  return { ...spec, target };
}

function nameOf({ file, type }: Spec): string {
  return [file, type].filter((part) => part !== undefined).join(':');
}

function tellNotHeld({ header, binary, types, enumerators }: NotHeld): void {
  const counts = [
    ...(types.length > 0 ? [countText(types.length, 'type')] : []),
    ...(enumerators.length > 0 ? [countText(enumerators.length, 'enumerator')] : []),
  ];
  if (counts.length === 0) return;
  tellLeftOut('not compared', [
    `${counts.join(' and ')} of ${header} that ${binary} does not hold: debug information leaves out what is not used`,
  ]);
}

const mostNames = 12;

function oneSidedText({ file, enumerators }: OneSided): string {
  const rest = enumerators.length - mostNames;
  const names = enumerators.slice(0, mostNames).join(', ') + (rest > 0 ? `, … (${rest} more)` : '');
  return `in ${file} alone: ${countText(enumerators.length, 'enumerator')} (${names}): not compared, since debug information leaves out what is not used`;
}

function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Neither a file nor a type of this package. */
function isUnknown({ file, type = '' }: Spec): boolean {
  return file === undefined && !sysletTypes.has(type);
}

function report(
  different: readonly Named[],
  sides: readonly [Spec, Spec],
  isPartial: boolean,
): string {
  if (different.length === 0)
    return isPartial ? 'no difference in what was compared' : 'no difference';
  const tables = different.map((one) => text(one, sides.map(labelOf)));
  return [...tables, summary(different.flatMap((one) => one.rows))].join('\n\n');
}

const effects: Readonly<Record<Breaks, string>> = {
  offset: 'offset',
  value: 'value',
  symbol: 'programs that use it',
  name: 'nothing (a name)',
  padding: 'nothing (padding)',
  unknown: 'not known',
};

function summary(rows: readonly DiffRow[]): string {
  const count = `${rows.length} ${rows.length === 1 ? 'difference' : 'differences'}`;
  const breaking = rows.filter(doesBreak).length;
  const unknown = rows.filter((row) => row.breaks === 'unknown').length;
  if (breaking + unknown === 0) return `${count}: nothing breaks`;
  const open = unknown > 0 ? [`${unknown} could not be compared`] : [];
  return [count, ...(breaking > 0 ? [`of which ${breaking} break`] : []), ...open].join(', ');
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

/** Two versions of a header or a binary: what they declare, and what they export. */
async function wholeFiles(left: Spec, right: Spec, options: CommonOptions): Promise<Compared> {
  const symbols = symbolRows(left, right);
  const exported = symbols ? [{ name: 'exported symbols', rows: symbols }] : [];
  const untold = symbols ? [] : withoutSymbols(left, right);
  try {
    const { found, notCompared, ...rest } = await declarations(left, right, options);
    return { found: [...found, ...exported], notCompared: [...notCompared, ...untold], ...rest };
  } catch (error) {
    if (!symbols || !(error instanceof UserError)) throw error;
    const files = `${left.file} and ${right.file}`;
    return {
      found: exported,
      notCompared: [{ file: files, name: 'types', reason: error.message }],
    };
  }
}

/** Every type that either has, and that could be read there. */
async function declarations(left: Spec, right: Spec, options: CommonOptions): Promise<Compared> {
  const [a, b] = [targetOf(left), targetOf(right)];
  const asked = { ...importOptions(options), behind: true };
  const ours = await declaredIn(left, [a], asked);
  const theirs = await declaredIn(right, [b], asked);
  const notCompared = [...leftOut(left, ours, theirs), ...leftOut(right, theirs, ours)];
  const [unread, unreadThere] = [new Unread(ours), new Unread(theirs)];
  const rowsOf = (one: Type | undefined, other: Type | undefined, why: Whys = []) =>
    diffLayouts(
      { type: one, target: a, isGuessed: isGuessed(left), ...unreadFor(why[0]) },
      { type: other, target: b, isGuessed: isGuessed(right), ...unreadFor(why[1]) },
    );
  const pairs = pairTypes(ours, theirs, (one, other) => rowsOf(one, other).length === 0);
  const whysOf = ({ name, ...pair }: TypePair): Whys => {
    return [unread.reason(name, pair.a), unreadThere.reason(name, pair.b)];
  };
  const isRead = (pair: TypePair) => whysOf(pair).every((why) => why === undefined);
  const read = pairs.filter(isRead);
  const isMissing = lackOf(left, ours, right, theirs);
  const types = [
    ...pairs
      .filter((pair) => (isRead(pair) ? !isMissing(pair) : whysOf(pair).includes(undefined)))
      .map((pair) => ({ name: pair.name, rows: rowsOf(pair.a, pair.b, whysOf(pair)) })),
    ...goneUnread(left, ours, right, theirs).map(([name, why]) => {
      return { name, rows: rowsOf(undefined, undefined, [why]) };
    }),
    ...behindBoth(left, ours, right, theirs).map((name) => {
      const [one, other] = [ours.behind.types.get(name), theirs.behind.types.get(name)];
      const whys = [ours.behind.failures.get(name), theirs.behind.failures.get(name)] as const;
      return { name, rows: rowsOf(...asIntegers([one, a], [other, b]), whys) };
    }),
  ];
  const isLeftOut = new Set(notCompared.map(({ name }) => name));
  const constants = constantRows(left, ours, right, theirs).filter(
    ({ what }) => !isLeftOut.has(what.replace(/^enum\./, '')),
  );
  const held = notHeldOf(left, ours, right, theirs, read.filter(isMissing));
  const oneSided = [
    ...oneSidedOf(left, ours, right, theirs),
    ...oneSidedOf(right, theirs, left, ours),
  ];
  const more = { ...(held ? { notHeld: held } : {}), ...(oneSided.length > 0 ? { oneSided } : {}) };
  if (types.length + constants.length === 0) return { found: [], notCompared, ...more };
  return {
    found: [...types, { name: 'enumerators without a type', rows: constants }],
    notCompared,
    ...more,
  };
}

/** Of the two sides, why a type could not be read there. */
type Whys = readonly (string | undefined)[];

function unreadFor(unread: string | undefined): Pick<Side, 'unread'> {
  return unread === undefined ? {} : { unread };
}

/** Why types of a file could not be read. */
class Unread {
  readonly #side: Declared;
  readonly #bare: ReadonlyMap<string, string>;

  constructor(side: Declared) {
    this.#side = side;
    this.#bare = new Map([...side.failures].map(([name, why]) => [withoutKind(name), why]));
  }

  /** Where the file has nothing else of that name, a typedef's of a struct is the struct's. */
  reason(key: string, type: Type | undefined): string | undefined {
    if (type === undefined) return this.#bare.get(withoutKind(key));
    return this.#side.failures.get(this.#side.namesInC?.get(key) ?? key);
  }
}

/** Types of the old file that could not be read, and that the new one has not at all. */
function goneUnread(
  left: Spec,
  ours: Declared,
  right: Spec,
  theirs: Declared,
): (readonly [string, string])[] {
  if (isGuessed(left) !== isGuessed(right) || !theirs.declared) return [];
  const there = new Set(theirs.declared);
  return [...ours.failures].filter(([name]) => name !== otherTypes && !there.has(name));
}

/** A header's enumerations without a tag are integers, whose enumerators are compared by themselves. */
function asIntegers(
  [one, before]: readonly [Type | undefined, Target],
  [other, after]: readonly [Type | undefined, Target],
): readonly [Type | undefined, Type | undefined] {
  if (one?.kind === 'scalar' && other?.kind === 'enum') return [one, asInteger(other, after)];
  if (one?.kind === 'enum' && other?.kind === 'scalar') return [asInteger(one, before), other];
  return [one, other];
}

/** Which types of a header a binary need not hold, or of a binary stand in what the header includes. */
function lackOf(
  left: Spec,
  ours: Declared,
  right: Spec,
  theirs: Declared,
): (pair: TypePair) => boolean {
  const isMixed = isHeader(left.file ?? '') !== isHeader(right.file ?? '');
  if (!isMixed || !(isGuessed(left) || isGuessed(right))) return () => false;
  const [header, binary] = isGuessed(left) ? [theirs, ours] : [ours, theirs];
  const included = new Set(header.declared);
  return ({ name, a, b }) => {
    if (a && b) return false;
    const isOfHeader = (a === undefined) === isGuessed(left);
    return isOfHeader || included.has(binary.namesInC?.get(name) ?? name);
  };
}

function notHeldOf(
  left: Spec,
  ours: Declared,
  right: Spec,
  theirs: Declared,
  missing: readonly TypePair[],
): NotHeld | undefined {
  const isOfBinary = isGuessed(left);
  const [header, binary] = isOfBinary ? [right, left] : [left, right];
  const [has, lacks] = isOfBinary ? [theirs, ours] : [ours, theirs];
  if (!isHeader(header.file ?? '') || !isGuessed(binary)) return undefined;
  const types = missing.filter((one) => (one.a === undefined) === isOfBinary);
  const held = [...lacks.types.values(), ...lacks.behind.types.values()];
  const loose = [...lacks.constants.keys(), ...lacks.behind.failures.keys()];
  const known = new Set([...enumeratorsIn(held, targetOf(binary)), ...loose]);
  const enumerators = [...has.constants.keys()].filter((name) => !known.has(name));
  const names = types.map(({ name }) => name);
  return { header: header.file ?? '', binary: binary.file ?? '', types: names, enumerators };
}

/** Only headers have all that leads to such a type: a binary has what it uses. */
function behindBoth(left: Spec, ours: Declared, right: Spec, theirs: Declared): string[] {
  const [a, b] = [ours.behind, theirs.behind];
  const isWhole = [left, right].every(({ file = '' }) => isHeader(file));
  const names = [...new Set([...a.types.keys(), ...b.types.keys()])];
  return names.filter((name) => {
    // One alone that could not be read is told in a row.
    if (a.failures.has(name) || b.failures.has(name))
      return a.failures.has(name) !== b.failures.has(name);
    return isWhole || (a.types.has(name) && b.types.has(name));
  });
}

/** A binary has the typedefs of all that it includes: those that the other side has count. */
function leftOut(spec: Spec, { failures, behind }: Declared, other: Declared): NotCompared[] {
  const isShared = (name: string) =>
    other.behind.types.has(name) || other.behind.failures.has(name);
  const isTold = (name: string) =>
    !isGuessed(spec) || !name.startsWith('typedef ') || isShared(name);
  const hidden = [...behind.failures].filter(([name]) => isTold(name));
  const { file = '' } = spec;
  return [...failures, ...hidden].map(([name, reason]) => ({ file, name, reason }));
}

function constantRows(left: Spec, ours: Declared, right: Spec, theirs: Declared): DiffRow[] {
  return diffConstants(constantsSide(left, ours), constantsSide(right, theirs));
}

function constantsSide(spec: Spec, { types, behind, constants }: Declared): ConstantsSide {
  const all = [...types.values(), ...behind.types.values()];
  return { types: all, constants, target: targetOf(spec), isPartial: isGuessed(spec) };
}

/** Of a binary; what a header has alone is told as not held. */
function oneSidedOf(spec: Spec, own: Declared, other: Spec, others: Declared): OneSided[] {
  if (!isGuessed(spec)) return [];
  const { failures } = others.behind;
  const enumerators = onlyIn(constantsSide(spec, own), constantsSide(other, others)).filter(
    (name) => !failures.has(name) && others.enumerators?.has(name) !== true,
  );
  return enumerators.length === 0 ? [] : [{ file: spec.file ?? '', enumerators }];
}

/** Of two libraries or programs: objects export nothing. */
function symbolRows(left: Spec, right: Spec): readonly DiffRow[] | undefined {
  const [a, b] = [symbolsOf(left), symbolsOf(right)];
  return a && b && diffSymbols(a, b);
}

function symbolsOf(spec: Spec): readonly DynamicSymbol[] | undefined {
  return isGuessed(spec) ? exportedSymbols(spec.file ?? '') : undefined;
}

/** Of two binaries, the one that exports nothing where the other does. */
function withoutSymbols(left: Spec, right: Spec): NotCompared[] {
  const lacking = [left, right].filter((spec) => symbolsOf(spec) === undefined);
  if (lacking.length !== 1 || !isGuessed(left) || !isGuessed(right)) return [];
  const reason = 'it has no table of dynamic symbols';
  return lacking.map(({ file = '' }) => ({ file, name: 'exported symbols', reason }));
}

function labelOf(spec: Spec): string {
  return `${nameOf(spec)} (${targetLabel(targetOf(spec))})`;
}

function text({ name, rows }: Named, sides: readonly string[]): string {
  const lines = rows.map((row) => [row.what, row.a, row.b, effects[row.breaks]]);
  return `${name}\n${table(['what', ...sides, 'breaks'], lines)}`;
}
