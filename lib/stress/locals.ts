import type { AnyDefinition } from '../scenario/scenario.ts';
import type { Cursors } from './cursor.ts';

/** What `open` makes of each state in this thread; undefined where there is no `open`. */
export function openLocals(
  definition: AnyDefinition,
  { state, position }: Cursors,
  stride: number,
): unknown[] | undefined {
  const { open } = definition;
  if (!open) return undefined;
  return Array.from({ length: stride }, (_, index) => {
    position.index = index;
    return open(state);
  });
}
