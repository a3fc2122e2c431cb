import { bareType } from '../abi/access.ts';
import type { Target, Type } from '../abi/index.ts';
import { type Built, build, type How, type Plan, type Unlike } from './ask-source.ts';
import { compileC, isKeptPrivate, withoutAccess } from './compile-c.ts';
import type { Compiler } from './compilers.ts';
import { firstError } from './compilers.ts';
import { bitsInDebug, typedefsIn } from './debug-bits.ts';
import { isRecord } from './diff-fact.ts';
import type { ElfObject } from './elf.ts';
import { bitsText, numberText, type Probe, probeName, type Scope } from './probe.ts';
import { typesIn } from './types-in.ts';

/** One type to ask a compiler about. */
export interface Question extends Scope {
  /** `struct x` or a typedef's name: how the source of C names it. */
  readonly name: string;
  readonly type: Type;
  /** How C++ reaches it, where that is not by its name. */
  readonly spelled?: string;
  /** With a seed, the bytes of an initialised object are compared too. */
  readonly seed?: number;
}

export interface Difference {
  readonly record: string;
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
}

/** A type that the compiler took no question about. */
export interface Refusal {
  readonly record: string;
  /** The compiler's own first error. */
  readonly reason: string;
  /** Of a definition that no target can have: it is a mistake. */
  readonly isFaulty?: true;
}

export interface Answer {
  readonly asked: number;
  readonly differences: readonly Difference[];
  readonly refusals: readonly Refusal[];
  /** The first error in the prelude alone: then nothing could be asked. */
  readonly fault?: string;
  /** Of a source that tells types, the object file with all of them, where no type was refused. */
  readonly object?: ElfObject;
}

/** What is asked about, for one compilation. */
export interface Source {
  /** Declarations before our own: types that we wrote, or #include lines. */
  readonly prelude: string;
  readonly questions: readonly Question[];
  readonly flags?: readonly string[];
  /** Whether debug information is to tell of each type, and not of those with bit-fields alone; in C++. */
  readonly tellsTypes?: true;
}

/** Some of the things to ask about, as a source with one question for each. */
export type SourceOf<T> = (items: readonly T[]) => Source;

/**
 * Compiles questions for a target and compares what the object file says with layout(). What the
 * compiler refuses is left out, and the rest is asked again: each type gets its own answer.
 */
export async function ask<T>(
  items: readonly T[],
  sourceOf: SourceOf<T>,
  target: Target,
  compiler: Compiler,
): Promise<Answer> {
  return new Asker(sourceOf, target, compiler).ask(items);
}

class Asker<T> {
  readonly #sourceOf: SourceOf<T>;
  readonly #target: Target;
  readonly #compiler: Compiler;
  /** Whether what comes before all questions compiles; undefined until one was refused. */
  #preludeFault: Promise<string> | undefined;

  constructor(sourceOf: SourceOf<T>, target: Target, compiler: Compiler) {
    this.#sourceOf = sourceOf;
    this.#target = target;
    this.#compiler = compiler;
  }

