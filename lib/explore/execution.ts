import { type Access, Kind } from './access.ts';
import { Machine, Step, stepActor, stepKind } from './machine.ts';
import type { End, Machines, Program } from './program.ts';

/** One step of an execution, with what it did. */
export interface Operation {
  readonly step: number;
  readonly actor: number;
  /** An access, the passing of a limit, or a store that leaves its buffer. */
  readonly kind: 'access' | 'limit' | 'flush';
  /** Node of the access: of a flush that of the store. */
  readonly node: number;
  readonly access: Access;
  readonly lo: number;
  readonly hi: number;
  /** A wait that found the word as expected: the actor sleeps from here on. */
  readonly isAsleep: boolean;
  /** Whether it wrote, or will once its buffer is empty. A compareExchange that fails does not. */
  readonly hasWritten: boolean;
  /** Actors that it let go on. */
  readonly woken: readonly number[];
  /** For loads: the operation that wrote each byte that was read, -1 for setup; else empty. */
  readonly sources: readonly number[];
}

export interface Execution {
  readonly machines: Machines;
  readonly operations: readonly Operation[];
  readonly steps: readonly number[];
  /** Undefined where the steps do not lead to an end. */
  readonly end: End | undefined;
  /** Where each actor is at its end. */
  readonly nodes: Int32Array;
  /** Actors that are not done. */
  readonly stuck: readonly number[];
  readonly preemptions: number;
}

/** Says which step comes next, of those that are possible; undefined ends the execution. */
export type Chooser = (possible: readonly number[], machine: Machine) => number | undefined;

/** Runs a program by a chooser and records each operation. */
export function execute(program: Program, machines: Machines, choose: Chooser): Execution {
  return new Recorder(program, machines).run(choose);
}

/** A chooser that follows a list. `onMiss` says what comes where the listed step is impossible. */
export function follow(
  steps: readonly number[],
  onMiss: (index: number, possible: readonly number[]) => number | undefined,
): Chooser {
  let index = 0;
  return (possible) => {
    const step = steps[index];
    const chosen = step !== undefined && possible.includes(step) ? step : onMiss(index, possible);
    index += 1;
    return chosen;
  };
}

class Recorder {
  readonly #machine: Machine;
  readonly #machines: Machines;
  readonly #operations: Operation[] = [];
  /** The operation that wrote each byte last. */
  readonly #writer: Int32Array;
  /** Stores that are in the buffers, as operations, by actor. */
  readonly #buffered: number[][];
  readonly #steps = new Int32Array(64);

  constructor(program: Program, machines: Machines) {
    this.#machine = new Machine(program, machines);
    this.#machines = machines;
    this.#writer = new Int32Array(program.memory.length).fill(-1);
    this.#buffered = program.actors.map(() => []);
  }

  run(choose: Chooser): Execution {
    const machine = this.#machine;
    const steps: number[] = [];
    let [last, preemptions] = [-1, 0];
    for (;;) {
      const count = machine.steps(this.#steps);
      const possible = Array.from(this.#steps.subarray(0, count));
      const step = count === 0 ? undefined : choose(possible, machine);
      if (step === undefined) return this.#result(steps, count === 0, preemptions);
      const actor = stepActor(step);
      if (stepKind(step) === Step.access) {
        if (last >= 0 && last !== actor && machine.canStep(last)) preemptions += 1;
        last = actor;
      }
      this.#make(step);
      steps.push(step);
    }
  }

  #result(steps: readonly number[], isOver: boolean, preemptions: number): Execution {
    const machine = this.#machine;
    const end = isOver ? machine.end() : undefined;
    const stuck = machine.program.actors.flatMap((_, actor) =>
      machine.isDone(actor) ? [] : [actor],
    );
    const [machines, operations] = [this.#machines, this.#operations];
    return { machines, operations, steps, end, nodes: machine.node.slice(), stuck, preemptions };
  }

  #make(step: number): void {
    const machine = this.#machine;
    const actor = stepActor(step);
    const node = machine.node[actor] as number;
    if (stepKind(step) === Step.flush) this.#flush(step, actor);
    else if (stepKind(step) === Step.access) this.#access(step, actor, node);
    else {
      machine.make(step);
      this.#note(step, actor, node, 'limit');
    }
  }

  #access(step: number, actor: number, node: number): void {
    const machine = this.#machine;
    const access = machine.trees.access(node) as Access;
    const sources = this.#sourcesOf(actor, access);
    machine.make(step);
    this.#note(step, actor, node, 'access', sources);
    this.#wrote(actor, access);
  }

  #note(
    step: number,
    actor: number,
    node: number,
    kind: Operation['kind'],
    sources: readonly number[] = [],
  ): void {
    const machine = this.#machine;
    const access = machine.trees.access(node) as Access;
    const isAsleep = kind === 'access' && access.kind === Kind.wait && machine.node[actor] === node;
    const woken = machine.program.actors.flatMap((_, other) =>
      (machine.woken >> other) & 1 ? [other] : [],
    );
    const hasWritten =
      kind !== 'limit' &&
      (access.kind === Kind.store || (access.kind === Kind.modify && machine.hasWritten));
    const { lo, hi } = isAsleep || kind !== 'access' ? { lo: 0, hi: 0 } : machine.result;
    const common = { step, actor, kind, node, access, lo, hi };
    this.#operations.push({ ...common, isAsleep, hasWritten, woken, sources });
  }

  #flush(step: number, actor: number): void {
    const index = (this.#buffered[actor] as number[]).shift() as number;
    const store = this.#operations[index] as Operation;
    this.#machine.make(step);
    this.#note(step, actor, store.node, 'flush');
    this.#writer.fill(index, store.access.address, store.access.address + store.access.size);
  }

  #sourcesOf(actor: number, access: Access): number[] {
    if (access.kind === Kind.store || access.kind === Kind.notify) return [];
    const { address, size } = access;
    const sources = Array.from(this.#writer.subarray(address, address + size));
    for (const index of this.#buffered[actor] as number[]) {
      const store = (this.#operations[index] as Operation).access;
      for (let at = 0; at < store.size; at++) {
        const to = store.address + at - address;
        if (to >= 0 && to < size) sources[to] = index;
      }
    }
    return sources;
  }

  #wrote(actor: number, access: Access): void {
    const index = this.#operations.length - 1;
    if (!this.#operations[index]?.hasWritten) return;
    if (access.kind === Kind.store && this.#machines === 'tso' && access.order === 0) {
      (this.#buffered[actor] as number[]).push(index);
    } else {
      this.#writer.fill(index, access.address, access.address + access.size);
    }
  }
}
