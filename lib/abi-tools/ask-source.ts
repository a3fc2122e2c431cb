import { bareType } from '../abi/access.ts';
import { layout, type RecordType, type Target, type Type } from '../abi/index.ts';
import type { Question, Source } from './ask.ts';
import { type BitObjects, bitObjects } from './bit-objects.ts';
import { type Initialised, initialised } from './initialised.ts';
import {
  isOfWhole,
  isOutsideOf,
  maxObjectBytes,
  type Probe,
  probeExpression,
  probesOf,
} from './probe.ts';
import { type ClassNaming, classMacros } from './probe-class.ts';
import { classTemplates } from './probe-class-cpp.ts';
import { seedOf } from './random.ts';

/**
 * What answers one question: numbers, one object for each bit-field, an object with values. C++ has no
 * initialisers that reach every member: there a typedef leads to what debug information tells of bits.
 */
export interface Plan {
  readonly question: Question;
  readonly probes: readonly Probe[];
  readonly object: Initialised | undefined;
  readonly bits: BitObjects | undefined;
  readonly symbols: Symbols;
  readonly text: string;
}

interface Symbols {
  readonly numbers: string;
  readonly object: string;
  readonly typedef: string;
}

/** A source of C that asks all questions. */
export interface Built {
  readonly text: string;
  readonly plans: readonly Plan[];
  /** By the question's index, the compiler's first error in it; undefined if one is elsewhere. */
  readonly faultsIn: (stderr: string) => ReadonlyMap<number, string> | undefined;
}

/** `syslets_`, and what no header has written by chance. */
export function prefixFor(prelude: string): string {
  return `syslets_${seedOf(prelude).toString(36)}_`;
}

/** The typedef of the type that a question is about. */
export function typedefFor(prefix: string, index: number): string {
  return `${prefix}t${index}`;
}

/**
 * A variable points to the type: the compiler tells nothing of what is not used. clang tells what a struct
 * of C++ holds where that is needed, as for its size. Of a type without any name a variable is no other file's,
 * and C++ drops that unless it is used.
 */
export function toldType(name: string, typedef: string): string[] {
  return [
    `typedef ${name} ${typedef};`,
    `extern ${typedef} *${typedef}v;`,
    `__attribute__((__used__)) ${typedef} *${typedef}v = 0;`,
    `extern char ${typedef}s[sizeof(${typedef})];`,
  ];
}

/** How questions are put. */
export interface How {
  /** What a member is that is not what we think, too; that takes the compiler longer. */
  readonly isDetailed?: boolean;
  /** No objects, so neither bytes nor bits. */
  readonly isBare?: boolean;
  /** Only what the types themselves are, and nothing of what is in them. */
  readonly isWhole?: boolean;
  /** Only size and alignment, which C++ tells of what is private in them, too. */
  readonly isOutside?: boolean;
  /** What C++ keeps private is asked about, too. */
  readonly isOpen?: boolean;
  /** Types that the compiler takes no questions about: what has such a member is asked about without a value there. */
  readonly hollow?: ReadonlySet<Type>;
  /** By the questions' names, types that have no question of their own there. */
  readonly unlike?: Unlike;
}

/** Types that members of a record are said to be of, and are not. */
export type Unlike = ReadonlyMap<string, ReadonlySet<Type>>;

export function build(source: Source, target: Target, how: How): Built {
  const { isDetailed, isBare } = how;
  const prefix = prefixFor(source.prelude);
  const naming = { target, prefix, isQuick: !isDetailed, isBare: isBare === true };
  const tells = source.tellsTypes === true && !isBare;
  const plans = source.questions.map((question, index) =>
    plan(withoutUnlike(question, how), index, { ...naming, tells }, how),
  );
  const macros =
    target.language === 'c++'
      ? classTemplates(prefix, target)
      : gateMacro(prefix) + classMacros(prefix, target);
  const parts = plans.map(({ text }, index) => `#line 1 "${prefix}${index}"\n${text}`);
  return {
    text: [source.prelude, macros, ...parts, ''].join('\n'),
    plans,
    faultsIn: (stderr) => faultsIn(stderr, prefix),
  };
}

