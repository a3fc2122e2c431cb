import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as abi from '../abi/index.ts';
import { cpp, i386, layout, ppc64, type Target, type Type, targets } from '../abi/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { clangArgs, proverFor } from './compilers.ts';
import { factsOf } from './facts.ts';
import { importFor, type TargetImport, withoutKind } from './import-header.ts';
import { mergeImports } from './merge.ts';
import { type Expected, nastyHeader, type ReadBy } from './nasty-header.ts';
import { printTypeScript } from './print-ts.ts';
import { Random } from './random.ts';
import { targetLabel } from './spec.ts';

export interface HeaderFuzzOptions {
  readonly seed: number;
  /** The first header's number; each depends on it and the seed alone. */
  readonly from: number;
  readonly count: number;
  /** Without it, all for which a compiler is here, and some with C++'s rules. */
  readonly asked?: readonly Target[] | undefined;
  readonly onProgress?: (done: number) => void;
}

export interface HeaderFault {
  readonly header: number;
  readonly target: string;
  readonly type: string;
  readonly what: string;
}

export interface HeaderFuzz {
  readonly headers: number;
  readonly targets: readonly string[];
  /** Types that were right, and that were refused as they must be, over all targets. */
  readonly right: number;
  readonly refused: number;
  readonly faults: readonly HeaderFault[];
  /** The text of each header that has a fault. */
  readonly texts: ReadonlyMap<number, string>;
}

/** Headers that are imported side by side, for all targets: those of one target share the compiler's starts. */
const sideBySide = 32;

/** One of each kind: a long long of less alignment in members, big-endian, Microsoft's rules. */
const someCpp = [i386, ppc64, targets['x86_64-windows-msvc']].map(cpp) as readonly Target[];

/** Imports headers that mislead for every target and compares the types with what they were made of. */
export async function fuzzHeaders(options: HeaderFuzzOptions): Promise<HeaderFuzz> {
  const { from, count, seed, onProgress } = options;
  const all = options.asked ?? [...Object.values(targets), ...someCpp];
  const provers = await Promise.all(all.map(({ name }) => proverFor(name)));
  const chosen = all.filter((_, at) => provers[at]);
  const tallies: Tally[] = [];
  for (let next = from; next < from + count; next += sideBySide) {
    const some = Array.from({ length: Math.min(sideBySide, from + count - next) });
    const made = await Promise.all(
      some.flatMap((_, at) =>
        readers.map((readBy) => checkHeader(next + at, seed, readBy, chosen)),
      ),
    );
    tallies.push(...made);
    onProgress?.(next + some.length - from);
  }
  const sum = (key: 'right' | 'refused') => tallies.reduce((total, one) => total + one[key], 0);
  return {
    headers: count,
    targets: chosen.map(targetLabel),
    right: sum('right'),
    refused: sum('refused'),
    faults: tallies.flatMap(({ faults }) => faults),
    texts: new Map(
      tallies.flatMap(({ faults, text }) => faults.slice(0, 1).map(({ header }) => [header, text])),
    ),
  };
}

/** Of one header, over all targets. */
interface Tally {
  readonly text: string;
  right: number;
  refused: number;
  readonly faults: HeaderFault[];
}

/** Each header is made for all of them: most of those of C are none of C++. */
const readers: readonly ReadBy[] = ['c', 'c++', 'gcc'];

function readerOf({ name, language }: Target): ReadBy {
  return language === 'c' && !isClangs(name) ? 'gcc' : language;
}

function isClangs(target: string): boolean {
  return clangArgs(target) !== undefined;
}

async function checkHeader(
  index: number,
  seed: number,
  readBy: ReadBy,
  all: readonly Target[],
): Promise<Tally> {
  const { fileName, text, expected } = nastyHeader(new Random(seed + index), readBy);
  const chosen = all.filter((target) => readerOf(target) === readBy);
  const folder = temporaryFolder('syslets-nasty-');
  const tally: Tally = { text, right: 0, refused: 0, faults: [] };
  try {
    const file = join(folder.path, fileName);
    await writeFile(file, text);
    const possible = chosen.filter((target) => !isNoHeader(fileName, text, target));
    const imports = await Promise.all(possible.map((target) => importOrFault(file, target)));
    imports.forEach((made, at) => {
      const target = possible[at] as Target;
      const fault = (type: string, what: string) => {
        tally.faults.push({ header: index, target: targetLabel(target), type, what });
      };
      if (typeof made === 'string') fault('', made);
      else for (const one of expected) judge(one, made, printed(made), tally, fault);
    });
    return tally;
  } finally {
    folder.remove();
  }
}

