import type { Structure, Wait } from '../../linearizability/index.ts';
import { cancelled } from '../../linearizability/index.ts';
import type { Random } from '../../random.ts';
import { ACTING, PHASE, SAMPLE, threadWord } from '../control.ts';
import { type BoundCall, bindCall } from './calls.ts';
import {
  BEGIN,
  CALL,
  clockWord,
  END,
  type HistoryMemory,
  IN_WAIT,
  NOWHERE,
  RESULT,
  recordWord,
} from './memory.ts';
import type { RunRequest } from './messages.ts';
import type { Part, Phase, Schedule } from './schedule.ts';
import type { TextStore } from './text-store.ts';

/** Looks for the others before a history is begun without them. */
const LOOKS = 3000;
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
  readonly #next: Random;
  /** The history that is under way, as the threads count them: see SAMPLE. */
  #sample = 0;

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
  }

  /** The name of the call that runs, or ran last, as its place in the program. */
  get call(): number {
    return this.#words[threadWord(this.#thread) + CALL] as number;
  }

  /** Before the barrier at which a stride begins. */
  rewind(): void {
    const own = threadWord(this.#thread);
    Atomics.store(this.#words, own + SAMPLE, NOWHERE);
    Atomics.store(this.#words, own + IN_WAIT, NOWHERE);
  }

  /** One phase of a stride, on objects that this thread has made. */
  walk(objects: readonly unknown[], schedule: Schedule, phase: Phase, part: Part): void {
    const own = threadWord(this.#thread);
    const others = phase.parts.filter(({ thread }) => thread !== this.#thread);
    Atomics.store(this.#words, own + PHASE, ACTING);
    let sync = others.length > 0 ? schedule.sync : 0;
    const run = schedule.isStamped ? this.#stamped(part) : this.#unstamped(part, phase);
    this.#sample = schedule.phases.indexOf(phase) * objects.length;
    for (let history = 0; history < objects.length; history++, this.#sample++) {
      if (sync > 0 && history % sync === 0) {
        // on a busy machine the others may be away: it goes on without them then
        if (!this.#meet(others, schedule.skew)) sync = 0;
      } else this.#words[own + SAMPLE] = this.#sample;
      run(objects[history], history);
    }
    Atomics.store(this.#words, own + SAMPLE, this.#sample);
  }

  #meet(others: readonly Part[], skew: number): boolean {
    Atomics.store(this.#words, threadWord(this.#thread) + SAMPLE, this.#sample);
    for (const { thread } of others) {
      const at = threadWord(thread) + SAMPLE;
      for (let look = 0; Atomics.load(this.#words, at) < this.#sample; look++) {
        if (look >= LOOKS) return false;
      }
    }
    for (let left = this.#next() & skew; left > 0; left--) Atomics.load(this.#words, 0);
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
      const clock = clockWord(history);
      for (let call = from; call < to; call++) {
        const begin = Atomics.load(clocks, clock);
        const result = this.#run(object, call);
        const end = Atomics.add(clocks, clock, 1);
        this.#record(history, call, begin, end, result);
      }
    };
  }

  /** Between the calls of a thread nothing is done that orders memory. */
  #unstamped({ from, to }: Part, { before, after }: Phase) {
    return (object: unknown, history: number) => {
      for (let call = from; call < to; call++) {
        const result = this.#run(object, call);
        this.#record(history, call, before, after - 1, result);
      }
    };
  }

  #run(object: unknown, call: number): unknown {
    const own = threadWord(this.#thread);
    const mayWait = this.#isBlocking[call] === true;
    this.#words[own + CALL] = call;
    if (mayWait) this.#words[own + IN_WAIT] = this.#sample;
    try {
      return (this.#calls[call] as BoundCall)(object);
    } catch (error) {
      return new Thrown(error);
    } finally {
      if (mayWait) this.#words[own + IN_WAIT] = NOWHERE;
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

  /** Everybody else is done with the history, or waits too. */
  #wait(): Wait {
    const others = Array.from({ length: this.#threads }, (_, thread) => thread)
      .filter((thread) => thread !== this.#thread)
      .map(threadWord);
    const isIdle = (word: number) =>
      Atomics.load(this.#words, word + SAMPLE) > this.#sample ||
      Atomics.load(this.#words, word + IN_WAIT) === this.#sample;
    const isOver = () => others.every(isIdle);
    return Object.freeze({ timeoutMs: WAIT_MS, cancelled, isOver });
  }
}

class Thrown {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}
