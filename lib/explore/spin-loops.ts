import { type Access, Answer, Kind, Op } from './access.ts';
import type { DecisionTrees } from './decision-trees.ts';

/** Repetitions of the same accesses with the same results that look like a spin loop. */
const SUSPICIOUS = 3;
const MAX_PERIOD = 8;

/** A loop that looks and changes nothing: where it begins, and what it looks at. */
export interface SpinLoop {
  readonly actor: number;
  readonly head: number;
  /** Nodes of one round, and the edges that it takes. */
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
}

/** How long the round is that the accesses before `last` repeat without any effect; 0: none. */
export function repeatedPeriod(trees: DecisionTrees, last: number): number {
  for (let period = 1; period <= MAX_PERIOD; period++) {
    if (repeats(trees, last, period)) return period;
  }
  return 0;
}

/** Whether all the accesses of a run were those of a round of this length. */
export function staysIn(found: readonly Access[], period: number): boolean {
  for (let index = period; index < found.length; index++) {
    const [a, b] = [found[index] as Access, found[index - period] as Access];
    if (a.kind !== b.kind || a.address !== b.address || a.size !== b.size) return false;
    if (a.op !== b.op || a.lo !== b.lo || a.hi !== b.hi) return false;
  }
  return true;
}

/** The node `steps` accesses before. */
export function back(trees: DecisionTrees, node: number, steps: number): number {
  let at = node;
  for (let step = 0; step < steps; step++) at = trees.parent(at);
  return at;
}

function repeats(trees: DecisionTrees, last: number, period: number): boolean {
  if (trees.depth(last) < period * SUSPICIOUS) return false;
  let [node, before] = [last, back(trees, last, period)];
  if (!isSameNode(trees, node, before)) return false;
  for (let step = 0; step < period * (SUSPICIOUS - 1); step++) {
    const [edge, other] = [trees.incoming(node), trees.incoming(before)];
    node = trees.parent(node);
    before = trees.parent(before);
    if (trees.edgeLo[edge] !== trees.edgeLo[other]) return false;
    if (trees.edgeHi[edge] !== trees.edgeHi[other]) return false;
    if (!isSameNode(trees, node, before) || !hasNoEffect(trees, node, edge)) return false;
  }
  return true;
}

function isSameNode(trees: DecisionTrees, a: number, b: number): boolean {
  return (
    trees.kind[a] === trees.kind[b] &&
    trees.address[a] === trees.address[b] &&
    trees.size[a] === trees.size[b] &&
    trees.op[a] === trees.op[b] &&
    trees.lo[a] === trees.lo[b] &&
    trees.hi[a] === trees.hi[b] &&
    trees.isSeqCst[a] === trees.isSeqCst[b] &&
    trees.expectedLo[a] === trees.expectedLo[b] &&
    trees.expectedHi[a] === trees.expectedHi[b]
  );
}

/** Whether memory and other actors are as before, once the access had this result. */
function hasNoEffect(trees: DecisionTrees, node: number, edge: number): boolean {
  const lo = trees.edgeLo[edge] as number;
  switch (trees.kind[node]) {
    case Kind.load:
      return true;
    case Kind.modify:
      return writesNothing(trees, node, lo, trees.edgeHi[edge] as number);
    case Kind.wait:
      return lo !== Answer.ok;
    case Kind.notify:
      return lo === 0;
    default:
      return false;
  }
}

function writesNothing(trees: DecisionTrees, node: number, lo: number, hi: number): boolean {
  if (trees.op[node] === Op.compareExchange) {
    return lo !== trees.expectedLo[node] || hi !== trees.expectedHi[node];
  }
  if (trees.op[node] === Op.exchange) return lo === trees.lo[node] && hi === trees.hi[node];
  return false;
}
