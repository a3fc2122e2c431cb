import type { AnyDefinition } from '../scenario/scenario.ts';
import type { Cursors } from './cursor.ts';
import { outcomeCounter, type Register, registersOf } from './outcome-counter.ts';
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
  /** Outcomes that have no cell. */
  readonly rare = new Map<string, number>();
  /** What runs now, and with which state; for messages. */
  step = '';
  readonly #view: ThreadView;
  readonly #registers: readonly Register[];
  readonly #count: (index: number) => void;
  readonly #stateBytes: Uint8Array;
  readonly #resultBytes: Uint8Array;
  readonly #buffers: readonly (readonly Uint8Array[])[];

  constructor(view: ThreadView) {
    const { memory, thread } = view.plan;
    const arrays = arraysOver(memory.results);
    const cells = new Float64Array(memory.cells[thread] as SharedArrayBuffer);
    this.#view = view;
    this.#registers = registersOf(view.definition.result, memory.registerOffsets);
    this.#count = outcomeCounter(this.#registers, arrays, cells, this.rare);
    this.#stateBytes = new Uint8Array(memory.state);
    this.#resultBytes = new Uint8Array(memory.results);
    this.#buffers = memory.buffers.map((all) => all.map((buffer) => new Uint8Array(buffer)));
  }

  /** Grades this thread's part of `active` states and leaves it in need of `prepare`. */
  grade(active: number, isCounted: boolean): void {
    const { state, result, definition } = this.#view;
    const { arbiter, teardown } = definition;
    const [from, to] = this.#part(active);
    if (arbiter) this.#each('arbiter', from, to, (local) => arbiter(state, result, local));
    if (isCounted) for (let index = from; index < to; index++) this.#count(index);
    if (teardown) this.#each('teardown', from, to, (local) => teardown(state, local));
  }

  /** Makes this thread's part of `active` states fresh. */
  prepare(active: number): void {
    const { state, definition, plan } = this.#view;
    const { setup } = definition;
    const [from, to] = this.#part(active);
    this.#stateBytes.fill(0, from * plan.memory.step, to * plan.memory.step);
    for (const { source, first } of this.#registers) {
      this.#resultBytes.fill(0, (first + from) << source.shift, (first + to) << source.shift);
    }
    for (const all of this.#buffers) {
      for (let index = from; index < to; index++) all[index]?.fill(0);
    }
    if (setup) this.#each('setup', from, to, (local) => setup(state, local));
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
