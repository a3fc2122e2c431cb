import type { Checker, Structure, Verdict } from '../../linearizability/index.ts';
import {
  type History,
  newHistory,
  PENDING,
  type ProgramChecker,
} from '../../linearizability/index.ts';
import { mixSeed, random } from '../../random.ts';
import { barrier } from '../barrier.ts';
import { ACTIVE, GRADING, PHASE, STOP, threadWord } from '../control.ts';
import { canonical } from './canonical.ts';
import {
  BEGIN,
  clockWord,
  END,
  FOUND,
  type HistoryMemory,
  RESULT,
  recordWord,
  STEP,
  STEPS,
  type Step,
} from './memory.ts';
import type { HistoryText, RunCounts, RunRequest, WorkerPlan } from './messages.ts';
import { Rounds } from './rounds.ts';
import { scheduleOf } from './schedule.ts';
import { SeenHistories } from './seen-histories.ts';
import { TextReader, TextStore } from './text-store.ts';
import { Walker } from './walker.ts';

/** Runs a part of the work; the leader's is timed. */
type Work = <T>(run: () => T) => T;

const VERDICTS: readonly Verdict[] = ['fits', 'does not', 'undecided'];
const [, MISFIT, UNDECIDED] = [...VERDICTS.keys()];

/** One thread's part in the histories of one program: makes, records and checks them. */
export class ProgramThread {
  readonly #structure: Structure;
  readonly #plan: WorkerPlan;
  readonly #request: RunRequest;
  readonly #memory: HistoryMemory;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #records: Int32Array;
  readonly #bytes: readonly Uint8Array[];
  readonly #clocks: Uint8Array;
  readonly #threads: number;
  readonly #arrive: () => void;
  readonly #walker: Walker;
  readonly #texts: TextStore;
  readonly #reader: TextReader;
  readonly #checker: ProgramChecker;
  readonly #codes: Checker['codes'];
  readonly #seen: SeenHistories;
  readonly #history: History;
  readonly #verdict = () => VERDICTS.indexOf(this.#checker.check(this.#history));
  readonly #counts = { histories: 0, undecided: 0, misfits: 0 };
  #first: HistoryText | undefined;

