import { sourceOf } from './argument.ts';
import type { Structure } from './definition.ts';
import { type Call, ordered, type Program } from './program.ts';

/** Smaller programs to try in place of one that fails, those that leave out most first. */
export function* smallerPrograms(program: Program, structure: Structure): Generator<Program> {
  for (const smaller of smallerLists(program, structure)) yield ordered(smaller, structure);
}

function* smallerLists({ threads }: Program, structure: Structure): Generator<Program> {
  if (threads.length > 1) {
    for (const index of threads.keys()) yield { threads: without(threads, index) };
  }
  for (const [thread, calls] of threads.entries()) {
    if (calls.length > 2) {
      const half = calls.length >> 1;
      yield* replaced(threads, thread, calls.slice(half));
      yield* replaced(threads, thread, calls.slice(0, half));
    }
  }
  for (const [thread, calls] of threads.entries()) {
    for (const index of calls.keys()) yield* replaced(threads, thread, without(calls, index));
  }
  yield* smallerValues(threads, structure);
}

/** A thread that is left without calls is left out. */
function* replaced(
  threads: Program['threads'],
  thread: number,
  calls: readonly Call[],
): Generator<Program> {
  const kept = calls.length > 0 ? threads.with(thread, calls) : without(threads, thread);
  if (kept.length > 0) yield { threads: kept };
}

function* smallerValues(threads: Program['threads'], structure: Structure): Generator<Program> {
  for (const [thread, calls] of threads.entries()) {
    for (const [at, { operation, args }] of calls.entries()) {
      const sources = (structure.operations.get(operation)?.args ?? []).map(sourceOf);
      for (const [index, source] of sources.entries()) {
        for (const value of source.smaller?.(args[index]) ?? []) {
          const call = { operation, args: args.with(index, value) };
          yield { threads: threads.with(thread, calls.with(at, call)) };
        }
      }
    }
  }
}

function without<T>(list: readonly T[], index: number): readonly T[] {
  return list.filter((_, one) => one !== index);
}
