import { byteOf, hasByte, overlappingRanges } from '../../memory-model/index.ts';
import { type Access, Kind } from '../access.ts';
import type { DecisionTrees } from '../decision-trees.ts';
import { memoryValue, type Path, type Step, stepOf } from './step.ts';
import { readableValues, TooManyExecutions, type Value, type Written } from './writes.ts';

export interface Walker {
  onStep(step: Step): void;
  onEnd(path: Path): void;
}

/**
 * The choices along one way, multiplied. With more of them the walk would end by its steps anyway,
 * after each of them has run the actor.
 */
const MOST_CHOICES = 1e9;

/** A node on the way, with the results that its access may have. */
interface Fork {
  readonly node: number;
  readonly results: readonly Value[];
  taken: number;
  /** Of all forks up to this one. */
  readonly choices: number;
}

/** What an axiomatic search cannot look at. */
export class NotInModel extends Error {}

/**
 * Every way through the tree of an actor in which each read has a value that it can have of the
 * actor's own writes before it, of the memory at the start, or of others' writes. Rounds of a folded
 * loop are left out: an execution without them is allowed wherever one with them is.
 */
export class PathWalk {
  readonly #trees: DecisionTrees;
  readonly #memory: Uint8Array;
  readonly #others: readonly Written[];
  readonly #walker: Walker;
  readonly #path: Step[] = [];
  #left: number;

  constructor(
    program: { readonly trees: DecisionTrees; readonly memory: Uint8Array },
    others: readonly Written[],
    walker: Walker,
    mostSteps: number,
  ) {
    this.#trees = program.trees;
    this.#memory = program.memory;
    this.#others = others;
    this.#walker = walker;
    this.#left = mostSteps;
  }

  /** From the root of an actor. Not by recursion: a way may have as many steps as an actor may make. */
  walk(root: number): void {
    const forks: Fork[] = [];
    this.#enter(root, 1, forks);
    for (let fork = forks.at(-1); fork !== undefined; fork = forks.at(-1)) {
      this.#path.length = forks.length - 1;
      const result = fork.results[fork.taken++];
      if (result === undefined) forks.pop();
      else this.#take(fork, result, forks);
    }
  }

  #enter(node: number, choices: number, forks: Fork[]): void {
    const { kind } = this.#trees;
    if (choices > MOST_CHOICES) throw new TooManyExecutions('the actors have too many ways');
    if (kind[node] === Kind.limit) throw new NotInModel('an actor makes too many steps');
    if ((kind[node] as number) >= Kind.end) {
      this.#walker.onEnd({ steps: this.#path.slice(), end: node });
      return;
    }
    const results = this.#results(node);
    forks.push({ node, results, taken: 0, choices: choices * results.length });
  }

  #results(node: number): readonly Value[] {
    const kind = this.#trees.kind[node];
    if (kind === Kind.store) return [{ lo: 0, hi: 0 }];
    if (kind === Kind.load || kind === Kind.modify) return this.#values(node);
    throw new NotInModel('it races and waits');
  }

  #take({ node, choices }: Fork, result: Value, forks: Fork[]): void {
    if (--this.#left < 0) throw new TooManyExecutions('the actors have too many ways');
    const step = stepOf(this.#trees.access(node) as Access, node, result);
    const edge = this.#trees.edge(node, result.lo, result.hi);
    if (this.#trees.edgeRests[edge] !== 0) return;
    this.#path.push(step);
    this.#walker.onStep(step);
    this.#enter(this.#trees.edgeTo[edge] as number, choices, forks);
  }

  #values(node: number): readonly Value[] {
    const { address, size, tears } = this.#trees.access(node) as Access;
    const read = { address, size, noTear: !tears };
    const others = this.#others.filter((write) => overlappingRanges(write, read));
    return readableValues(read, [...this.#own(read), ...others]);
  }

  /** What the actor itself would read: its newest write of each byte, or the memory at the start. */
  #own(read: { address: number; size: number }): Written[] {
    const newest = Array.from({ length: read.size }, (_, index) =>
      this.#path.findLast((step) => step.writes && hasByte(step, read.address + index)),
    );
    const [first] = newest;
    if (newest.every((step) => step === first)) return [first ?? this.#initial(read)];
    return newest.map((step, index) => {
      const address = read.address + index;
      const from = step ?? this.#initial({ address, size: 1 });
      const lo = byteOf(from.lo, from.hi, address - from.address);
      return { address, size: 1, noTear: false, lo, hi: 0 };
    });
  }

  #initial({ address, size }: { address: number; size: number }): Written {
    return { address, size, noTear: true, ...memoryValue(this.#memory, address, size) };
  }
}