function withoutUnlike(question: Question, { unlike }: How): Question {
  const strangers = unlike?.get(question.name);
  if (!strangers || !question.asked) return question;
  const asked = new Map([...question.asked].filter(([type]) => !strangers.has(type)));
  return { ...question, asked };
}

function plan(
  question: Question,
  index: number,
  naming: ClassNaming & { readonly tells: boolean },
  { isWhole, isOutside, hollow = new Set<Type>() }: How,
): Plan {
  const { target, prefix, isBare, tells } = naming;
  const isCpp = target.language === 'c++';
  const { type, seed } = question;
  const name = question.spelled ?? question.name;
  // What is inside a member of another type than we think cannot be asked about.
  const { asked: _, ...shallow } = question;
  const scope = isBare ? shallow : question;
  const all = probesOf(type, target, scope).filter(({ kind }) => !isBare || kind !== 'bits');
  const isAsked = isWhole ? isOfWhole : isOutside ? isOutsideOf : () => true;
  const probes = all.filter(isAsked);
  const hasObject =
    seed !== undefined && !isCpp && !isBare && layout(type, target).size <= maxObjectBytes;
  const bare = bareType(type, target) as RecordType;
  const object = hasObject
    ? initialised(bare, target, seed, `${prefix}x${index}`, hollow)
    : undefined;
  const asked = { ...naming, name, object: `${prefix}x${index}` };
  const symbols: Symbols = {
    numbers: `${prefix}n${index}`,
    object: `${prefix}o${index}`,
    typedef: typedefFor(prefix, index),
  };
  const numbers = probes.flatMap((one) => probeExpression(one, asked) ?? []);
  // clang lets what is unavailable use what is unavailable.
  const gate = isCpp ? '' : '__attribute__((unavailable)) ';
  const isTold = tells || probes.some(({ kind }) => kind === 'bits');
  const bits = isCpp ? undefined : bitObjects(probes, asked, gate, `${prefix}b${index}`);
  const lines = [
    // Microsoft's C++ has a variable's type in its symbol.
    `extern ${isCpp ? '"C" ' : ''}const unsigned long long ${symbols.numbers}[];`,
    `${isCpp ? '' : `${prefix}gate `}extern ${name} ${asked.object};`,
    `${gate}const unsigned long long ${symbols.numbers}[] = { ${numbers.join(', ')} };`,
    ...(isCpp && isTold ? toldType(name, symbols.typedef) : (bits?.lines ?? [])),
  ];
  if (object) lines.push(`${gate}${name} ${symbols.object} = ${object.initialiser};`);
  return { question, probes, object, bits, symbols, text: lines.join('\n') };
}

/** An object of an unavailable type must be so itself for clang; GCC then lets nothing use it. */
function gateMacro(prefix: string): string {
  const define = `#define ${prefix}gate`;
  return `#ifdef __clang__\n${define} __attribute__((unavailable))\n#else\n${define}\n#endif\n`;
}

/** Lines such as `syslets_x_17:3:5: error: …`, by the number of the question. */
function faultsIn(stderr: string, prefix: string): ReadonlyMap<number, string> | undefined {
  const faults = new Map<number, string>();
  for (const line of stderr.split('\n')) {
    const [, where = '', message = ''] =
      /^(.*?):\d+:(?:\d+:)? (?:fatal )?error: (.*)$/.exec(line) ?? [];
    if (message === '') continue;
    if (!where.startsWith(prefix)) return undefined;
    const index = Number(where.slice(prefix.length));
    if (!faults.has(index)) faults.set(index, message);
  }
  return faults.size > 0 ? faults : undefined;
}
