import type { CandidateExecution } from './candidate-execution.ts';

/** 29.6.3 reads-from: the events that a read has bytes of, each once. */
export function readsFrom(execution: CandidateExecution, read: number): readonly number[] {
  const writers = execution.readsBytesFrom[read];
  if (writers === undefined) return [];
  const once: number[] = [];
  for (let index = 0; index < writers.length; index++) {
    const writer = writers[index] as number;
    if (!once.includes(writer)) once.push(writer);
  }
  return once;
}
