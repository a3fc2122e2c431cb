import type { Coverage } from '../report/explore-result.ts';
import type { Machines } from './program.ts';
import type { ScenarioProgram } from './scenario-program.ts';
import { type Budget, type EndCount, StateGraph } from './state-graph.ts';

/**
 * What can be claimed of a search that is too large: all schedules with up to so many preemptions.
 * The bound rises while such a search fits into the budget.
 */
export class BoundedLadder {
  /** The highest bound that was searched whole. */
  within: Coverage['within'];
  readonly #program: ScenarioProgram;
  readonly #machines: Machines;
  /** Bounds below this one. */
  readonly #below: number;
  readonly #ends = new Map<string, EndCount>();
  #states: readonly number[] = [];

  constructor(program: ScenarioProgram, machines: Machines, below: number) {
    this.#program = program;
    this.#machines = machines;
    this.#below = below;
  }

  /** Rises as far as this budget allows for each bound. */
  climb(budget: Budget): void {
    while (this.#states.length < this.#below && this.#expected() <= budget.maxStates) {
      const bound = this.#states.length;
      const graph = new StateGraph(this.#program, this.#machines, bound);
      const isComplete = graph.search(budget);
      const { ends, states, executions } = graph.result();
      // what was found holds, also where the bound was not searched whole
      for (const end of ends) this.#ends.set(keyOf(end), end);
      if (!isComplete) return;
      this.#states = [...this.#states, states];
      this.within = { preemptions: bound, executions: String(executions), states };
    }
  }

  /** Ends that were found with a bound, and are not among these. */
  othersThan(known: readonly EndCount[]): readonly EndCount[] {
    const keys = new Set(known.map(keyOf));
    return [...this.#ends.values()].filter((end) => !keys.has(keyOf(end)));
  }

  /** States of the next bound, if it grows as the last did. */
  #expected(): number {
    const [before = 1, last = 1] = this.#states.slice(-2);
    return this.#states.length < 2 ? last : (last * last) / before;
  }
}

function keyOf({ kind, text }: EndCount): string {
  return `${kind} ${text}`;
}
