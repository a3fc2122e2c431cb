import { bareType } from '../abi/access.ts';
import { AbiError, layout, resolveMaybe, type Target, type Type, targets } from '../abi/index.ts';
import { type Answer, ask, type Difference, type Refusal, type Source } from './ask.ts';
import { askLacking } from './ask-lacking.ts';
import { standardHint } from './clang-fault.ts';
import { type Compiler, compilersFor, unusable } from './compilers.ts';
import { CEmitter } from './emit-c.ts';
import { type HeaderSource, headerSource } from './header-source.ts';
import { inOrder } from './in-order.ts';
import { withoutMacros } from './include-line.ts';
import { macrosOfGnuC } from './keywords.ts';
import type { Types } from './load-types.ts';
import type { NamedType } from './names-in.ts';
import { otherNames } from './other-names.ts';
import { questionFor } from './question.ts';
import { CompilerTimeoutError } from './run.ts';
import { targetLabel } from './spec.ts';
import { withoutTypedEnums } from './typed-enums.ts';

/** What one compiler said of all types on one target. */
export interface CheckRow {
  readonly target: string;
  readonly compiler: string;
  readonly status: 'same' | 'different' | 'refused' | 'not checked';
  /** The header cannot be read for this target. */
  readonly isUnread?: true;
  /** Why not checked; the compiler's message where it refused. */
  readonly reason?: string;
  readonly types: number;
  readonly answers: number;
  readonly differences: readonly Difference[];
  /** Types that the compiler refused, each with its message. */
  readonly refusals: readonly Refusal[];
  /** Types that this target cannot have, or that were not asked about in full, each with the reason. */
  readonly unchecked: readonly Refusal[];
  /** What this language leaves out of all types. */
  readonly uncompared: readonly string[];
}

/**
 * Asks every compiler of every target. A compiler that is missing is a row too. `leftOut`: types that
 * cannot be asked about, each with the reason.
 */
export async function checkTypes(
  types: Types,
  targets: readonly Target[],
  header?: HeaderSource,
  leftOut: readonly Refusal[] = [],
): Promise<CheckRow[]> {
  return inOrder(
    targets.flatMap((target) =>
      compilersFor(target.name).map((compiler) =>
        checkOne(types, target, compiler, header, leftOut),
      ),
    ),
  );
}

/** One that hangs is a row of its own: the others go on. */
async function checkOne(...asked: Parameters<typeof askOne>): Promise<CheckRow> {
  try {
    return await askOne(...asked);
  } catch (error) {
    if (!(error instanceof CompilerTimeoutError)) throw error;
    const [, target, compiler] = asked;
    return { ...blankRow(target, compiler), status: 'not checked', reason: error.message };
  }
}

function blankRow(target: Target, compiler: Compiler) {
  const uncompared = target.language === 'c++' ? ['initialised bytes'] : [];
  const names = { target: targetLabel(target), compiler: compiler.name };
  const lists = { differences: [], refusals: [], unchecked: [], uncompared };
  return { ...names, types: 0, answers: 0, ...lists };
}

async function askOne(
  types: Types,
  target: Target,
  compiler: Compiler,
  header: HeaderSource | undefined,
  leftOut: readonly Refusal[],
): Promise<CheckRow> {
  const blank = blankRow(target, compiler);
  const missing = await unusable(compiler, target.language);
  if (missing) return { ...blank, status: 'not checked', reason: missing };
  const { items, unchecked: faulty } = askable(types, target, header);
  const unchecked = [...faulty, ...leftOut];
  const [first] = unchecked;
  if (items.length === 0) {
    const reason = first?.reason ?? nothingToAsk(types, target);
    return { ...blank, unchecked, status: 'not checked', reason };
  }
  if (header === undefined)
    return { ...blank, ...(await checkOwn(items, target, compiler, unchecked)) };
  return { ...blank, ...(await checkInHeader(items, target, compiler, header, unchecked)) };
}

function nothingToAsk(types: Types, target: Target): string {
  const here = [...types.values()].map((type) => resolveMaybe(type, target)).filter(Boolean);
  return here.length === 0
    ? 'none of the types exists on this target'
    : 'there is no struct and no union: enumerations are checked against a header, with --header F.h';
}

type Graded = Omit<CheckRow, 'target' | 'compiler' | 'unchecked' | 'uncompared'>;

async function checkOwn(
  items: readonly NamedType[],
  target: Target,
  compiler: Compiler,
  known: readonly Refusal[],
): Promise<Graded & Pick<CheckRow, 'unchecked'>> {
  const typed = await withoutTypedEnums(items, target, compiler);
  const unchecked = [...known, ...typed];
  const left = new Set(typed.map(({ record }) => record));
  const rest = items.filter(([record]) => !left.has(record));
  const [first] = typed;
  if (rest.length === 0 && first)
    return { unchecked, ...graded({ ...none, fault: first.reason }, 0, '', target) };
  const answer = await ask(rest, (some) => ownSource(some, target), target, compiler);
  return { unchecked, ...graded(answer, rest.length, 'it compiles nothing', target) };
}

