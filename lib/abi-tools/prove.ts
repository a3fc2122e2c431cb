import { availableParallelism } from 'node:os';
import type { EnumType, Target, Type } from '../abi/index.ts';
import { type Answer, ask, type Difference } from './ask.ts';
import { standardHint } from './clang-fault.ts';
import { clangArgs, compilersFor, proverFor } from './compilers.ts';
import type { Constants } from './import-header.ts';
import { includeForQuestions } from './include-line.ts';
import { type NamedType, withoutMacrosOf } from './names-in.ts';
import { HeaderError, type HeaderOptions, sourceFlags } from './read-header.ts';
import type { ScopedNames } from './scoped-names.ts';

export interface Proven {
  readonly file: string;
  readonly target: Target;
  readonly options: HeaderOptions;
  readonly scoped: ScopedNames;
}

/** The types of a header by their names in C, and why the compiler does not bear some of them out. */
export async function unproven(
  { file, target, options, scoped }: Proven,
  types: ReadonlyMap<string, Type>,
): Promise<ReadonlyMap<string, string>> {
  const reasons = new Map<string, string>();
  if (types.size === 0) return reasons;
  const answers = await answersOf({ file, target, options, scoped }, [...types]);
  for (const answer of answers) addReasons(reasons, answer);
  return reasons;
}

async function answersOf(
  { file, target, options, scoped }: Proven,
  types: readonly NamedType[],
): Promise<Answer[]> {
  const compiler = await proverFor(target.name);
  if (!compiler) throw new HeaderError(noProver(target.name));
  const flags = sourceFlags(options, target, compiler);
  const sourceOf = (some: readonly NamedType[]) => ({
    prelude: `${includeForQuestions(file)}\n${withoutMacrosOf(some, target, scoped)}`,
    questions: some.map(([name, type]) => {
      return { name, type, isLean: true, spelled: scoped.get(name) ?? name };
    }),
    flags,
  });
  const parts = inParts(types);
  const answers = await Promise.all(parts.map((part) => ask(part, sourceOf, target, compiler)));
  const fault = answers.find((one) => one.fault !== undefined)?.fault;
  if (fault !== undefined && target.language === 'c++')
    throw new HeaderError(`C++ cannot read the header: ${fault}`, standardHint(fault, 'c++'));
  return answers;
}

/**
 * The same of enumerators of enumerations without a name: clang computes them by its own layouts, so another
 * compiler is asked where it does not know the target's.
 */
export async function unprovenConstants(
  asked: Proven,
  constants: Constants,
): Promise<ReadonlyMap<string, string>> {
  if (clangArgs(asked.target.name) || constants.size === 0) return new Map();
  const values = [...constants].map(([name, value]) => [name, BigInt.asIntN(64, value)] as const);
  const all: EnumType = {
    kind: 'enum',
    name: '',
    values: Object.fromEntries(values),
    base: 'longlong',
  };
  // They are constants wherever a name of a type is: only their values are asked for.
  const answers = await answersOf(asked, [['long long', all]]);
  const told = answers.flatMap(({ differences }) => differences);
  return new Map(
    told.map(({ what, ours, theirs }) => [
      what.replace(/^value of /, ''),
      `its value would be ${ours}, the compiler's is ${theirs}`,
    ]),
  );
}

function noProver(target: string): string {
  const names = compilersFor(target).map(({ name }) => name);
  return `clang has the layouts of ${target} otherwise, and none that knows them is here: install ${names.at(-1)}`;
}

/** Types for which a compiler of its own pays. */
const partSize = 400;

/** For as many compilers as there are processors, at most four. */
function inParts(types: readonly NamedType[]): NamedType[][] {
  const wanted = Math.ceil(types.length / partSize);
  const count = Math.max(1, Math.min(wanted, availableParallelism(), 4));
  const size = Math.ceil(types.length / count);
  return Array.from({ length: count }, (_, at) => types.slice(at * size, (at + 1) * size));
}

function addReasons(reasons: Map<string, string>, answer: Answer): void {
  for (const { record, reason } of answer.refusals) {
    reasons.set(record, `the compiler refuses questions about it: ${reason}`);
  }
  // A member of another type is why the whole has another size.
  const isType = ({ what }: Difference) => what.startsWith('type of ');
  const { differences } = answer;
  const types = differences.filter(isType);
  const inner = types.filter((one) => !types.some((other) => isInside(other, one)));
  const ofMembers = differences.filter(({ what }) => memberIn(what) !== undefined);
  for (const one of [...inner, ...ofMembers, ...differences]) {
    if (!reasons.has(one.record)) reasons.set(one.record, differenceText(one));
  }
}

/** A struct without a tag is another one, as a member of it is. */
function isInside(other: Difference, one: Difference): boolean {
  const rest = other.what.startsWith(one.what) ? other.what.slice(one.what.length) : '';
  return other.record === one.record && /^[.[]/.test(rest);
}

function memberIn(what: string): string | undefined {
  return /^(?:\w+) of (.*)$/.exec(what)?.[1];
}

function differenceText({ what, ours, theirs }: Difference): string {
  const member = memberIn(what);
  const where = member ? `member '${member}': ` : '';
  return `${where}${what} would be ${ours}, the compiler's is ${theirs}`;
}
