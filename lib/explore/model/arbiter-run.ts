import { type Access, Kind } from '../access.ts';
import { Port } from '../port.ts';
import type { Program } from '../program.ts';
import { NotInModel } from './path-walk.ts';
import type { Value } from './writes.ts';

/** How far the arbiter came: to the outcome, or to a read that has no answer yet. */
export interface ArbiterRun {
  /** All accesses so far; without a text the last one waits for its answer. */
  readonly accesses: readonly Access[];
  readonly text?: string;
}

/** Runs the arbiter from its beginning with these results of its accesses. */
export function runArbiter(
  program: Program,
  ends: Int32Array,
  answers: readonly Value[],
): ArbiterRun {
  const script = {
    known: [],
    lo: answers.map(({ lo }) => lo),
    hi: answers.map(({ hi }) => hi),
    results: answers.length,
    period: 0,
    limit: 0,
  };
  let port = new Port('arbiter', script);
  const fresh = () => {
    port = new Port('arbiter', script);
    return port;
  };
  try {
    const text = program.outcome(ends, fresh);
    if (!port.isStopped) return { accesses: checked(port.found), text };
  } catch (error) {
    if (!port.isStopped) throw error;
  }
  return { accesses: checked(port.found) };
}

function checked(accesses: readonly Access[]): readonly Access[] {
  if (accesses.every(({ kind }) => kind <= Kind.modify)) return accesses;
  throw new NotInModel('the arbiter waits or notifies');
}