const unread = 'it cannot read the header';
const none: Answer = { asked: 0, differences: [], refusals: [] };

async function checkInHeader(
  items: readonly NamedType[],
  target: Target,
  compiler: Compiler,
  header: HeaderSource,
  unchecked: readonly Refusal[],
): Promise<Graded & Pick<CheckRow, 'unchecked'>> {
  const asking = ask(items, headerSource(header, items, target, compiler), target, compiler);
  const looking = askLacking(header, items, target, compiler, asking);
  const [answer, lacking] = await Promise.all([asking, looking]);
  if (answer.fault !== undefined)
    return { unchecked, ...graded(answer, items.length, unread, target) };
  const refused = new Set(answer.refusals.map(({ record }) => record));
  const named = header.isImported
    ? otherNames(answer.refusals, items, lacking.types, target, compiler.name)
    : { differences: [], unchecked: [], refusals: answer.refusals };
  const left = lacking.differences.filter(
    ({ record }) => !header.isImported || !refused.has(record),
  );
  const differences = [...answer.differences, ...named.differences, ...left];
  const known = new Set([...unchecked.map(({ record }) => record), ...refused]);
  const more = lacking.unchecked.filter(({ record }) => !known.has(record));
  const count = items.length - named.unchecked.length;
  const whole = graded({ ...answer, differences, refusals: named.refusals }, count, unread, target);
  return { ...whole, unchecked: [...unchecked, ...named.unchecked, ...more] };
}

/** `what`: of a compiler that takes nothing at all. */
function graded(answer: Answer, types: number, what: string, { language }: Target): Graded {
  const { asked: answers, differences, refusals, fault } = answer;
  if (fault !== undefined) {
    const reason = [`${what}${what && ': '}${fault}`, ...standardHint(fault, language)].join('; ');
    return { status: 'not checked', reason, types: 0, answers, differences, refusals: [] };
  }
  const counts = { types: types - refusals.length, answers, differences, refusals };
  if (differences.length > 0) return { status: 'different', ...counts };
  const [first] = refusals;
  return first
    ? { status: 'refused', reason: first.reason, ...counts }
    : { status: 'same', ...counts };
}

function ownSource(some: readonly NamedType[], target: Target): Source {
  const emitter = new CEmitter(target);
  const questions = some.map(([name, type]) =>
    questionFor(emitter.declareNamed(type, name), type, target),
  );
  return { prelude: withoutMacros(macrosOfGnuC) + emitter.text, questions };
}

interface Askable {
  readonly items: readonly NamedType[];
  readonly unchecked: readonly Refusal[];
}

/** The types that exist on the target, bar those of which no C can be made there. */
function askable(types: Types, target: Target, header: HeaderSource | undefined): Askable {
  const items: NamedType[] = [];
  const unchecked: Refusal[] = [];
  for (const [key, type] of types) {
    try {
      const settled = settledOn(type, target, header !== undefined);
      if (!settled) continue;
      layout(settled, target);
      const name = header ? header.nameOf(key) : new CEmitter(target).declareNamed(settled, key);
      items.push([name, settled]);
    } catch (error) {
      if (!(error instanceof AbiError)) throw error;
      const fault = isFaulty(type) ? { isFaulty: true as const } : {};
      unchecked.push({ record: key, reason: error.message, ...fault });
    }
  }
  return { items, unchecked };
}

/** Whether no target can have what one of them cannot; what C has no name for can have a layout. */
function isFaulty(type: Type): boolean {
  return !Object.values(targets).some((target) => {
    try {
      const settled = resolveMaybe(type, target);
      return settled !== undefined && layout(settled, target).size >= 0;
    } catch (error) {
      if (error instanceof AbiError) return false;
      throw error;
    }
  });
}

/** What is asked about: structs, unions and typedefs of such, in a header whatever has a name there. */
export function settledOn(type: Type, target: Target, inHeader: boolean): Type | undefined {
  const settled = resolveMaybe(type, target);
  const bare = settled && bareType(settled, target);
  if (bare?.kind === 'struct' || bare?.kind === 'union') return settled;
  return inHeader ? settled : undefined;
}

/**
 * 1: a difference or a refusal; 2: nothing was checked, not all on a required target, or no target can have
 * one of the definitions; else 0.
 */
export function checkStatus(rows: readonly CheckRow[], required: readonly string[]): 0 | 1 | 2 {
  if (rows.some((row) => row.status === 'different' || row.status === 'refused')) return 1;
  if (rows.some(({ unchecked }) => unchecked.some((one) => one.isFaulty))) return 2;
  const same = rows.filter((row) => row.status === 'same');
  const whole = new Set(same.filter((row) => row.unchecked.length === 0).map((row) => row.target));
  return same.length === 0 || required.some((name) => !whole.has(name)) ? 2 : 0;
}
