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

  walk(node: number, choices = 1): void {
    const { kind } = this.#trees;
    if (choices > MOST_CHOICES) throw new TooManyExecutions('the actors have too many ways');
    if (kind[node] === Kind.limit) throw new NotInModel('an actor makes too many steps');
    if ((kind[node] as number) >= Kind.end) {
      this.#walker.onEnd({ steps: this.#path.slice(), end: node });
      return;
    }
    if (kind[node] === Kind.store) this.#take(node, { lo: 0, hi: 0 }, choices);
    else if (kind[node] === Kind.load || kind[node] === Kind.modify) {
      const values = this.#values(node);
      for (const value of values) this.#take(node, value, choices * values.length);
    } else throw new NotInModel('it races and waits');
  }

  #take(node: number, result: Value, choices: number): void {
    if (--this.#left < 0) throw new TooManyExecutions('the actors have too many ways');
    const step = stepOf(this.#trees.access(node) as Access, node, result);
    const edge = this.#trees.edge(node, result.lo, result.hi);
    if (this.#trees.edgeRests[edge] !== 0) return;
    this.#path.push(step);
    this.#walker.onStep(step);
    this.walk(this.#trees.edgeTo[edge] as number, choices);
    this.#path.pop();
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
