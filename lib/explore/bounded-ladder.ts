import type { Coverage } from '../report/explore-result.ts';
import type { Machines } from './program.ts';
import type { ScenarioProgram } from './scenario-program.ts';
import { type Budget, type EndCount, StateGraph } from './state-graph.ts';

/**
 * What can be claimed of a search that is too large: all schedules with up to so many preemptions.
 * The bound rises while such a search fits into the budget.
 */
export class BoundedLadder {
  #within: Coverage['within'];
  readonly #program: ScenarioProgram;
  readonly #machines: Machines;
  /** Bounds below this one. */
  readonly #below: number;
  readonly #ends = new Map<string, EndCount>();
  #states: readonly number[] = [];
  #isStarved = false;

  constructor(program: ScenarioProgram, machines: Machines, below: number) {
    this.#program = program;
    this.#machines = machines;
    this.#below = below;
  }

  /** The highest bound that was searched whole; and what the next would take, where there was no room left for it. */
  get within(): Coverage['within'] {
    if (!this.#within || !this.#isStarved) return this.#within;
    return { ...this.#within, nextStates: Math.ceil(this.#expected()) };
  }

  /** Rises as far as this budget allows for all bounds together. */
  climb(budget: Budget): void {
    while (this.#states.length < this.#below) {
      this.#isStarved = this.#spent + this.#expected() > budget.maxStates;
      if (this.#isStarved) return;
      const bound = this.#states.length;
      const graph = new StateGraph(this.#program, this.#machines, bound);
      const isComplete = graph.search(budget);
      const { ends, states, executions } = graph.result();
      // what was found holds, also where the bound was not searched whole
      keepHigher(this.#ends, ends);
      // as many as with the bound below: nobody can be preempted more often, so it would rise for ever
      if (!isComplete || states === this.#states.at(-1)) return;
      this.#states = [...this.#states, states];
      this.#within = { preemptions: bound, executions: String(executions), states };
    }
  }

  /** These ends and those that were found with a bound. */
  joinedWith(known: readonly EndCount[]): readonly EndCount[] {
    const all = new Map(this.#ends);
    keepHigher(all, known);
    return [...all.values()];
  }

  get #spent(): number {
    return this.#states.reduce((sum, one) => sum + one, 0);
  }

  /** States of the next bound, if it grows as the last did. */
  #expected(): number {
    const [before = 1, last = 1] = this.#states.slice(-2);
    return this.#states.length < 2 ? last : (last * last) / before;
  }
}

/** A search that was cut counts fewer executions to an end than a whole one of a lower bound may. */
function keepHigher(ends: Map<string, EndCount>, more: readonly EndCount[]): void {
  for (const end of more) {
    const known = ends.get(keyOf(end));
    if (!known || known.executions < end.executions) ends.set(keyOf(end), end);
  }
}

function keyOf({ kind, text }: EndCount): string {
  return `${kind} ${text}`;
}
