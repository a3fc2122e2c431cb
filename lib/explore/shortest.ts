import { TooLarge } from './error.ts';
import { Machine } from './machine.ts';
import type { End, Machines, Program } from './program.ts';
import { carrierAfter, preemptionOf } from './state-graph.ts';
import { StateTable } from './state-table.ts';

/** A way from the first step to an end. */
export interface Schedule {
  readonly machines: Machines;
  readonly steps: readonly number[];
  readonly preemptions: number;
  readonly end: End;
}

interface Limits {
  readonly maxStates: number;
  readonly isOver?: () => boolean;
}

const NOBODY = -1;

/**
 * The schedule with the fewest preemptions to an end that is wanted, and among those the one with
 * the fewest steps; among those the first in the order of actors. It needs no seed, so it is the
 * same on every machine. A text where there is none: why.
 */
export function shortestSchedule(
  program: Program,
  machines: Machines,
  isWanted: (end: End) => boolean,
  limits: Limits,
): Schedule | string {
  try {
    return new ShortestSearch(program, machines, isWanted, limits).run();
  } catch (error) {
    if (error instanceof TooLarge) return error.message;
    throw error;
  }
}

class ShortestSearch {
  readonly #machine: Machine;
  readonly #machines: Machines;
  readonly #isWanted: (end: End) => boolean;
  readonly #limits: Limits;
  readonly #table = new StateTable();
  readonly #state: Int32Array;
  /** How each state was reached first: from which, by which step. */
  readonly #from: number[] = [];
  readonly #by: number[] = [];
  readonly #isDone: boolean[] = [];
  /** States by preemptions, then by steps. */
  readonly #waiting: number[][][] = [];

  constructor(
    program: Program,
    machines: Machines,
    isWanted: (end: End) => boolean,
    limits: Limits,
  ) {
    this.#machine = new Machine(program, machines);
    this.#machines = machines;
    this.#isWanted = isWanted;
    this.#limits = limits;
    this.#state = new Int32Array(this.#machine.stateLimit + 1);
  }

  run(): Schedule | string {
    const { maxStates, isOver } = this.#limits;
    this.#machine.reset();
    this.#reach(NOBODY, NOBODY, 0, 0, 0);
    for (let preemptions = 0; preemptions < this.#waiting.length; preemptions++) {
      const levels = this.#waiting[preemptions] ?? [];
      for (let length = 0; length < levels.length; length++) {
        for (const state of levels[length] ?? []) {
          if (this.#table.count > maxStates) {
            return `more than ${maxStates} states; give a greater --max-states`;
          }
          if (isOver?.()) return 'the time was over; give more --time';
          const found = this.#visit(state, preemptions, length);
          if (found) return found;
        }
      }
    }
    return 'no schedule leads to it';
  }

  #visit(state: number, preemptions: number, length: number): Schedule | undefined {
    if (this.#isDone[state]) return undefined;
    this.#isDone[state] = true;
    const machine = this.#machine;
    const last = this.#take(state);
    const steps = new Int32Array(64);
    const count = machine.steps(steps);
    if (count === 0) return this.#atEnd(state, preemptions);
    for (let index = 0; index < count; index++) {
      const step = steps[index] as number;
      if (index > 0) this.#take(state);
      const cost = preemptionOf(machine, step, last);
      machine.make(step);
      this.#reach(carrierAfter(step, last), state, step, preemptions + cost, length + 1);
    }
    return undefined;
  }

  #atEnd(state: number, preemptions: number): Schedule | undefined {
    const end = this.#machine.end();
    if (!this.#isWanted(end)) return undefined;
    const steps: number[] = [];
    for (let at = state; (this.#from[at] as number) >= 0; at = this.#from[at] as number) {
      steps.push(this.#by[at] as number);
    }
    return { machines: this.#machines, steps: steps.reverse(), preemptions, end };
  }

  #take(state: number): number {
    const start = this.#table.start(state);
    this.#machine.load(this.#table.words, start + 1);
    return this.#table.words[start] as number;
  }

  #reach(last: number, from: number, by: number, preemptions: number, length: number): void {
    const size = this.#machine.save(this.#state);
    this.#state.copyWithin(1, 0, size);
    this.#state[0] = last;
    const state = this.#table.intern(this.#state, size + 1);
    // the first way to a state is not the cheapest where a later one has fewer preemptions
    if (!this.#table.isNew && !this.#isCheaper(state, preemptions, length)) return;
    this.#from[state] = from;
    this.#by[state] = by;
    this.#cost[state] = preemptions * COST + length;
    const levels = this.#waiting[preemptions] ?? [];
    this.#waiting[preemptions] = levels;
    const level = levels[length] ?? [];
    levels[length] = level;
    level.push(state);
  }

  readonly #cost: number[] = [];

  #isCheaper(state: number, preemptions: number, length: number): boolean {
    return !this.#isDone[state] && preemptions * COST + length < (this.#cost[state] as number);
  }
}

/** A preemption weighs more than any number of steps. */
const COST = 2 ** 32;
