import { TooLarge } from './error.ts';
import { Growing } from './growing.ts';
import { Machine, Step, stepActor, stepKind } from './machine.ts';
import { countPaths } from './path-count.ts';
import type { End, Machines, Program } from './program.ts';
import { StateTable } from './state-table.ts';

/** How far a search goes. */
export interface Budget {
  readonly maxStates: number;
  /** Told now and then; true ends the search. */
  readonly isOver?: (states: number) => boolean;
}

/** What a search of all schedules found. */
export interface GraphResult {
  readonly states: number;
  /** Schedules from the first step to an end, all of them; of those known if it is not complete. */
  readonly executions: bigint;
  readonly ends: readonly EndCount[];
}

export interface EndCount extends End {
  readonly executions: bigint;
}

const NOBODY = -1;
/** States between two looks at the clock. */
const LOOK_EVERY = 1024;

/**
 * Every schedule of a program: each state that can be reached is visited once, and the schedules
 * are counted over the graph. With a bound, those with up to so many preemptions.
 */
export class StateGraph {
  readonly machine: Machine;
  readonly table = new StateTable();
  /** Which bound of ours the program goes beyond, where that ended the search. */
  tooLarge: string | undefined;
  /** Sees each state once, before the steps out of it. */
  onState: ((machine: Machine) => void) | undefined;
  readonly #from = new Growing();
  readonly #to = new Growing();
  readonly #ends = new Map<number, End>();
  readonly #state: Int32Array;
  readonly #bound: number;
  #expanded = 0;

  constructor(program: Program, machines: Machines, preemptions = Number.POSITIVE_INFINITY) {
    this.machine = new Machine(program, machines);
    this.#state = new Int32Array(this.machine.stateLimit + 2);
    this.#bound = preemptions;
  }

  get isBounded(): boolean {
    return this.#bound !== Number.POSITIVE_INFINITY;
  }

  /** Searches on until all has been seen or the budget is spent. */
  search({ maxStates, isOver }: Budget): boolean {
    if (this.table.count === 0) {
      this.machine.reset();
      this.#intern(NOBODY, 0);
    }
    const steps = new Int32Array(64);
    for (; this.#expanded < this.table.count; this.#expanded++) {
      if (this.table.count > maxStates) return false;
      if (this.#expanded % LOOK_EVERY === 0 && isOver?.(this.table.count)) return false;
      try {
        this.#expand(this.#expanded, steps);
      } catch (error) {
        if (!(error instanceof TooLarge)) throw error;
        this.tooLarge = error.message;
        return false;
      }
    }
    return true;
  }

  result(): GraphResult {
    const ends = [...this.#ends];
    const counts = countPaths(this.table.count, this.#from, this.#to);
    const byText = new Map<string, { end: End; executions: bigint }>();
    for (const [state, end] of ends) {
      const key = `${end.kind} ${end.text}`;
      const found = byText.get(key) ?? { end, executions: 0n };
      found.executions += counts(state);
      byText.set(key, found);
    }
    const all = [...byText.values()].map(({ end, executions }) => ({ ...end, executions }));
    return {
      states: this.table.count,
      executions: all.reduce((sum, { executions }) => sum + executions, 0n),
      ends: all,
    };
  }

  #expand(state: number, steps: Int32Array): void {
    const { machine } = this;
    this.#take(state);
    this.onState?.(machine);
    const count = machine.steps(steps);
    if (count === 0) {
      this.#ends.set(state, machine.end());
      return;
    }
    const [last, used] = this.isBounded ? this.#context(state) : [NOBODY, 0];
    for (let index = 0; index < count; index++) {
      const step = steps[index] as number;
      this.#take(state);
      const cost = this.isBounded ? preemptionOf(machine, step, last) : 0;
      if (used + cost > this.#bound) continue;
      machine.make(step);
      this.#from.push(state);
      this.#to.push(this.#intern(carrierAfter(step, last), used + cost));
    }
  }

  #take(state: number): void {
    this.machine.load(this.table.words, this.table.start(state) + (this.isBounded ? 2 : 0));
  }

  #context(state: number): readonly [number, number] {
    const start = this.table.start(state);
    return [this.table.words[start] as number, this.table.words[start + 1] as number];
  }

  #intern(last: number, used: number): number {
    if (!this.isBounded) return this.table.intern(this.#state, this.machine.save(this.#state));
    const length = this.machine.save(this.#state);
    this.#state.copyWithin(2, 0, length);
    this.#state[0] = last;
    this.#state[1] = used;
    return this.table.intern(this.#state, length + 2);
  }
}

/**
 * Whether a step takes the processor from an actor that could go on. Buffers drain by themselves,
 * and limits pass by themselves: neither runs an actor.
 */
export function preemptionOf(machine: Machine, step: number, last: number): number {
  if (last === NOBODY || stepKind(step) !== Step.access || stepActor(step) === last) return 0;
  return machine.canStep(last) ? 1 : 0;
}

/** The actor that ran last, after a step. */
export function carrierAfter(step: number, last: number): number {
  return stepKind(step) === Step.access ? stepActor(step) : last;
}