/** Microsoft's compiler has size_t by itself, and takes a backslash for a slash. */
function isNoHeader(fileName: string, text: string, { rules }: Target): boolean {
  const hasOwnSize = /^typedef [^{}]*\bsize_t\b(?: __attribute__.*)?;$/m.test(text);
  return rules === 'microsoft' && (hasOwnSize || fileName.includes('\\'));
}

/** A crash is a fault as any other: the next header must still be tried. */
async function importOrFault(file: string, target: Target): Promise<TargetImport | string> {
  try {
    return await importFor(file, target);
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

/** The types of the module that the import is printed as, by the names in C, without `struct`. */
function printed(made: TargetImport): Readonly<Record<string, Type>> {
  const body = printTypeScript(mergeImports([made]), new Map())
    .replace(/^import \{([^}]*)\} from .*;$/m, 'const {$1} = abi;')
    .replaceAll(/^export const (\S+) = /gm, 'const $1 = types.$1 = ');
  return new Function('abi', `'use strict'; const types = {};\n${body}\nreturn types;`)(abi);
}

function judge(
  one: Expected,
  made: TargetImport,
  texts: Readonly<Record<string, Type>>,
  tally: Tally,
  fault: (type: string, what: string) => void,
): void {
  const found = made.types.get(one.name);
  const reason = made.failures.get(one.name);
  // What GCC has otherwise than clang is refused there.
  const isOpen = found === undefined && reason !== undefined && !isClangs(made.target.name);
  const truth = isOpen ? undefined : truthOn(one, made.target);
  const read = texts[withoutKind(one.name)];
  const wrong = truth
    ? notTrue(truth, found, reason, made.target) || notPrinted(truth, read, made.target)
    : notRefused('refusedFor' in one && !isOpen ? one.refusedFor : [], found, reason);
  if (wrong) fault(one.name, wrong);
  else if (truth) tally.right += 1;
  else tally.refused += 1;
}

/** undefined where the type must be refused. */
function truthOn(one: Expected, target: Target): Type | undefined {
  if ('truth' in one) return one.truth;
  return one.some?.on.includes(target.name) ? undefined : one.some?.truth;
}

function notTrue(truth: Type, found: Type | undefined, reason: string | undefined, target: Target) {
  if (!found) return `refused, though it can be had: ${reason ?? 'without a reason'}`;
  const [ours, theirs] = [withAlign(found, target), withAlign(truth, target)];
  const at = theirs.findIndex((one, index) => one !== ours[index]);
  if (at < 0 && ours.length === theirs.length) return '';
  return `imported as ${ours[at] ?? 'more'}, made as ${theirs[at] ?? 'less'}`;
}

function notPrinted(truth: Type, read: Type | undefined, target: Target): string {
  const wrong = notTrue(truth, read, undefined, target);
  return wrong && `printed otherwise than imported: ${wrong}`;
}

function notRefused(
  members: readonly string[],
  found: Type | undefined,
  reason: string | undefined,
): string {
  if (found) return 'imported, though it cannot be had';
  if (!reason) return 'left out without a reason';
  const isNamed = members.length === 0 || members.some((one) => isNamedIn(reason, one));
  return isNamed ? '' : `names none of '${members.join("', '")}': ${reason}`;
}

/** By itself, or with the members around it: `'list[0].x'`. */
function isNamedIn(reason: string, member: string): boolean {
  return reason.includes(`'${member}'`) || reason.includes(`.${member}'`);
}

function withAlign(type: Type, target: Target): string[] {
  return [`aligned to ${layout(type, target).align}`, ...factsOf(type, target)];
}
