import {
  AbiError,
  layout,
  type RecordType,
  resolveMaybe,
  type Target,
  type Type,
} from '../abi/index.ts';
import { type Answer, ask, type Difference, type Question, type Source } from './ask.ts';
import { type Compiler, compilersFor, unusable } from './compilers.ts';
import { CEmitter } from './emit-c.ts';
import type { Types } from './load-types.ts';
import { seedOf } from './random.ts';
import { targetLabel } from './spec.ts';

/** What one compiler said of all types on one target. */
export interface CheckRow {
  readonly target: string;
  readonly compiler: string;
  readonly status: 'same' | 'different' | 'refused' | 'not checked';
  /** Why not checked; the compiler's message where it refused. */
  readonly reason?: string;
  readonly types: number;
  readonly answers: number;
  readonly differences: readonly Difference[];
}

/** Types that stand in a header: the source includes it in place of our own declarations. */
export interface HeaderSource {
  readonly prelude: string;
  readonly flagsFor: (target: Target, compiler: Compiler) => readonly string[];
  /** How the header names a type. */
  readonly nameOf: (name: string) => string;
}

/** Asks every compiler of every target. A compiler that is missing is a row too. */
export async function checkTypes(
  types: Types,
  targets: readonly Target[],
  header?: HeaderSource,
): Promise<CheckRow[]> {
  const rows: CheckRow[] = [];
  for (const target of targets) {
    for (const compiler of compilersFor(target.name)) {
      rows.push(await checkOne(types, target, compiler, header));
    }
  }
  return rows;
}

async function checkOne(
  types: Types,
  target: Target,
  compiler: Compiler,
  header: HeaderSource | undefined,
): Promise<CheckRow> {
  const base = { target: targetLabel(target), compiler: compiler.name, types: 0, answers: 0 };
  const blank = { ...base, differences: [] };
  const missing = await unusable(compiler);
  if (missing) return { ...blank, status: 'not checked', reason: missing };
  const source = sourceFor(types, target, compiler, header);
  if (typeof source === 'string') return { ...blank, status: 'not checked', reason: source };
  const answer = await ask(source, target, compiler);
  return { ...base, ...graded(answer, source.questions.length) };
}

function graded(answer: Answer, types: number): Omit<CheckRow, 'target' | 'compiler'> {
  if (answer.status === 'refused') {
    const rest = { types: 0, answers: 0, differences: [] };
    return { status: 'refused', reason: answer.message, ...rest };
  }
  const { asked: answers, differences } = answer;
  return { status: differences.length > 0 ? 'different' : 'same', types, answers, differences };
}

/** The source to compile, or why there is none on this target. */
function sourceFor(
  types: Types,
  target: Target,
  compiler: Compiler,
  header: HeaderSource | undefined,
): Source | string {
  try {
    const records = recordsOn(types, target);
    if (records.length === 0) return 'none of the types exists on this target';
    if (header) {
      const questions = records.map(([name, type]) => question(header.nameOf(name), type, target));
      return { prelude: header.prelude, questions, flags: header.flagsFor(target, compiler) };
    }
    const emitter = new CEmitter(target);
    const questions = records.map(([, type]) =>
      question(emitter.declareRecord(type), type, target),
    );
    return { prelude: emitter.text, questions };
  } catch (error) {
    if (error instanceof AbiError) return error.message;
    throw error;
  }
}

function recordsOn(types: Types, target: Target): [string, RecordType][] {
  return [...types].flatMap(([name, type]): [string, RecordType][] => {
    const settled = resolveMaybe(unaligned(type), target);
    return settled?.kind === 'struct' || settled?.kind === 'union' ? [[name, settled]] : [];
  });
}

function unaligned(type: Type): Type {
  return type.kind === 'aligned' ? unaligned(type.type) : type;
}

function question(name: string, type: RecordType, target: Target): Question {
  const hasBytes = layout(type, target).size > 0;
  return { name, type, ...(hasBytes ? { seed: seedOf(name) } : {}) };
}

/** 1: a difference or a refusal; 2: nothing was checked, or a required target was not; else 0. */
export function checkStatus(rows: readonly CheckRow[], required: readonly string[]): 0 | 1 | 2 {
  if (rows.some((row) => row.status === 'different' || row.status === 'refused')) return 1;
  const checked = new Set(rows.filter((row) => row.status === 'same').map((row) => row.target));
  return checked.size === 0 || required.some((name) => !checked.has(name)) ? 2 : 0;
}