  async ask(items: readonly T[], how: How = {}): Promise<Answer> {
    const source = this.#sourceOf(items);
    const built = build(source, this.#target, how);
    const flags = [...(source.flags ?? []), ...(how.isOpen ? [withoutAccess] : [])];
    const compiled = await compileC(built.text, this.#target, this.#compiler, flags);
    if (typeof compiled === 'string') return this.#refused(items, source, built, compiled, how);
    const { unlike, ...answer } = answerOf(built, compiled, this.#target);
    const isDetailed = how.isDetailed || this.#target.language === 'c++';
    const own = isDetailed ? answer : await this.#detailed(items, source, answer, how);
    const told = unlike.size === 0 ? own : await this.#inside(items, source, own, unlike, how);
    return source.tellsTypes ? { ...told, object: compiled } : told;
  }

  /** Members of another type than the one that has a question of its own are looked into. */
  async #inside(
    items: readonly T[],
    source: Source,
    answer: Answer,
    unlike: Unlike,
    how: How,
  ): Promise<Answer> {
    const some = items.filter((_, index) => unlike.has(source.questions[index]?.name ?? ''));
    const again = await this.ask(some, { ...how, unlike: together(how.unlike, unlike) });
    const refused = new Set(again.refusals.map(({ record }) => record));
    const rest = answer.differences.filter(
      ({ record }) => !unlike.has(record) || refused.has(record),
    );
    const differences = [...rest, ...again.differences];
    return { ...answer, differences, refusals: [...answer.refusals, ...again.refusals] };
  }

  /** Of what is another type than we think, or at other bits, the compiler is asked again what it is. */
  async #detailed(items: readonly T[], source: Source, answer: Answer, how: How): Promise<Answer> {
    const strange = new Set(
      answer.differences.filter(({ what }) => /^(?:type|bits)/.test(what)).map((one) => one.record),
    );
    if (strange.size === 0) return answer;
    const asked = items.filter((_, index) => strange.has(source.questions[index]?.name ?? ''));
    const again = await this.ask(asked, { ...how, isDetailed: true });
    // An array of more dimensions than the compiler's makes that question an error: the answer stands.
    const refused = new Set(again.refusals.map(({ record }) => record));
    const rest = answer.differences.filter(
      ({ record }) => !strange.has(record) || refused.has(record),
    );
    return { ...answer, differences: [...rest, ...again.differences] };
  }

  async #refused(
    items: readonly T[],
    source: Source,
    built: Built,
    stderr: string,
    how: How,
  ): Promise<Answer> {
    const { questions } = source;
    const fault = await this.#preludeOf(source.flags ?? []);
    if (fault) return { ...refusalsOf(questions, fault), fault };
    if (isKeptPrivate(stderr, this.#target) && !how.isOpen && !how.isOutside)
      return this.#opened(items, how);
    if (items.length <= 1) {
      const reason = built.faultsIn(stderr)?.get(0) ?? firstError(stderr);
      const faults = new Map(items.map((_, index) => [index, reason]));
      return this.#withoutObjects(items, questions, faults, how);
    }
    const faults = built.faultsIn(stderr);
    // An error that is in no question is in a declaration of one: halves find it.
    if (!faults) return this.#halves(items, how);
    const rest = items.filter((_, index) => !faults.has(index));
    const answer = await this.ask(rest, how);
    return joined(answer, await this.#withoutObjects(items, questions, faults, how));
  }

  /**
   * Private members are asked about with access control off. A header can ask whether something is private,
   * so size and alignment of what has a name outside must be the same with it on.
   */
  async #opened(items: readonly T[], how: How): Promise<Answer> {
    const open = await this.ask(items, { ...how, isOpen: true });
    const outside = await this.ask(items, { ...how, isBare: true, isOutside: true });
    const keyOf = ({ record, what }: Difference) => `${record} ${what}`;
    const known = new Set(open.differences.map(keyOf));
    const refused = new Set(open.refusals.map(({ record }) => record));
    const more = outside.differences.filter(
      (one) => !known.has(keyOf(one)) && !refused.has(one.record),
    );
    return { ...open, differences: [...open.differences, ...more] };
  }

  /**
   * A member of another type than we think can make an object of ours an error: without objects
   * the compiler tells its type. What has but members of a type that is refused itself, or that takes no
   * values, is right without values there. A type about which all that shows nothing stays refused.
   */
  async #withoutObjects(
    items: readonly T[],
    questions: readonly Question[],
    faults: ReadonlyMap<number, string>,
    how: How,
  ): Promise<Answer> {
    const faulty = [...faults].flatMap(([index, reason]) => {
      const question = questions[index];
      return question ? [{ item: items[index] as T, question, reason }] : [];
    });
    const refusal = ({ question, reason }: (typeof faulty)[number]): Refusal => {
      return { record: question.name, reason };
    };
    if (how.isBare) return { ...nothing, refusals: faulty.map(refusal) };
    const itemsOf = (some: typeof faulty) => some.map(({ item }) => item);
    const again = await this.ask(itemsOf(faulty), { ...how, isBare: true });
    const shown = new Set(again.differences.map(({ record }) => record));
    const silent = faulty.filter(({ question }) => !shown.has(question.name));
    const refused = new Set(again.refusals.map(({ record }) => record));
    // All else is right of what takes questions without values: a member that is `_Atomic` takes none of a struct.
    const bad = silent.flatMap(({ question }) =>
      refused.has(question.name)
        ? [bareType(question.type, this.#target)]
        : this.#recordsIn(question),
    );
    const rest = how.hollow ? [] : silent.filter(({ question }) => this.#holds(question, bad));
    const others = silent.filter((one) => !rest.includes(one));
    const wholes = await this.#wholes(others, itemsOf(others));
    const known = new Set(wholes.differences.map(({ record }) => record));
    const refusals = others.filter(({ question }) => !known.has(question.name)).map(refusal);
    const told = { ...joined(again, wholes), refusals };
    if (rest.length === 0) return told;
    return joined(told, await this.ask(itemsOf(rest), { ...how, hollow: new Set(bad) }));
  }

  /** What is another kind of type there has none of our members or enumerators: that is told instead. */
  async #wholes(refused: readonly { question: Question }[], items: readonly T[]): Promise<Answer> {
    const types = new Map(refused.map(({ question: { name, type } }) => [name, type]));
    if (!refused.some(({ question }) => question.isForeign)) return nothing;
    const how = { isBare: true, isDetailed: true, isWhole: true };
    const { differences } = await this.ask(items, how);
    const told = differences.map((one): Difference => {
      const type = types.get(one.record);
      const isEnum = type && bareType(type, this.#target).kind === 'enum';
      return isEnum ? { ...one, ours: `enum, ${one.ours}` } : one;
    });
    return { asked: told.length, differences: told, refusals: [] };
  }

  #recordsIn({ type }: Question): Type[] {
    const own = bareType(type, this.#target);
    return [...typesIn(type, this.#target)].filter((one) => one !== own && isRecord(one));
  }

  #holds({ type }: Question, some: readonly Type[]): boolean {
    const own = bareType(type, this.#target);
    const inner = typesIn(type, this.#target);
    return some.some((one) => one !== own && inner.has(one));
  }

  async #halves(items: readonly T[], how: How): Promise<Answer> {
    const middle = Math.ceil(items.length / 2);
    const first = await this.ask(items.slice(0, middle), how);
    const second = await this.ask(items.slice(middle), how);
    return joined(first, second);
  }

  /** Why a source without any question is refused; '' if it is not. */
  #preludeOf(flags: readonly string[]): Promise<string> {
    const { prelude } = this.#sourceOf([]);
    this.#preludeFault ??= compileC(prelude, this.#target, this.#compiler, flags).then((made) =>
      typeof made === 'string' ? firstError(made) : '',
    );
    return this.#preludeFault;
  }
}

const nothing: Answer = { asked: 0, differences: [], refusals: [] };

function together(known: Unlike | undefined, more: Unlike): Unlike {
  const all = [...more].map(([record, types]): [string, ReadonlySet<Type>] => {
    return [record, new Set([...(known?.get(record) ?? []), ...types])];
  });
  return new Map([...(known ?? []), ...all]);
}

function joined(first: Answer, second: Answer): Answer {
  return {
    asked: first.asked + second.asked,
    differences: [...first.differences, ...second.differences],
    refusals: [...first.refusals, ...second.refusals],
  };
}

function refusalsOf(questions: readonly Question[], reason: string): Answer {
  const refusals = questions.map(({ name }) => ({ record: name, reason }));
  return { asked: 0, differences: [], refusals };
}

function answerOf(built: Built, object: ElfObject, target: Target): Answer & { unlike: Unlike } {
  const bitsOf = bitsIn(object, target);
  const told = built.plans.map((plan) => compare(plan, object, target, bitsOf));
  const differences = told.flatMap((one) => one.differences);
  const asked = built.plans.reduce((sum, one) => sum + answersTo(one), 0);
  const unlike = told.flatMap((one, at): [string, ReadonlySet<Type>][] => {
    const name = built.plans[at]?.question.name ?? '';
    return one.unlike.size === 0 ? [] : [[name, one.unlike]];
  });
  return { asked, differences, refusals: [], unlike: new Map(unlike) };
}

/** Whether a member is of the type that is asked about elsewhere is no answer of its own. */
function answersTo({ probes, object }: Plan): number {
  return probes.filter(({ kind }) => kind !== 'named').length + (object ? 1 : 0);
}

/** Where the compiler has a bit-field, and how wide it is. */
type BitsOf = (plan: Plan) => (probe: Probe & { kind: 'bits' }) => string;

function bitsIn(object: ElfObject, target: Target): BitsOf {
  if (target.language !== 'c++') {
    return ({ bits }) => {
      const found = bits?.read((symbol) => object.bytesOf(symbol), target);
      return (probe) => bitsText(found?.get(probe) ?? []);
    };
  }
  const types = object.debugTypes();
  const typedefs = types ? typedefsIn(types) : new Map<string, number>();
  return ({ symbols }) => {
    const id = typedefs.get(symbols.typedef);
    return ({ path }) => (types && id !== undefined ? bitsInDebug(types, id, path) : 'none');
  };
}

/** What differs, and of which types members are not, where all else that they are is right. */
interface Compared {
  readonly differences: readonly Difference[];
  readonly unlike: ReadonlySet<Type>;
}

function compare(one: Plan, object: ElfObject, target: Target, bitsOf: BitsOf): Compared {
  const numbers = numbersIn(object.bytesOf(one.symbols.numbers), target);
  const isCpp = target.language === 'c++';
  const bits = bitsOf(one);
  let next = 0;
  const found = one.probes.flatMap((probe) => {
    const isBits = probe.kind === 'bits';
    const ours = isBits ? `${probe.at}:${probe.width}` : numberText(probe, BigInt(probe.expected));
    const theirs = isBits ? bits(probe) : numberText(probe, numbers[next++] ?? -1n);
    // The one bit of a bool that can be set says nothing of its width.
    const isSame = isBits && probe.isBool && !isCpp ? theirs === `${probe.at}:1` : ours === theirs;
    return isSame ? [] : [{ probe, ours, theirs }];
  });
  const told = found.flatMap(({ probe, ours, theirs }) =>
    probe.kind === 'named'
      ? []
      : [{ record: one.question.name, what: probeName(probe), ours, theirs }],
  );
  const other = new Set(told.map(({ what }) => what));
  const unlike = found.flatMap(({ probe }) =>
    probe.kind === 'named' && !other.has(probeName(probe)) ? [probe.leaf] : [],
  );
  return { differences: [...told, ...compareBytes(one, object)], unlike: new Set(unlike) };
}

function compareBytes(one: Plan, object: ElfObject): Difference[] {
  if (!one.object) return [];
  const ours = Buffer.from(one.object.bytes).toString('hex');
  const theirs = Buffer.from(object.bytesOf(one.symbols.object) ?? []).toString('hex');
  if (ours === theirs) return [];
  return [{ record: one.question.name, what: 'initialised bytes', ours, theirs }];
}

function numbersIn(bytes: Uint8Array | undefined, target: Target): bigint[] {
  if (!bytes) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = target.byteOrder === 'little';
  return Array.from({ length: bytes.byteLength / 8 }, (_, index) =>
    view.getBigUint64(index * 8, little),
  );
}
