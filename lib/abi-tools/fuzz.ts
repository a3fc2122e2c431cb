import { layout, type RecordType, type Target, type Type, targets } from '../abi/index.ts';
import { type Answer, ask, type Difference, type Question } from './ask.ts';
import { type Compiler, clangFile, compilersFor, unusable } from './compilers.ts';
import { isRecord } from './diff-fact.ts';
import { CEmitter } from './emit-c.ts';
import { TypeMaker } from './fuzz-types.ts';
import { Random, seedOf } from './random.ts';
import { targetLabel } from './spec.ts';

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  /** How many of them have the bytes of an initialised object compared too. */
  readonly bytes: number;
  /** Ask GCC too, which lays some packed bit-fields out in another way than clang. */
  readonly everyCompiler?: boolean;
  /** Without it, all. */
  readonly asked?: readonly Target[] | undefined;
  readonly onProgress?: (target: string, compiler: string) => void;
}

export interface FuzzRow {
  readonly target: string;
  readonly compiler: string;
  readonly structs: number;
  readonly asked: number;
  readonly objects: number;
  readonly differences: readonly Difference[];
  /** The compiler's message where it refused our source. */
  readonly refused?: string;
  readonly notChecked?: string;
}

const batchSize = 250;

/** Lays random structs out for every target and asks clang (m68k: GCC) about each of them. */
export async function fuzz(options: FuzzOptions): Promise<FuzzRow[]> {
  const all: readonly Target[] = Object.values(targets);
  const asked = options.asked ?? all;
  const maker = new TypeMaker(new Random(options.seed), [...new Set([...all, ...asked])]);
  const types = Array.from({ length: options.count }, () => maker.record());
  const rows: FuzzRow[] = [];
  for (const target of asked) {
    for (const compiler of chosenCompilers(target, options.everyCompiler === true)) {
      options.onProgress?.(targetLabel(target), compiler.name);
      rows.push(await fuzzTarget(types, target, compiler, options));
    }
  }
  return rows;
}

function chosenCompilers(target: Target, every: boolean): readonly Compiler[] {
  if (every) return compilersFor(target.name);
  const list = compilersFor(target.name);
  const clang = list.filter((one) => one.file === clangFile());
  return clang.length > 0 ? clang : list.slice(-1);
}

async function fuzzTarget(
  types: readonly RecordType[],
  target: Target,
  compiler: Compiler,
  options: FuzzOptions,
): Promise<FuzzRow> {
  const base = {
    target: targetLabel(target),
    compiler: compiler.name,
    structs: 0,
    asked: 0,
    objects: 0,
  };
  const reason = await unusable(compiler, target.language);
  if (reason) return { ...base, differences: [], notChecked: reason };
  const differences: Difference[] = [];
  let asked = 0;
  for (let start = 0; start < types.length; start += batchSize) {
    const part = types.slice(start, start + batchSize);
    const answer = await askBatch(part, target, compiler, options.bytes - start);
    const [refusal] = answer.refusals;
    if (refusal) {
      return { ...base, differences, refused: `${refusal.record}: ${refusal.reason}` };
    }
    asked += answer.asked;
    differences.push(...answer.differences);
  }
  const objects = Math.min(options.bytes, types.length);
  return { ...base, structs: types.length, asked, objects, differences };
}

function askBatch(
  types: readonly RecordType[],
  target: Target,
  compiler: Compiler,
  objects: number,
): Promise<Answer> {
  const withObject = new Set<Type>(types.slice(0, Math.max(objects, 0)));
  const whole = new CEmitter(target);
  for (const type of types) whole.declareRecord(type);
  // Those that only stand inside others are asked about too.
  const all = whole.records.map(({ type }) => type).filter(isRecord);
  const sourceOf = (some: readonly RecordType[]) => {
    const emitter = new CEmitter(target);
    const questions = some.map((type): Question => {
      const name = emitter.declareRecord(type);
      const hasObject = withObject.has(type) && layout(type, target).size > 0;
      return { name, type, ...(hasObject ? { seed: seedOf(name) } : {}) };
    });
    return { prelude: emitter.text, questions };
  };
  return ask(all, sourceOf, target, compiler);
}
