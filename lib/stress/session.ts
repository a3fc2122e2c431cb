import type { Worker } from 'node:worker_threads';
import { errorName } from '../errors.ts';
import type { Scenario } from '../scenario/index.ts';
import { type Cast, castOf, strideFor } from './cast.ts';
import { CUT, NEXT, STOP_ASKED } from './control.ts';
import { epochMs } from './epoch.ts';
import { startNative } from './native-thread.ts';
import { cellCount, cellTexts, registersOf } from './outcome-counter.ts';
import { allowedCpus } from './pin.ts';
import { placeOf } from './placement.ts';
import { Repeats } from './repeats.ts';
import { type Round, writeRound } from './round.ts';
import { RoundPlanner } from './round-planner.ts';
import type { SessionReport, SessionRequest } from './session-request.ts';
import { SessionTally } from './session-tally.ts';
import type { Sighting } from './sightings.ts';
import { stateLayout } from './state-layout.ts';
import type { Pipe } from './syslet-actor.ts';
import type { ThreadMessage, ThreadPlan, ThrownReport } from './thread-plan.ts';
import { type TrialMemory, trialMemory } from './trial-memory.ts';
import { unfinishedCounts } from './unfinished.ts';

/** Native threads and closing: nobody waits longer for the threads' last words. */
const LAST_WORDS_MS = 150;

type Counts = Readonly<Record<string, number>>;
export type SessionEnd = Pick<SessionReport, 'end' | 'detail'>;

export interface SessionEvents {
  /** Something forbidden was seen, or the actors hang: worth to be told at once. */
  readonly onWrong: (report: SessionReport) => void;
  readonly onOver: (report: SessionReport) => void;
}

/** Rounds of one scenario in this process: its threads, and what they report. */
export class Session {
  readonly cast: Cast;
  readonly memory: TrialMemory;
  /** Numbers of the threads for the OS, as they become known. */
  readonly tids = new Map<number, number>();
  readonly #request: SessionRequest;
  readonly #scenario: Scenario;
  readonly #events: SessionEvents;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #planner: RoundPlanner;
  readonly #tally = new SessionTally();
  readonly #rounds = new Map<number, Round>();
  /** Counts of rounds that some threads have told, and others not yet. */
  readonly #told = new Map<number, Map<number, Counts>>();
  readonly #rare = new Map<number, Counts>();
  readonly #sightings = new Map<string, Sighting>();
  readonly #notes = new Set<string>();
  #number = 0;
  #start: number | undefined;
  #begunAt: number | undefined;
  #roundStart: number | undefined;
  #leaderMs = new Map<number, number>();
  #repeats: Repeats | undefined;
  #done = 0;
  #willEnd: SessionEnd = { end: 'ok' };
  #isStopping = false;
  #isOver = false;

