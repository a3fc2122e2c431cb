import { types } from 'node:util';
import { mixSeed, random, shuffle } from '../random.ts';
import type { AnyDefinition } from '../scenario/scenario.ts';
import { barrier } from './barrier.ts';
import {
  ACTING,
  ACTIVE,
  BASE,
  BASE_BITS,
  BASE_HIGH,
  GRADING,
  PAST_ALL,
  PHASE,
  SAMPLE,
  STARTING,
  STOP,
  threadWord,
  WARMING,
} from './control.ts';
import { cursorsOver } from './cursor.ts';
import { Grader, type ThreadView } from './grader.ts';
import { openLocals } from './locals.ts';
import { Pacer } from './pacer.ts';
import { stateLayout } from './state-layout.ts';
import type { ThreadPlan, ThrownReport } from './thread-plan.ts';
import { type ActorRun, type Walk, walkFor } from './walk.ts';

export interface ThreadEvents {
  readonly onReady: () => void;
  readonly onCounting: () => void;
  /** After each stride; outcomes without a cell. */
  readonly onStride: (rare: ReadonlyMap<string, number>) => void;
}

/** A thread that runs JavaScript in a trial: an actor, a part of the grading, and maybe the lead. */
export class ActorThread {
  readonly #view: ThreadView;
  readonly #grader: Grader;
  readonly #walk: Walk;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #own: number;
  readonly #events: ThreadEvents;
  readonly #arrive: () => void;
  #ordered = 0;

  constructor(
    definition: AnyDefinition,
    run: ActorRun | undefined,
    plan: ThreadPlan,
    events: ThreadEvents,
  ) {
    const { memory, thread, threads, looks } = plan;
    const words = new Int32Array(memory.control);
    this.#words = words;
    this.#own = threadWord(thread);
    this.#phase(STARTING);
    const cursors = cursorsOver(stateLayout(definition.state), definition.result, memory);
    const locals = openLocals(definition, cursors, memory.stride);
    this.#view = { definition, plan, ...cursors, locals };
    this.#grader = new Grader(this.#view);
    const meeting = barrier(words, thread, threads, looks);
    this.#arrive = meeting.arrive;
    this.#walk = run ? walkFor(this.#view, run, meeting) : () => undefined;
    this.#events = events;
  }

  get rare(): ReadonlyMap<string, number> {
    return this.#grader.rare;
  }

  /** Takes samples until the leader says that it is enough; the leader says how long that was. */
  async run(): Promise<number> {
    const pacer = this.#view.plan.thread === 0 ? this.#pacer() : undefined;
    this.#events.onReady();
    this.#arrive();
    let active = Atomics.load(this.#words, ACTIVE);
    let isCounted = Atomics.load(this.#words, WARMING) === 0;
    this.#prepare(active);
    while (Atomics.load(this.#words, STOP) === 0) {
      if (pacer) this.#order(active);
      pacer?.prepare();
      this.#arrive();
      pacer?.begin(isCounted);
      this.#phase(ACTING);
      const pending = this.#walk(active);
      if (pending) await pending;
      Atomics.store(this.#words, this.#own + SAMPLE, PAST_ALL);
      pacer?.end();
      this.#arrive();
      this.#phase(GRADING);
      this.#grader.grade(active, isCounted);
      const next = Atomics.load(this.#words, ACTIVE);
      isCounted = Atomics.load(this.#words, WARMING) === 0;
      // the parts move: what one thread makes fresh, another may still have to grade
      if (next !== active) this.#arrive();
      active = next;
      this.#prepare(active);
      this.#events.onStride(this.#grader.rare);
    }
    this.#close();
    return pacer?.countedMs ?? 0;
  }

  /** What was thrown, with where and when. */
  report(error: unknown): ThrownReport {
    const isActing = Atomics.load(this.#words, this.#own + PHASE) !== GRADING;
    const { actor } = this.#view.plan;
    const where = isActing ? `actor ${actor}` : this.#grader.step;
    const sample = isActing
      ? Atomics.load(this.#words, this.#own + SAMPLE)
      : this.#view.position.index;
    const shown = types.isNativeError(error) ? error : new Error(String(error));
    return {
      where,
      actor,
      iteration: this.#base() + sample,
      message: `${shown.name}: ${shown.message}`,
      stack: shown.stack ?? '',
    };
  }

  #pacer(): Pacer {
    const { config, ms, memory } = this.#view.plan;
    return new Pacer({
      words: this.#words,
      stride: memory.stride,
      ms,
      warm: config.jit === 'warm',
      onCounting: this.#events.onCounting,
    });
  }

  #prepare(active: number): void {
    this.#phase(GRADING);
    this.#grader.prepare(active);
    const hasActor = this.#view.plan.actor !== '';
    Atomics.store(this.#words, this.#own + SAMPLE, hasActor ? 0 : PAST_ALL);
  }

  /** In which order the next stride is walked. */
  #order(active: number): void {
    if (active === this.#ordered) return;
    const { memory, config, seed } = this.#view.plan;
    const order = new Uint32Array(memory.order, 0, active);
    for (let index = 0; index < active; index++) order[index] = index;
    if (config.order === 'shuffled') shuffle(order, random(mixSeed(seed, 'order', active)));
    this.#ordered = active;
  }

  #phase(phase: number): void {
    Atomics.store(this.#words, this.#own + PHASE, phase);
  }

  #base(): number {
    const words = this.#words;
    return Atomics.load(words, BASE) + Atomics.load(words, BASE_HIGH) * 2 ** BASE_BITS;
  }

  #close(): void {
    const { definition, locals } = this.#view;
    const { close } = definition;
    if (close) for (const local of locals ?? [undefined]) close(local);
  }
}
