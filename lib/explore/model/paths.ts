import type { Program } from '../program.ts';
import { PathWalk, type Walker } from './path-walk.ts';
import type { Path, Step } from './step.ts';

/** Steps that a walk through one actor's tree may take. */
const MOST_STEPS = 20_000;

/**
 * All ways of all actors, with values that reads can have. What can be read depends on what is
 * written, and what is written on what is read: so the writes are gathered in rounds, until there are
 * no new ones. A value that takes more rounds than an execution has writes can only explain itself,
 * out of thin air, and is left out.
 */
export function pathsOf(program: Program): readonly (readonly Path[])[] {
  const writes = program.actors.map(() => new Map<string, Step>());
  for (let round = 0, most = 1; round <= most; round++) {
    const before = count(writes);
    most = program.actors
      .map((_, actor) => gather(program, actor, writes))
      .reduce((sum, own) => sum + own, 0);
    if (count(writes) === before) break;
  }
  return program.actors.map((_, actor) => {
    const paths: Path[] = [];
    walk(program, actor, writes, { onStep: () => undefined, onEnd: (path) => paths.push(path) });
    return paths;
  });
}

type Writes = readonly Map<string, Step>[];

function count(writes: Writes): number {
  return writes.reduce((sum, { size }) => sum + size, 0);
}

/** One round for one actor; the most writes that a way of it has. */
function gather(program: Program, actor: number, writes: Writes): number {
  let most = 0;
  const own = new Map<string, Step>();
  walk(program, actor, writes, {
    onStep(step) {
      if (step.writes) own.set(keyOf(step), step);
    },
    onEnd({ steps }) {
      most = Math.max(most, steps.filter((step) => step.writes).length);
    },
  });
  for (const [key, step] of own) writes[actor]?.set(key, step);
  return most;
}

/** Two writes that no read can tell apart are one. */
function keyOf({ address, size, noTear, lo, hi }: Step): string {
  return `${address} ${size} ${noTear} ${lo} ${hi}`;
}

function walk(program: Program, actor: number, writes: Writes, walker: Walker): void {
  const others = writes.flatMap((own, index) => (index === actor ? [] : [...own.values()]));
  new PathWalk(program, others, walker, MOST_STEPS).walk(program.trees.root(actor));
}