  constructor(request: SessionRequest, scenario: Scenario, events: SessionEvents) {
    const { definition } = scenario;
    const { config, isFixed, seed, keepGoing } = request;
    this.#request = request;
    this.#scenario = scenario;
    this.#events = events;
    this.cast = castOf(definition);
    this.#planner = new RoundPlanner({ config, isFixed, seed, untilFound: !keepGoing });
    this.memory = trialMemory(stateLayout(definition.state), definition.result, {
      stride: strideFor(definition, this.#planner.longestStride),
      padding: config.padding,
      threads: this.threads,
      graders: this.cast.scripted.length,
      cells: cellCount(definition.result),
    });
    this.#words = new Int32Array(this.memory.control);
    Atomics.store(this.#words, CUT, -1);
  }

  /** Whether any sample may have been taken yet. */
  get hasBegun(): boolean {
    return this.#start !== undefined;
  }

  /** Since the first sample. */
  get ms(): number {
    return this.#start === undefined ? 0 : performance.now() - this.#start;
  }

  get threads(): number {
    return this.cast.scripted.length + this.cast.native.length;
  }

  /** Gives each thread its part: `workers`, one for each actor in JavaScript. */
  start(workers: readonly Worker[], pipes: Readonly<Record<string, Pipe>>): void {
    const allowed = allowedCpus();
    this.#noteMachine(allowed);
    this.#writeNext();
    this.#writeNext();
    for (const [thread, actor] of this.cast.scripted.entries()) {
      const plan = this.#plan(thread, actor, pipes, allowed);
      workers[thread]?.postMessage({ kind: 'plan', plan });
    }
    this.#startNative(allowed);
  }

  onMessage(message: ThreadMessage): void {
    if (message.kind === 'ready') this.#ready(message);
    else if (message.kind === 'seen') this.#seen(message.sighting);
    else if (message.kind === 'rare') this.#rare.set(message.thread, message.counts);
    else if (message.kind === 'round') this.#roundTold(message);
    else if (message.kind === 'threw') this.#threw(message.report);
    else if (++this.#done === this.cast.scripted.length) this.over({ end: 'ok' });
  }

  /** A worker failed or ended its thread. */
  failed(thread: number, message: string, more: { stack?: string; exitCode?: number }): void {
    const actor = this.nameOf(thread);
    const end = more.exitCode === undefined ? 'threw' : 'died';
    this.over({ end, detail: { message, actor, ...more } });
  }

  nameOf(thread: number): string {
    return [...this.cast.scripted, ...this.cast.native][thread] ?? '';
  }

  /** The time is up: the threads say what they have counted, or it is read as it stands. */
  stop(then: () => SessionEnd): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    Atomics.store(this.#words, NEXT, STOP_ASKED);
    setTimeout(() => this.over(then()), LAST_WORDS_MS);
  }

  over(end: SessionEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (end.end === 'threw' || end.end === 'hung') this.#countUnfinished();
    this.#events.onOver(this.report(end));
  }

  /** It will end so: told before it is known in which lines its threads stand. */
  willEnd(end: SessionEnd): void {
    this.#willEnd = end;
    this.#events.onWrong(this.report());
  }

  /** What is known by now. */
  report(end: SessionEnd = this.#willEnd): SessionReport {
    const round = this.#current();
    const told = [...(this.#told.get(this.#number)?.values() ?? [])];
    const counts = [...told, ...this.#untold()];
    const ms = this.#leaderMs.get(this.#number) ?? this.#sinceRound();
    return {
      parts: this.#tally.parts({ round, ms, counts }),
      sightings: [...this.#sightings.values()],
      begunAt: this.#begunAt,
      last: { config: round.config, seed: round.seed },
      notes: [...this.#notes],
      ...end,
    };
  }

  #current(): Round {
    // none was written after the last
    return (this.#rounds.get(this.#number) ?? this.#rounds.get(this.#rounds.size - 1)) as Round;
  }

  #sinceRound(): number {
    return this.#roundStart === undefined ? 0 : performance.now() - this.#roundStart;
  }

  /** What threads have counted and not told. */
  #untold(): Counts[] {
    const { cells, registerOffsets } = this.memory;
    const registers = registersOf(this.#scenario.definition.result, registerOffsets);
    const counts: Counts[] = cells.map((one) => cellTexts(registers, new Float64Array(one)));
    return [...counts, ...this.#rare.values()];
  }

  #countUnfinished(): void {
    const { seen, counts } = unfinishedCounts(this.#scenario, this.memory, this.threads);
    this.#tally.add(this.#current(), 0, counts);
    for (const sighting of seen) this.#see(sighting);
  }

  #writeNext(): void {
    const number = this.#rounds.size;
    const round = this.#repeats?.round ?? this.#planner.next();
    this.#rounds.set(number, round);
    writeRound(this.#words, this.threads, number, round);
    if (!this.#isStopping) Atomics.store(this.#words, NEXT, number);
  }

  #plan(
    thread: number,
    actor: string,
    pipes: Readonly<Record<string, Pipe>>,
    allowed: readonly number[] | undefined,
  ): ThreadPlan {
    const { jit, padding } = this.#request.config;
    return {
      memory: this.memory,
      fixed: { jit, padding },
      seed: this.#request.seed,
      thread,
      threads: this.threads,
      graders: this.cast.scripted.length,
      actor,
      pipes,
      allowed,
    };
  }

  #startNative(allowed: readonly number[] | undefined): void {
    const { config, seed } = this.#request;
    for (const [index, actor] of this.cast.native.entries()) {
      const thread = this.cast.scripted.length + index;
      const place = placeOf(config.placement, { thread, threads: this.threads }, seed, allowed);
      const { definition } = this.#scenario;
      const threads = this.threads;
      const tid = startNative({
        definition,
        memory: this.memory,
        config,
        actor,
        thread,
        threads,
        place,
      });
      if (tid !== undefined) this.tids.set(thread, tid);
    }
  }

  #noteMachine(allowed: readonly number[] | undefined): void {
    const { isCrowded, cpus } = placeOf('free', { thread: 0, threads: this.threads }, 0, allowed);
    if (isCrowded) {
      this.#notes.add(
        `more actors than processors: ${this.threads} threads on ${cpus.length || 'fewer'}, so not all run at the same time`,
      );
    }
    if (!allowed) this.#notePin('the addon is not available, or cannot tell them');
  }

  #notePin(why: string): void {
    this.#notes.add(`threads could not be pinned to processors: ${why}`);
  }

  #ready({ pinError, thread, tid }: ThreadMessage & { readonly kind: 'ready' }): void {
    if (pinError !== 0) this.#notePin(errorName(pinError));
    if (tid !== undefined) this.tids.set(thread, tid);
    this.#start ??= performance.now();
    this.#begunAt ??= epochMs();
    this.#roundStart ??= this.#start;
  }

  #see(sighting: Sighting): void {
    const known = this.#sightings.get(sighting.outcome);
    if (!known || sighting.at < known.at) this.#sightings.set(sighting.outcome, sighting);
  }

  #seen(sighting: Sighting): void {
    this.#see(sighting);
    if (!sighting.isForbidden || this.#request.keepGoing || this.#repeats) return;
    const { isFixed, until } = this.#request;
    // all rounds that are written by now run before the repetitions
    const from = isFixed ? this.#number + 1 : this.#rounds.size;
    this.#repeats = new Repeats(this.#current(), from, this.#sinceRound(), until);
    Atomics.store(this.#words, CUT, this.#rounds.size - 1);
    this.#events.onWrong(this.report());
  }

  #roundTold({ thread, round, counts, ms }: ThreadMessage & { readonly kind: 'round' }): void {
    const told = this.#told.get(round) ?? new Map<number, Counts>();
    this.#told.set(round, told.set(thread, counts));
    this.#rare.delete(thread);
    if (thread === 0) this.#leaderMs.set(round, ms);
    if (told.size === this.cast.scripted.length) this.#roundOver(round, [...told.values()]);
  }

  #roundOver(number: number, counts: readonly Counts[]): void {
    const round = this.#rounds.get(number) as Round;
    const ms = this.#leaderMs.get(number) ?? 0;
    this.#tally.add(round, ms, ...counts);
    this.#told.delete(number);
    this.#leaderMs.delete(number);
    this.#number = number + 1;
    this.#roundStart = performance.now();
    this.#planner.learn(round.config, ms, counts);
    if (this.#isStopping) return;
    this.#repeated(number, ms, counts);
    this.#writeNext();
  }

  #repeated(number: number, ms: number, counts: readonly Counts[]): void {
    const repeats = this.#repeats;
    if (!repeats) return;
    repeats.see(
      number,
      ms,
      counts.some((one) => this.#hasForbidden(one)),
    );
    if (!repeats.isOver) return;
    this.#tally.setAgain(repeats.round, repeats.result);
    this.stop(() => ({ end: 'ok' }));
  }

  #hasForbidden(counts: Counts): boolean {
    return Object.keys(counts).some((outcome) => this.#sightings.get(outcome)?.isForbidden);
  }

  #threw(report: ThrownReport): void {
    const { where, actor, iteration, message, stack } = report;
    const text = `${where} threw in iteration ${iteration}: ${message}`;
    this.over({ end: 'threw', detail: { message: text, actor, iteration, stack } });
  }
}
