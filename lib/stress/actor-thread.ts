import { types } from 'node:util';
import { mixSeed, random, shuffle } from '../random.ts';
import type { Scenario } from '../scenario/index.ts';
import { type Barrier, barrier } from './barrier.ts';
import {
  ACTING,
  ACTIVE,
  COST,
  costOf,
  FOUND,
  GRADING,
  PAST_ALL,
  PHASE,
  ROUND,
  SAMPLE,
  STARTING,
  STOP,
  SYNC,
  samplesBefore,
  threadWord,
} from './control.ts';
import { cursorsOver } from './cursor.ts';
import { Grader, type ThreadView } from './grader.ts';
import { openLocals } from './locals.ts';
import { Pacer } from './pacer.ts';
import { pinThread } from './pin.ts';
import { type Place, placeOf } from './placement.ts';
import { type Round, readRound } from './round.ts';
import { type Sighting, Sightings } from './sightings.ts';
import { stateLayout } from './state-layout.ts';
import type { ThreadPlan, ThrownReport } from './thread-plan.ts';
import { type ActorRun, type Walk, walkFor } from './walk.ts';

export interface ThreadEvents {
  readonly onReady: (pinError: number) => void;
  readonly onSeen: (sighting: Sighting) => void;
  /** After each stride; outcomes without a cell. */
  readonly onStride: (rare: ReadonlyMap<string, number>) => void;
  readonly onRound: (round: number, counts: Record<string, number>, ms: number) => void;
}

/** A thread that runs JavaScript in a session: an actor, a part of the grading, maybe the lead. */
export class ActorThread {
  readonly #view: ThreadView;
  readonly #grader: Grader;
  readonly #walk: Walk;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #own: number;
  readonly #events: ThreadEvents;
  readonly #barrier: Barrier;
  readonly #pacer: Pacer | undefined;
  readonly #canMeet: boolean;
  #number = 0;
  #round: Round;
  #pinned = '';
  #ordered = '';

  constructor(
    scenario: Scenario,
    run: ActorRun | undefined,
    plan: ThreadPlan,
    events: ThreadEvents,
  ) {
    const { memory, thread, threads, graders } = plan;
    const { definition, rules } = scenario;
    this.#words = new Int32Array(memory.control);
    this.#own = threadWord(thread);
    this.#phase(STARTING);
    const cursors = cursorsOver(stateLayout(definition.state), definition.result, memory);
    const locals = openLocals(definition, cursors, memory.stride);
    this.#view = { definition, plan, ...cursors, locals };
    const sightings = new Sightings(rules, events.onSeen);
    this.#grader = new Grader(this.#view, (outcome, index) => {
      const isForbidden = sightings.see(outcome, samplesBefore(this.#words) + index + 1);
      if (isForbidden) Atomics.store(this.#words, FOUND, this.#number + 1);
    });
    // native threads take no orders during a session
    this.#canMeet = graders === threads;
    this.#barrier = barrier(this.#words, thread, threads, !this.#canMeet);
    this.#walk = run ? walkFor(this.#view, run, this.#barrier.meet) : () => undefined;
    this.#events = events;
    this.#round = this.#read(0);
    this.#pacer = thread === 0 ? this.#makePacer() : undefined;
  }

  /** Takes samples until the leader says that it is enough. */
  async run(): Promise<void> {
    const pacer = this.#pacer;
    this.#events.onReady(this.#settle());
    pacer?.enter(0);
    this.#barrier.arrive();
    let active = Atomics.load(this.#words, ACTIVE);
    this.#prepare(active);
    while (Atomics.load(this.#words, STOP) === 0) {
      const sync = Atomics.load(this.#words, SYNC);
      if (pacer) this.#order(active);
      pacer?.prepare();
      this.#barrier.arrive();
      pacer?.begin();
      this.#phase(ACTING);
      const start = performance.now();
      const pending = this.#walk(active, sync);
      if (pending) await pending;
      const cost = costOf(performance.now() - start, active);
      Atomics.store(this.#words, this.#own + COST, cost);
      Atomics.store(this.#words, this.#own + SAMPLE, PAST_ALL);
      pacer?.end();
      this.#barrier.arrive();
      this.#phase(GRADING);
      this.#grader.grade(active);
      const next = Atomics.load(this.#words, ACTIVE);
      const hasChanged = Atomics.load(this.#words, ROUND) !== this.#number;
      const isStopped = Atomics.load(this.#words, STOP) !== 0;
      this.#grader.retire(active, next === active && !hasChanged && !isStopped);
      if (hasChanged) this.#nextRound();
      // the parts move: what one thread makes fresh, another may still have to grade
      if (next !== active) this.#barrier.arrive();
      active = next;
      this.#prepare(active);
      this.#events.onStride(this.#grader.rare);
    }
    this.#tellRound();
    this.#close();
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
      iteration: samplesBefore(this.#words) + sample,
      message: `${shown.name}: ${shown.message}`,
      stack: shown.stack ?? '',
    };
  }

  #makePacer(): Pacer {
    const { memory, graders } = this.#view.plan;
    return new Pacer({
      words: this.#words,
      threads: [...Array(graders).keys()],
      capacity: memory.stride,
      samplesPerState: this.#view.definition.samplesPerState ?? 1,
      read: (number) => {
        const round = this.#read(number);
        return { round, canMeet: this.#canMeet && this.#place(round).isCrowded };
      },
    });
  }

  #read(number: number): Round {
    const { threads, fixed } = this.#view.plan;
    return readRound(this.#words, threads, number, fixed);
  }

  #place({ config, seed }: Round): Place {
    const { plan } = this.#view;
    return placeOf(config.placement, plan, seed, plan.allowed);
  }

  #nextRound(): void {
    this.#tellRound();
    this.#number += 1;
    this.#round = this.#read(this.#number);
    this.#settle();
  }

  #tellRound(): void {
    this.#events.onRound(this.#number, this.#grader.takeCounts(), this.#pacer?.roundMs ?? 0);
  }

  /** Goes to where the round runs; what pinning gave, once more only where that changes. */
  #settle(): number {
    const { cpus, isCrowded } = this.#place(this.#round);
    this.#barrier.crowd(isCrowded);
    if (cpus.join() === this.#pinned) return 0;
    this.#pinned = cpus.join();
    return pinThread(cpus);
  }

  #prepare(active: number): void {
    this.#phase(GRADING);
    this.#grader.prepare(active);
    const hasActor = this.#view.plan.actor !== '';
    Atomics.store(this.#words, this.#own + SAMPLE, hasActor ? 0 : PAST_ALL);
  }

  /** In which order the next stride is walked. */
  #order(active: number): void {
    const { config, seed } = this.#round;
    const wanted = `${config.order} ${seed} ${active}`;
    if (wanted === this.#ordered) return;
    this.#ordered = wanted;
    const order = new Uint32Array(this.#view.plan.memory.order, 0, active);
    for (let index = 0; index < active; index++) order[index] = index;
    if (config.order === 'shuffled') shuffle(order, random(mixSeed(seed, 'order', active)));
  }

  #phase(phase: number): void {
    Atomics.store(this.#words, this.#own + PHASE, phase);
  }

  #close(): void {
    const { definition, locals } = this.#view;
    const { close } = definition;
    if (close) for (const local of locals ?? [undefined]) close(local);
  }
}
