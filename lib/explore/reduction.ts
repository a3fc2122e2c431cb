import type { Shard } from '../report/result.ts';
import { Kind } from './access.ts';
import { TooLarge } from './error.ts';
import { Machine, Step, stepActor, stepKind } from './machine.ts';
import type { End, Program } from './program.ts';
import type { SpinLoop } from './spin-loops.ts';
import type { EndCount } from './state-graph.ts';

/** Bytes that an event read or wrote; a wait queue counts as a place that is written. */
interface Reach {
  readonly from: number;
  readonly to: number;
  readonly isWrite: boolean;
  readonly isQueue: boolean;
}

/** A step that was made. Processes are the actors, then the limits of their waits. */
interface Event {
  readonly process: number;
  readonly reach: readonly Reach[];
  /** Number of the event among those of its process, from 1. */
  readonly number: number;
  /** Of each process the last event that happens before this one, or is it. */
  readonly clock: Int32Array;
}

/** Processes whose next step has been tried: it need not be tried again until something meets it. */
type Sleep = Map<number, readonly Reach[]>;

interface Level {
  readonly state: Int32Array;
  readonly steps: readonly number[];
  readonly sleep: Sleep;
  readonly backtrack: Set<number>;
  /** Clocks of the processes at this point. */
  readonly clocks: readonly Int32Array[];
}

export interface ReducedResult {
  readonly ends: readonly EndCount[];
  /** Executions that ended; those that sleep sets cut are not among them. */
  readonly executions: number;
  readonly isComplete: boolean;
  /** Which bound of ours the program goes beyond, where that ended the search. */
  readonly tooLarge?: string;
}

const WHOLE: Shard = { index: 1, count: 1 };

/**
 * In parts, all beginnings of so many steps are made by each part, and what follows them is dealt
 * out. The same for any number of parts, so that their sums are the same.
 */
const SHARED_STEPS = 5;

/** Steps forth and back between two looks at the clock. */
const LOOK_EVERY = 1024;

/** What the reduction does not know how to order: promises, whose limits are many. */
export function whyNotReduced(program: Program): string | undefined {
  const { trees } = program;
  for (let node = 1; node < trees.nodes; node++) {
    if (trees.kind[node] === Kind.waitAsync) return 'waitAsync';
  }
  return undefined;
}

/**
 * Source-DPOR with sleep sets (Abdulla, Aronsson, Jonsson, Sagonas, POPL 2014): of executions that
 * differ only in the order of independent steps, one. Sequential consistency.
 */
export class Reduction {
  readonly #machine: Machine;
  readonly #actors: number;
  readonly #events: Event[] = [];
  readonly #levels: Level[] = [];
  readonly #ends = new Map<string, { end: End; count: number }>();
  readonly #buffer: Int32Array;
  readonly #steps = new Int32Array(64);
  readonly #part: Shard;
  /** Beginnings that have been made. */
  #beginnings = 0;
  #executions = 0;

  constructor(program: Program, part: Shard = WHOLE) {
    this.#part = part;
    this.#machine = new Machine(program, 'sc');
    this.#actors = program.actors.length;
    this.#buffer = new Int32Array(this.#machine.stateLimit);
  }

