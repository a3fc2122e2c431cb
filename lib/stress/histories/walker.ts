import type { Structure, Wait } from '../../linearizability/index.ts';
import { cancelled } from '../../linearizability/index.ts';
import type { Random } from '../../random.ts';
import { ACTING, PHASE, SAMPLE, threadWord } from '../control.ts';
import { type BoundCall, bindCall } from './calls.ts';
import {
  BEGIN,
  CALL,
  CLOCK,
  clockWord,
  DONE,
  END,
  type HistoryMemory,
  IN_WAIT,
  RESULT,
  recordWord,
} from './memory.ts';
import type { RunRequest } from './messages.ts';
import type { Part, Phase, Schedule } from './schedule.ts';
import type { TextStore } from './text-store.ts';

/** Looks for the others before a history is begun without them. */
const LOOKS = 3000;
/** A random wait of up to so many looks, so that each history begins with another skew. */
const MAX_SKEW = 31;
/** For calls that take a limit. */
const WAIT_MS = 2;

/** Makes the calls of one thread, on history after history, and records them. */
export class Walker {
  readonly #memory: HistoryMemory;
  readonly #clocks: Int32Array;
  readonly #records: Int32Array;
  readonly #words: Int32Array;
  readonly #thread: number;
  readonly #threads: number;
  readonly #texts: TextStore;
  readonly #calls: readonly BoundCall[];
  readonly #isBlocking: readonly boolean[];
  readonly #mayWait: boolean;
  readonly #next: Random;
  #history = 0;

  constructor(
    memory: HistoryMemory,
    structure: Structure,
    request: RunRequest,
    thread: number,
    texts: TextStore,
    next: Random,
  ) {
    const { threads } = request.program;
    const calls = threads[thread] ?? [];
    const isBlocking = (name: string) => structure.operations.get(name)?.blocking === true;
    this.#memory = memory;
    this.#clocks = new Int32Array(memory.clocks);
    this.#records = new Int32Array(memory.records);
    this.#words = new Int32Array(memory.control);
    this.#thread = thread;
    this.#threads = threads.length;
    this.#texts = texts;
    this.#next = next;
    const wait = this.#wait();
    this.#calls = calls.map((call) => bindCall(structure, call, wait));
    this.#isBlocking = calls.map(({ operation }) => isBlocking(operation));
    this.#mayWait = threads.flat().some(({ operation }) => isBlocking(operation));
  }

  /** The name of the call that runs, or ran last, as its place in the program. */
  get call(): number {
    return this.#words[threadWord(this.#thread) + CALL] as number;
  }

  /** One phase of a stride, on objects that this thread has made. */
  walk(objects: readonly unknown[], schedule: Schedule, phase: Phase, part: Part): void {
    const own = threadWord(this.#thread);
    const others = phase.parts.filter(({ thread }) => thread !== this.#thread);
    Atomics.store(this.#words, own + SAMPLE, -1);
    Atomics.store(this.#words, own + PHASE, ACTING);
    let sync = others.length > 0 ? schedule.sync : 0;
    const run = schedule.isStamped ? this.#stamped(part) : this.#unstamped(part, phase);
    for (let history = 0; history < objects.length; history++) {
      if (sync > 0 && history % sync === 0) {
        // on a busy machine the others may be away: it goes on without them then
        if (!this.#meet(others, history)) sync = 0;
      } else this.#words[own + SAMPLE] = history;
      this.#history = history;
      run(objects[history], history);
    }
    Atomics.store(this.#words, own + SAMPLE, objects.length);
  }

  #meet(others: readonly Part[], history: number): boolean {
    Atomics.store(this.#words, threadWord(this.#thread) + SAMPLE, history);
    for (const { thread } of others) {
      const at = threadWord(thread) + SAMPLE;
      for (let look = 0; Atomics.load(this.#words, at) < history; look++) {
        if (look >= LOOKS) return false;
      }
    }
    for (let skew = this.#next() & MAX_SKEW; skew > 0; skew--) Atomics.load(this.#words, 0);
    return true;
  }

  /**
   * Begin: a load, which orders nothing that the call stores. End: an addition, after which all that
   * the call stored is seen by everybody. A call that loads the sum of that addition has begun
   * behind it.
   */
  #stamped({ from, to }: Part) {
    const clocks = this.#clocks;
    return (object: unknown, history: number) => {
      const clock = clockWord(history) + CLOCK;
      for (let call = from; call < to; call++) {
        const begin = Atomics.load(clocks, clock);
        const result = this.#run(object, call, history);
        const end = Atomics.add(clocks, clock, 1);
        this.#record(history, call, begin, end, result);
      }
      this.#leave(history, to);
    };
  }

  /** Between the calls of a thread nothing is done that orders memory. */
  #unstamped({ from, to }: Part, { before, after }: Phase) {
    return (object: unknown, history: number) => {
      for (let call = from; call < to; call++) {
        const result = this.#run(object, call, history);
        this.#record(history, call, before, after - 1, result);
      }
      this.#leave(history, to);
    };
  }

  #run(object: unknown, call: number, history: number): unknown {
    this.#words[threadWord(this.#thread) + CALL] = call;
    if (this.#isBlocking[call]) return this.#runBlocking(object, call, history);
    try {
      return (this.#calls[call] as BoundCall)(object);
    } catch (error) {
      return new Thrown(error);
    }
  }

  #runBlocking(object: unknown, call: number, history: number): unknown {
    const word = clockWord(history) + IN_WAIT;
    Atomics.add(this.#clocks, word, 1);
    try {
      return (this.#calls[call] as BoundCall)(object);
    } catch (error) {
      return new Thrown(error);
    } finally {
      Atomics.sub(this.#clocks, word, 1);
    }
  }

  #record(history: number, call: number, begin: number, end: number, result: unknown): void {
    const at = recordWord(this.#memory.stride, this.#thread, history, call);
    const code =
      result instanceof Thrown ? this.#texts.thrown(result.error) : this.#texts.code(result);
    this.#records[at + BEGIN] = begin;
    this.#records[at + END] = end;
    // who looks at a history that hangs sees what is there with it
    Atomics.store(this.#records, at + RESULT, code);
  }

  #leave(history: number, to: number): void {
    if (!this.#mayWait || to < this.#calls.length) return;
    Atomics.add(this.#clocks, clockWord(history) + DONE, 1);
  }

  /** Everybody else is done with the history, or waits too. */
  #wait(): Wait {
    const isOver = () => {
      const clock = clockWord(this.#history);
      const done = Atomics.load(this.#clocks, clock + DONE);
      return done + Atomics.load(this.#clocks, clock + IN_WAIT) >= this.#threads;
    };
    return Object.freeze({ timeoutMs: WAIT_MS, cancelled, isOver });
  }
}

class Thrown {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}