  constructor(structure: Structure, checker: Checker, plan: WorkerPlan, request: RunRequest) {
    const { memory, thread, isCrowded } = plan;
    const { program, seed } = request;
    this.#structure = structure;
    this.#plan = plan;
    this.#request = request;
    this.#memory = memory;
    this.#words = new Int32Array(memory.control);
    this.#records = new Int32Array(memory.records);
    this.#bytes = memory.objects.map((buffer) => new Uint8Array(buffer));
    this.#clocks = new Uint8Array(memory.clocks);
    this.#threads = program.threads.length;
    const { arrive, crowd } = barrier(this.#words, thread, this.#threads, false);
    crowd(isCrowded);
    this.#arrive = arrive;
    this.#texts = new TextStore(memory.texts[thread] as SharedArrayBuffer);
    this.#reader = new TextReader(memory.texts, checker.codes);
    this.#codes = checker.codes;
    this.#checker = checker.of(program);
    const calls = program.threads.flat().length;
    this.#seen = new SeenHistories(calls);
    this.#history = newHistory(calls);
    const skew = random(mixSeed(seed, 'skew', thread));
    this.#walker = new Walker(memory, structure, request, thread, this.#texts, skew);
    this.#begin('the start');
  }

  /** Rounds of histories until the leader says that it is enough. */
  run(): RunCounts {
    const { thread } = this.#plan;
    const rounds = thread === 0 ? new Rounds(this.#words, this.#request) : undefined;
    const work: Work = rounds ? (run) => rounds.work(run) : (run) => run();
    this.#arrive();
    for (let round = 0; Atomics.load(this.#words, STOP) === 0; round++) {
      const active = Atomics.load(this.#words, ACTIVE);
      this.#phase(GRADING);
      work(() => this.#prepare(active));
      this.#arrive();
      const objects = work(() => this.#objects(active));
      this.#make(objects, round, work);
      this.#arrive();
      this.#phase(GRADING);
      work(() => this.#check(active));
      this.#close(objects);
      rounds?.end();
      this.#arrive();
    }
    const { size } = this.#seen;
    return {
      ...this.#counts,
      different: size,
      ...(this.#first ? { first: this.#first } : {}),
    };
  }

  #phase(phase: number): void {
    Atomics.store(this.#words, threadWord(this.#plan.thread) + PHASE, phase);
  }

  /** What runs now, for a message. */
  get step(): Step {
    return STEPS[this.#words[threadWord(this.#plan.thread) + STEP] as number] as Step;
  }

  #begin(step: Step): void {
    Atomics.store(this.#words, threadWord(this.#plan.thread) + STEP, STEPS.indexOf(step));
  }

  /** This thread's part of the histories. */
  #part(active: number): readonly [number, number] {
    const part = (index: number) => Math.floor((active * index) / this.#threads);
    return [part(this.#plan.thread), part(this.#plan.thread + 1)];
  }

  #prepare(active: number): void {
    const [from, to] = this.#part(active);
    const { setup } = this.#structure;
    const { objects } = this.#memory;
    this.#begin('setup');
    this.#walker.rewind();
    this.#clocks.fill(0, clockWord(from) * 4, clockWord(to) * 4);
    for (let history = from; history < to; history++) {
      this.#bytes[history]?.fill(0);
      setup?.(objects[history] as SharedArrayBuffer);
    }
  }

  #objects(active: number): unknown[] {
    const { thread } = this.#plan;
    const { create } = this.#structure;
    const { objects, stride } = this.#memory;
    const calls = this.#request.program.threads[thread]?.length ?? 0;
    this.#begin('create');
    this.#texts.clear();
    this.#reader.clear();
    return Array.from({ length: active }, (_, history) => {
      for (let call = 0; call < calls; call++) {
        this.#records[recordWord(stride, thread, history, call) + RESULT] = PENDING;
      }
      return create(objects[history] as SharedArrayBuffer);
    });
  }

  #make(objects: readonly unknown[], round: number, work: Work): void {
    const { program, seed, sync } = this.#request;
    const { thread, cpus, together } = this.#plan;
    const { operations } = this.#structure;
    const schedule = scheduleOf({
      seed,
      round,
      calls: program.threads.map(({ length }) => length),
      cpus: cpus.map(([cpu]) => cpu),
      together,
      isWhole:
        together === 1 ||
        program.threads.flat().some(({ operation }) => operations.get(operation)?.blocking),
      sync,
    });
    this.#begin('a result');
    for (const phase of schedule.phases) {
      this.#arrive();
      const part = phase.parts.find((one) => one.thread === thread);
      if (part) work(() => this.#walker.walk(objects, schedule, phase, part));
    }
  }

  #check(active: number): void {
    const [from, to] = this.#part(active);
    this.#begin('the model');
    for (let history = from; history < to; history++) {
      this.#read(history);
      this.#counts.histories++;
      const verdict = this.#seen.verdict(this.#history, this.#verdict);
      if (verdict === UNDECIDED) this.#counts.undecided++;
      else if (verdict === MISFIT) this.#misfit();
    }
  }

  /** Reads one history, and gives it the stamps that all of its kind have. */
  #read(history: number): void {
    const { begin, end, result } = this.#history;
    const { stride } = this.#memory;
    let at = 0;
    for (const [thread, { length }] of this.#request.program.threads.entries()) {
      for (let call = 0; call < length; call++, at++) {
        const word = recordWord(stride, thread, history, call);
        begin[at] = this.#records[word + BEGIN] as number;
        end[at] = this.#records[word + END] as number;
        result[at] = this.#reader.code(thread, this.#records[word + RESULT] as number);
      }
    }
    canonical(this.#history);
  }

  #misfit(): void {
    const { begin, end, result } = this.#history;
    this.#counts.misfits++;
    this.#first ??= {
      begin: [...begin],
      end: [...end],
      result: [...result].map((code) => this.#codes.text(code)),
    };
    if (!this.#request.isToEnd) Atomics.store(this.#words, FOUND, 1);
  }

  #close(objects: readonly unknown[]): void {
    const { close } = this.#structure;
    if (!close) return;
    this.#begin('close');
    for (const object of objects) close(object);
  }
}
