import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { errorName } from '../errors.ts';
import { native } from '../native.ts';
import type { CFunctionActor } from '../scenario/index.ts';
import type { AnyDefinition } from '../scenario/scenario.ts';
import { type Cast, castOf, strideFor } from './cast.ts';
import { cellCount, cellTexts, registersOf } from './outcome-counter.ts';
import { type Placing, placeThreads } from './placement.ts';
import { stateLayout } from './state-layout.ts';
import type { Pipe } from './syslet-actor.ts';
import type { ThreadMessage, ThreadPlan, ThrownReport } from './thread-plan.ts';
import { type TrialMemory, trialMemory } from './trial-memory.ts';
import type { TrialOutcome, TrialRequest } from './trial-request.ts';
import { type Stuck, stuckDetail, Watch } from './watch.ts';

const LOOK_MS = 50;
/** A trial in this process: its threads, and what they report. */
export class RunningTrial {
  readonly #request: TrialRequest;
  readonly #definition: AnyDefinition;
  readonly #cast: Cast;
  readonly #memory: TrialMemory;
  readonly #placing: Placing;
  readonly #pipes: Readonly<Record<string, Pipe>>;
  readonly #watch: Watch;
  readonly #rare = new Map<number, Readonly<Record<string, number>>>();
  readonly #notes = new Set<string>();
  readonly #finish: (outcome: TrialOutcome) => void;
  #countingSince: number | undefined;
  #countedMs: number | undefined;
  #done = 0;
  #isOver = false;

