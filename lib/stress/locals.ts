import type { AnyDefinition } from '../scenario/scenario.ts';
import { baseKey, type Cursor, indexKey } from './plain-field.ts';
import type { TrialMemory } from './trial-memory.ts';

/** Moves both cursors to a sample. */
export function moveTo(state: Cursor, result: Cursor, index: number, step: number): void {
  state[baseKey] = index * step;
  state[indexKey] = index;
  result[indexKey] = index;
}

/** What `open` makes of each state in this thread; undefined where there is no `open`. */
export function openLocals(
  definition: AnyDefinition,
  state: Cursor,
  memory: TrialMemory,
): unknown[] | undefined {
  const { open } = definition;
  if (!open) return undefined;
  return Array.from({ length: memory.stride }, (_, index) => {
    state[baseKey] = index * memory.step;
    state[indexKey] = index;
    return open(state);
  });
}
