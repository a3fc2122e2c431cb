import { availableParallelism } from 'node:os';
import type { Target, Type } from '../abi/index.ts';
import { type Answer, ask, type Difference } from './ask.ts';
import { standardHint } from './clang-fault.ts';
import { clangFile, compilersFor } from './compilers.ts';
import { includeForQuestions } from './include-line.ts';
import { type NamedType, withoutMacrosOf } from './names-in.ts';
import { HeaderError, type HeaderOptions, headerFlags, standardFlags } from './read-header.ts';
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
  const compiler = compilersFor(target.name).find((one) => one.file === clangFile());
  if (!compiler || types.size === 0) return new Map();
  const flags = headerFlags(target.name, options).filter((flag) => !compiler.args.includes(flag));
  flags.push(...standardFlags(options, target, compiler));
  const sourceOf = (some: readonly NamedType[]) => ({
    prelude: `${includeForQuestions(file)}\n${withoutMacrosOf(some, target, scoped)}`,
    questions: some.map(([name, type]) => {
      return { name, type, isLean: true, spelled: scoped.get(name) ?? name };
    }),
    flags,
  });
  const parts = inParts([...types]);
  const answers = await Promise.all(parts.map((part) => ask(part, sourceOf, target, compiler)));
  const fault = answers.find((one) => one.fault !== undefined)?.fault;
  if (fault !== undefined && target.language === 'c++')
    throw new HeaderError(`C++ cannot read the header: ${fault}`, standardHint(fault, 'c++'));
  const reasons = new Map<string, string>();
  for (const answer of answers) addReasons(reasons, answer);
  return reasons;
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
  for (const one of [...inner, ...differences]) {
    if (!reasons.has(one.record)) reasons.set(one.record, differenceText(one));
  }
}

/** A struct without a tag is another one, as a member of it is. */
function isInside(other: Difference, one: Difference): boolean {
  const rest = other.what.startsWith(one.what) ? other.what.slice(one.what.length) : '';
  return other.record === one.record && /^[.[]/.test(rest);
}

function differenceText({ what, ours, theirs }: Difference): string {
  const member = /^(?:\w+) of (.*)$/.exec(what)?.[1];
  const where = member ? `member «${member}»: ` : '';
  return `${where}${what} would be ${ours}, the compiler's is ${theirs}`;
}