  constructor(
    request: TrialRequest,
    definition: AnyDefinition,
    pipes: Readonly<Record<string, Pipe>>,
    finish: (outcome: TrialOutcome) => void,
  ) {
    this.#request = request;
    this.#definition = definition;
    this.#finish = finish;
    this.#cast = castOf(definition);
    const { scripted } = this.#cast;
    this.#memory = trialMemory(stateLayout(definition.state), definition.result, {
      stride: strideFor(definition, request.config.stride),
      padding: request.config.padding,
      threads: this.#threads,
      graders: scripted.length,
      cells: cellCount(definition.result),
    });
    this.#placing = placeThreads(request.config.placement, this.#threads, request.seed);
    this.#pipes = pipes;
    this.#watch = new Watch(this.#memory.control, this.#threads, request.timeoutMs);
    this.#noteCrowd();
    const { whyUnpinned } = this.#placing;
    if (whyUnpinned !== undefined) this.#notePin(whyUnpinned);
  }

  get #threads(): number {
    return this.#cast.scripted.length + this.#cast.native.length;
  }

  #noteCrowd(): void {
    const { available } = this.#placing;
    if (this.#threads <= available) return;
    this.#notes.add(
      `more actors than processors: ${this.#threads} threads on ${available}, so not all run at the same time`,
    );
  }

  start(): void {
    const { scripted, native: inC } = this.#cast;
    for (const [thread, actor] of scripted.entries()) this.#startWorker(thread, actor);
    for (const [index, actor] of inC.entries()) this.#startNative(scripted.length + index, actor);
    const timer = setInterval(() => {
      const stuck = this.#watch.look();
      if (!stuck || this.#isOver) return;
      clearInterval(timer);
      this.#hung(stuck);
    }, LOOK_MS);
  }

  /** What is known by now. */
  outcome(end: TrialOutcome['end'], detail?: TrialOutcome['detail']): TrialOutcome {
    const counts = this.#counts();
    return {
      samples: Object.values(counts).reduce((sum, count) => sum + count, 0),
      ms: this.#countedMs ?? this.#sinceCounting(),
      counts,
      end,
      ...(detail ? { detail } : {}),
      notes: [...this.#notes],
    };
  }

  #sinceCounting(): number {
    return this.#countingSince === undefined ? 0 : performance.now() - this.#countingSince;
  }

  #counts(): Record<string, number> {
    const registers = registersOf(this.#definition.result, this.#memory.registerOffsets);
    const counts: Record<string, number> = {};
    const add = (more: Readonly<Record<string, number>>) => {
      for (const [text, count] of Object.entries(more)) counts[text] = (counts[text] ?? 0) + count;
    };
    for (const cells of this.#memory.cells) add(cellTexts(registers, new Float64Array(cells)));
    for (const rare of this.#rare.values()) add(rare);
    return counts;
  }

  #plan(thread: number, actor: string): ThreadPlan {
    const { file, config, seed, ms } = this.#request;
    const { cpus, looks } = this.#placing;
    return {
      file,
      memory: this.#memory,
      config,
      seed,
      thread,
      threads: this.#threads,
      graders: this.#cast.scripted.length,
      actor,
      looks,
      ms,
      pipes: this.#pipes,
      cpus: cpus[thread] ?? [],
    };
  }

  #startWorker(thread: number, actor: string): void {
    const file = fileURLToPath(new URL('./actor-worker.js', import.meta.url));
    const worker = new Worker(file, { workerData: this.#plan(thread, actor), name: actor });
    worker.on('message', (message: ThreadMessage) => this.#onMessage(message));
    worker.on('error', (error) => this.#failed(actor, error));
    worker.on('exit', (code) => {
      if (code !== 0) this.#ended(actor, code);
    });
  }

  #startNative(thread: number, actor: string): void {
    const { library, symbol } = this.#definition.actors[actor] as CFunctionActor;
    const { memory, config, looks, cpus } = this.#plan(thread, actor);
    const registers = registersOf(this.#definition.result, memory.registerOffsets);
    const places = registers.flatMap(({ source }, index) => [
      memory.registerOffsets[index] ?? 0,
      1 << source.shift,
    ]);
    const path = library.startsWith('file:') ? fileURLToPath(library) : library;
    native().startActor(
      path,
      symbol,
      new Int32Array(memory.control),
      new Uint32Array(memory.order),
      new Uint8Array(memory.state),
      new Uint8Array(memory.results),
      Int32Array.from(cpus),
      Int32Array.of(memory.step, thread, this.#threads, looks, config.sync, ...places),
    );
  }

  #onMessage(message: ThreadMessage): void {
    if (message.kind === 'counting') this.#countingSince = performance.now();
    else if (message.kind === 'rare') this.#rare.set(message.thread, message.counts);
    else if (message.kind === 'threw') this.#threw(message.report);
    else if (message.kind === 'ready') this.#ready(message.pinError);
    else this.#threadDone(message);
  }

  #ready(pinError: number): void {
    if (pinError !== 0) this.#notePin(errorName(pinError));
  }

  #notePin(why: string): void {
    this.#notes.add(`threads could not be pinned to processors: ${why}`);
  }

  #threadDone({ thread, counts, ms }: ThreadMessage & { readonly kind: 'done' }): void {
    this.#rare.set(thread, counts);
    if (thread === 0) this.#countedMs = ms;
    if (++this.#done === this.#cast.scripted.length) this.#over(this.outcome('ok'));
  }

  #threw(report: ThrownReport): void {
    const { where, actor, iteration, message, stack } = report;
    const text = `${where} threw in iteration ${iteration}: ${message}`;
    this.#over(this.outcome('threw', { message: text, actor, iteration, stack }));
  }

  #failed(actor: string, error: Error): void {
    const text = `the thread of actor ${actor} failed: ${error.message}`;
    this.#over(this.outcome('threw', { message: text, actor, stack: error.stack ?? '' }));
  }

  #ended(actor: string, exitCode: number): void {
    const text = `actor ${actor} ended its thread with exit code ${exitCode}`;
    this.#over(this.outcome('died', { message: text, actor, exitCode }));
  }

  #hung(stuck: readonly Stuck[]): void {
    const names = [...this.#cast.scripted, ...this.#cast.native];
    this.#over(this.outcome('hung', stuckDetail(stuck, names, this.#request.timeoutMs)));
  }

  #over(outcome: TrialOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#finish(outcome);
  }
}
