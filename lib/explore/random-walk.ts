import { Machine, Step, stepActor, stepKind } from './machine.ts';
import type { End, Machines, Program } from './program.ts';
import { StateTable } from './state-table.ts';

/** Any possible step is as likely as any other; or priorities with few changes (PCT). */
export type Strategy = 'uniform' | 'pct';

/** Changes of priorities in an execution of PCT: bugs of depth 3 and less. */
const CHANGES = 2;
/** Executions that tell how long one is. */
const MEASURED = 32;

export interface RandomCount extends End {
  readonly executions: bigint;
  /** Number of the first execution that ended so. */
  readonly first: number;
}

/** Executions by chance, each by its number: the same number gives the same one, everywhere. */
export class RandomWalk {
  readonly #machine: Machine;
  readonly #seed: number;
  readonly #strategy: Strategy;
  readonly #table = new StateTable();
  readonly #state: Int32Array;
  readonly #counts: number[] = [];
  readonly #ends: End[] = [];
  readonly #first: number[] = [];
  readonly #possible = new Int32Array(64);
  readonly #priorities: Float64Array;
  readonly #changes = new Float64Array(CHANGES);
  /** Steps of all executions that were made. */
  steps = 0;
  /** Steps of a usual execution: where PCT puts its changes. */
  #length = 1;
  #isMeasured = false;
  #random = 0;

  constructor(program: Program, machines: Machines, seed: number, strategy: Strategy) {
    this.#machine = new Machine(program, machines);
    this.#seed = seed | 0;
    this.#strategy = strategy;
    this.#state = new Int32Array(this.#machine.stateLimit);
    this.#priorities = new Float64Array(program.actors.length);
  }

  #measure(): void {
    this.#isMeasured = true;
    for (let index = 0; index < MEASURED; index++) {
      this.#begin(index);
      this.#length = Math.max(this.#length, this.#steps('uniform'));
    }
  }

  /** Makes execution number `index`; its steps go to `record`, if it is given. */
  run(index: number, record?: number[]): void {
    if (this.#strategy === 'pct' && !this.#isMeasured) this.#measure();
    this.#begin(index);
    if (this.#strategy === 'pct') this.#prepare();
    this.#steps(this.#strategy, record);
    this.#count(index);
  }

  #begin(index: number): void {
    this.#machine.reset();
    this.#random = Math.imul(index + 1, 0x9e3779b1) ^ this.#seed;
  }

  /** To the end; how many steps that took. */
  #steps(strategy: Strategy, record?: number[]): number {
    const machine = this.#machine;
    for (let length = 0; ; length++) {
      const count = machine.steps(this.#possible);
      if (count === 0) {
        this.steps += length;
        return length;
      }
      const step =
        strategy === 'pct'
          ? this.#byPriority(count, length)
          : (this.#possible[count === 1 ? 0 : this.#below(count)] as number);
      machine.make(step);
      record?.push(step);
    }
  }

  get ends(): readonly RandomCount[] {
    const byText = new Map<string, RandomCount>();
    for (const [id, end] of this.#ends.entries()) {
      const key = `${end.kind} ${end.text}`;
      const known = byText.get(key);
      const executions = BigInt(this.#counts[id] as number) + (known?.executions ?? 0n);
      const first = Math.min(known?.first ?? Number.POSITIVE_INFINITY, this.#first[id] as number);
      byText.set(key, { ...end, executions, first });
    }
    return [...byText.values()];
  }

  #count(index: number): void {
    const id = this.#table.intern(this.#state, this.#machine.save(this.#state));
    if (this.#table.isNew) {
      this.#ends.push(this.#machine.end());
      this.#counts.push(0);
      this.#first.push(index);
    }
    this.#counts[id] = (this.#counts[id] as number) + 1;
  }

  /** mulberry32, as everywhere in this package. */
  #next(): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#random ^ (this.#random >>> 15), this.#random | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  #below(limit: number): number {
    return this.#next() % limit;
  }

  #prepare(): void {
    for (let actor = 0; actor < this.#priorities.length; actor++) {
      this.#priorities[actor] = 1 + this.#next();
    }
    for (let change = 0; change < CHANGES; change++) {
      this.#changes[change] = this.#below(this.#length);
    }
  }

  /** The first actor by priority; at a change it falls behind all others. */
  #byPriority(count: number, length: number): number {
    let best = this.#possible[0] as number;
    for (let index = 1; index < count; index++) {
      const step = this.#possible[index] as number;
      if (this.#rank(step) > this.#rank(best)) best = step;
    }
    for (let change = 0; change < CHANGES; change++) {
      if (this.#changes[change] === length) this.#priorities[stepActor(best)] = -change / CHANGES;
    }
    // buffers drain and limits pass whatever the priorities are
    const other = this.#possible[this.#below(count)] as number;
    return stepKind(other) !== Step.access && this.#below(3) === 0 ? other : best;
  }

  #rank(step: number): number {
    const kind = stepKind(step);
    if (kind === Step.access) return this.#priorities[stepActor(step)] as number;
    return kind === Step.flush ? -2 : -3;
  }
}
