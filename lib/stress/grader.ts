import type { AnyDefinition } from '../scenario/scenario.ts';
import type { Cursors } from './cursor.ts';
import {
  cellTexts,
  type OnFirst,
  outcomeCounter,
  type Register,
  registersOf,
} from './outcome-counter.ts';
import type { ThreadPlan } from './thread-plan.ts';
import { arraysOver } from './value-source.ts';

/** A thread's own objects over the trial's memory. */
export interface ThreadView extends Cursors {
  readonly definition: AnyDefinition;
  readonly plan: ThreadPlan;
  /** What `open` made of each state; undefined without one. */
  readonly locals: readonly unknown[] | undefined;
}

/**
 * What is done with the samples of a stride between its barriers: arbiter, counting, teardown,
 * then zeroing and setup for the next. Each thread that runs JavaScript does a part of them.
 */
export class Grader {
  /** What runs now, and with which state; for messages. */
  step = '';
  readonly #view: ThreadView;
  readonly #registers: readonly Register[];
  readonly #cells: Float64Array;
  /** Outcomes that have no cell. */
  readonly #rare = new Map<string, number>();
  readonly #life: number;
  #left = 0;
  #isLast = true;
  readonly #count: (index: number) => void;
  readonly #stateBytes: Uint8Array;
  readonly #resultBytes: Uint8Array;
  readonly #buffers: readonly (readonly Uint8Array[])[];

  constructor(view: ThreadView, onFirst: OnFirst) {
    const { memory, thread } = view.plan;
    const arrays = arraysOver(memory.results);
    this.#cells = new Float64Array(memory.cells[thread] as SharedArrayBuffer);
    this.#life = view.definition.samplesPerState ?? 1;
    this.#view = view;
    this.#registers = registersOf(view.definition.result, memory.registerOffsets);
    this.#count = outcomeCounter(this.#registers, arrays, this.#cells, this.#rare, onFirst);
    this.#stateBytes = new Uint8Array(memory.state);
    this.#resultBytes = new Uint8Array(memory.results);
    this.#buffers = memory.buffers.map((all) => all.map((buffer) => new Uint8Array(buffer)));
  }

  get rare(): ReadonlyMap<string, number> {
    return this.#rare;
  }

  /** What this thread has counted since it was last asked. */
  takeCounts(): Record<string, number> {
    const counts = cellTexts(this.#registers, this.#cells);
    for (const [text, count] of this.#rare) counts[text] = (counts[text] ?? 0) + count;
    this.#cells.fill(0);
    this.#rare.clear();
    return counts;
  }

  /** Grades this thread's part of `active` states. */
  grade(active: number): void {
    const { state, result, definition } = this.#view;
    const { arbiter } = definition;
    const [from, to] = this.#part(active);
    if (arbiter) this.#each('arbiter', from, to, (local) => arbiter(state, result, local));
    for (let index = from; index < to; index++) this.#count(index);
  }

  /** After `grade`: ends the life of `active` states, unless they are to live on. */
  retire(active: number, livesOn: boolean): void {
    const { state, definition } = this.#view;
    const { teardown } = definition;
    const [from, to] = this.#part(active);
    this.#isLast = !livesOn || --this.#left <= 0;
    if (this.#isLast && teardown) {
      this.#each('teardown', from, to, (local) => teardown(state, local));
    }
  }

  /** Makes this thread's part of `active` states fresh, or only their registers. */
  prepare(active: number): void {
    const { state, definition } = this.#view;
    const { setup } = definition;
    const [from, to] = this.#part(active);
    for (const { source, first } of this.#registers) {
      this.#resultBytes.fill(0, (first + from) << source.shift, (first + to) << source.shift);
    }
    if (!this.#isLast) return;
    this.#left = this.#life;
    this.#clear(from, to);
    if (setup) this.#each('setup', from, to, (local) => setup(state, local));
  }

  #clear(from: number, to: number): void {
    const { step } = this.#view.plan.memory;
    this.#stateBytes.fill(0, from * step, to * step);
    for (const all of this.#buffers) {
      for (let index = from; index < to; index++) all[index]?.fill(0);
    }
  }

  #part(active: number): readonly [number, number] {
    const { thread, graders } = this.#view.plan;
    const part = (index: number) => Math.floor((active * index) / graders);
    return [part(thread), part(thread + 1)];
  }

  #each(step: string, from: number, to: number, run: (local: unknown) => void): void {
    const { position, locals } = this.#view;
    this.step = step;
    for (let index = from; index < to; index++) {
      position.index = index;
      run(locals?.[index]);
    }
  }
}