  /** Searches until all is seen or `isOver` says so; call it once. */
  search(isOver: (executions: number) => boolean): ReducedResult {
    try {
      const isComplete = this.#searchAll(isOver);
      return { ends: this.#endCounts(), executions: this.#executions, isComplete };
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
      const [ends, executions] = [this.#endCounts(), this.#executions];
      return { ends, executions, isComplete: false, tooLarge: error.message };
    }
  }

  #searchAll(isOver: (executions: number) => boolean): boolean {
    this.#machine.reset();
    const clocks = Array.from({ length: 2 * this.#actors }, () => new Int32Array(2 * this.#actors));
    this.#levels.push(this.#level(new Map(), clocks));
    for (let turn = 1; this.#levels.length > 0; turn++) {
      if (turn % LOOK_EVERY === 0 && isOver(this.#executions)) return false;
      this.#advance(this.#levels.at(-1) as Level);
    }
    return true;
  }

  #endCounts(): EndCount[] {
    return [...this.#ends.values()].map(({ end, count }) => ({
      ...end,
      executions: BigInt(count),
    }));
  }

  /** The machine's state as a new level; an end is counted. */
  #level(sleep: Sleep, clocks: readonly Int32Array[]): Level {
    const machine = this.#machine;
    const isMine = this.#isMine();
    const count = isMine || this.#isBeginning ? machine.steps(this.#steps) : 0;
    const steps = Array.from(this.#steps.subarray(0, count));
    if (count === 0 && isMine) this.#count(machine.end());
    const state = this.#buffer.slice(0, machine.save(this.#buffer));
    const first = steps.map((step) => this.#process(step)).find((process) => !sleep.has(process));
    const tried = this.#isBeginning ? steps.map((step) => this.#process(step)) : [first];
    const backtrack = new Set(tried.filter((one) => one !== undefined));
    return { state, steps, sleep, backtrack, clocks };
  }

  /** Whether this level is one of those that every part makes. */
  get #isBeginning(): boolean {
    return this.#part.count > 1 && this.#levels.length < SHARED_STEPS;
  }

  /** Whether what ends or begins here is counted by this part: it is, somewhere below its own. */
  #isMine(): boolean {
    const { index, count } = this.#part;
    if (this.#isBeginning) return index === 1;
    if (count === 1 || this.#levels.length > SHARED_STEPS) return true;
    return this.#beginnings++ % count === index - 1;
  }

  #count(end: End): void {
    this.#executions += 1;
    const key = `${end.kind} ${end.text}`;
    const known = this.#ends.get(key) ?? { end, count: 0 };
    known.count += 1;
    this.#ends.set(key, known);
  }

  #process(step: number): number {
    return stepActor(step) + (stepKind(step) === Step.limit ? this.#actors : 0);
  }

  /** The next process that has to be tried here, or back. */
  #advance(level: Level): void {
    const step = level.steps.find((one) => {
      const process = this.#process(one);
      return level.backtrack.has(process) && !level.sleep.has(process);
    });
    if (step === undefined) {
      this.#levels.pop();
      const event = this.#events.pop();
      const below = this.#levels.at(-1);
      if (event && below) below.sleep.set(event.process, event.reach);
      return;
    }
    this.#make(level, step);
  }

  #make(level: Level, step: number): void {
    const machine = this.#machine;
    machine.load(level.state, 0);
    const process = this.#process(step);
    const node = machine.node[stepActor(step)] as number;
    machine.make(step);
    this.#tryLimits(level);
    const reach = this.#reachOf(step, node);
    const clock = this.#ordered(level, process, reach);
    const event: Event = { process, reach, number: clock[process] as number, clock };
    this.#events.push(event);
    const clocks = level.clocks.map((one) => one.slice());
    clocks[process] = clock.slice();
    for (const other of this.#letGo(step)) join(clocks[other] as Int32Array, clock);
    const sleep: Sleep = new Map(
      [...level.sleep].filter(
        ([other, its]) => !isDependent(its, reach) && !this.#isSameActor(other, process),
      ),
    );
    this.#levels.push(this.#level(sleep, clocks));
  }

  /** A notify takes the limit from whom it wakes: that could have passed before, unseen as a race. */
  #tryLimits(level: Level): void {
    for (const step of level.steps) {
      if (stepKind(step) !== Step.limit) continue;
      if ((this.#machine.woken >> stepActor(step)) & 1) level.backtrack.add(this.#process(step));
    }
  }

  #isSameActor(a: number, b: number): boolean {
    return a % this.#actors === b % this.#actors;
  }

  /** Processes that can go on only since this step: woken ones, and the two sides of a wait. */
  #letGo(step: number): number[] {
    const actor = stepActor(step);
    const woken: number[] = [actor, actor + this.#actors];
    for (let other = 0; other < this.#actors; other++) {
      if (((this.#machine.woken >> other) & 1) === 1) woken.push(other, other + this.#actors);
    }
    return woken;
  }

  /** The event's clock. Earlier events that it races with are to be tried the other way round. */
  #ordered(level: Level, process: number, reach: readonly Reach[]): Int32Array {
    const clock = (level.clocks[process] as Int32Array).slice();
    const races: number[] = [];
    for (let at = this.#events.length - 1; at >= 0; at--) {
      const earlier = this.#events[at] as Event;
      if ((clock[earlier.process] as number) >= earlier.number) continue;
      if (!isDependent(earlier.reach, reach)) continue;
      races.push(at);
      join(clock, earlier.clock);
    }
    clock[process] = this.#numberOf(process);
    for (const at of races) this.#reverse(at, process, clock);
    return clock;
  }

  #numberOf(process: number): number {
    let number = 1;
    for (const event of this.#events) if (event.process === process) number += 1;
    return number;
  }

  /** Makes sure that what follows without the event at `at` is tried in its place. */
  #reverse(at: number, process: number, clock: Int32Array): void {
    const raced = this.#events[at] as Event;
    const rest = this.#events.slice(at + 1).filter((event) => !happensBefore(raced, event.clock));
    const last = { process, number: clock[process] as number, clock };
    const initials = this.#initials([...rest, last]);
    const { backtrack, steps } = this.#levels[at] as Level;
    if (initials.some((one) => backtrack.has(one))) return;
    const possible = steps.map((step) => this.#process(step));
    const fitting = initials.find((one) => possible.includes(one));
    if (fitting !== undefined) backtrack.add(fitting);
    else for (const one of possible) backtrack.add(one);
  }

  /** Processes whose first event of these has none of the others before it. */
  #initials(events: readonly Pick<Event, 'process' | 'number' | 'clock'>[]): number[] {
    const found: number[] = [];
    const seen = new Set<number>();
    for (const [at, event] of events.entries()) {
      if (seen.has(event.process)) continue;
      seen.add(event.process);
      const isFirst = events.slice(0, at).every((other) => !happensBefore(other, event.clock));
      if (isFirst) found.push(event.process);
    }
    return found;
  }

  #reachOf(step: number, node: number): Reach[] {
    const { trees, hasWritten, node: now, blocked } = this.#machine;
    const [from, size] = [trees.address[node] as number, trees.size[node] as number];
    const memory = { from, to: from + size, isQueue: false };
    const queue = { from, to: from + size, isWrite: true, isQueue: true };
    if (stepKind(step) === Step.limit) return [queue];
    const reach: Reach[] = [];
    const kind = trees.kind[node];
    if (kind === Kind.notify || kind === Kind.wait) reach.push(queue);
    if (kind !== Kind.notify) reach.push({ ...memory, isWrite: hasWritten });
    const actor = stepActor(step);
    // whoever comes to rest has looked at all of its round once more
    const spin = trees.spins[blocked[actor] as number];
    if ((blocked[actor] as number) > 0 && spin) reach.push(...this.#roundOf(spin));
    else if (trees.spins.length > 1) reach.push(...this.#closedRound(node, now[actor] as number));
    return reach;
  }

  /** The round of a loop that this step closed, although the actor did not come to rest. */
  #closedRound(from: number, to: number): Reach[] {
    const { trees } = this.#machine;
    for (const spin of trees.spins) {
      if (spin?.head === to && spin.nodes.at(-1) === from) return this.#roundOf(spin);
    }
    return [];
  }

  #roundOf({ nodes }: SpinLoop): Reach[] {
    const { trees } = this.#machine;
    return nodes.flatMap((node) => {
      const from = trees.address[node] as number;
      const reach = { from, to: from + (trees.size[node] as number), isWrite: false };
      const isQueue = trees.kind[node] === Kind.wait || trees.kind[node] === Kind.notify;
      return [{ ...reach, isQueue: false }, ...(isQueue ? [{ ...reach, isQueue: true }] : [])];
    });
  }
}

function happensBefore(event: Pick<Event, 'process' | 'number'>, clock: Int32Array): boolean {
  return (clock[event.process] as number) >= event.number;
}

function join(into: Int32Array, other: Int32Array): void {
  for (let at = 0; at < into.length; at++) {
    if ((other[at] as number) > (into[at] as number)) into[at] = other[at] as number;
  }
}

function isDependent(a: readonly Reach[], b: readonly Reach[]): boolean {
  return a.some((one) =>
    b.some(
      (other) =>
        one.isQueue === other.isQueue &&
        (one.isWrite || other.isWrite) &&
        one.from < other.to &&
        other.from < one.to,
    ),
  );
}
