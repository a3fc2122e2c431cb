import { misfit, UNDECIDED } from '../../linearizability/definition.ts';
import {
  Checker,
  generateProgram,
  type Linearizable,
  type Program,
  parseProgram,
  programText,
  smallerPrograms,
} from '../../linearizability/index.ts';
import { mixSeed } from '../../random.ts';
import type { FailedHistory } from '../../report/result.ts';
import type { TrialOutcome, TrialRequest } from '../trial-request.ts';
import { type Failure, failedHistory, numbersOf, type Rate } from './failed-history.ts';
import type { RunCounts, WorkerError } from './messages.ts';
import { HistoryPool, type RunEnd } from './pool.ts';

/** For one program. */
const PROGRAM_MS = 40;
/** For one program that may be smaller: some times as long as the failure took to be seen. */
const SMALLER_TIMES = 4;
const SMALLER_MS = { least: 60, most: 800 };
/** For all of them together. */
const SHRINK_MS = 8000;
/** While a program that hangs is made smaller. */
const SHRINK_TIMEOUT_MS = 1000;
/** For counting how often the smallest one fails. */
const RATE_MS = 300;

interface Found extends Failure {
  readonly isStuck: boolean;
}

/** A trial of a structure: programs, one after another, until one has a history that does not fit. */
export class HistoryTrial {
  readonly #request: TrialRequest;
  readonly #structure: Linearizable['structure'];
  readonly #checker: Checker;
  readonly #finish: (outcome: TrialOutcome) => void;
  readonly #given: Program | undefined;
  readonly #pool: HistoryPool;
  readonly #counts = { histories: 0, undecided: 0, misfits: 0 };
  #runs = 0;
  #ms = 0;
  #history: FailedHistory | undefined;

  constructor(
    request: TrialRequest,
    { structure }: Linearizable,
    finish: (outcome: TrialOutcome) => void,
  ) {
    this.#request = request;
    this.#structure = structure;
    this.#finish = finish;
    this.#checker = new Checker(structure);
    const { program } = request;
    this.#given = program === undefined ? undefined : parseProgram(program, structure);
    const threads = this.#given?.threads.length ?? structure.threads[1];
    this.#pool = new HistoryPool(request, structure, threads);
  }

  start(): void {
    this.#run().catch((error: Error) => {
      const { message, stack = '' } = error;
      this.#finish(this.outcome('threw', { message, stack }));
    });
  }

  /** What is known by now. */
  outcome(end: TrialOutcome['end'], detail?: TrialOutcome['detail']): TrialOutcome {
    const { histories, undecided, misfits } = this.#counts;
    const { condition } = this.#structure;
    const counts = {
      [condition]: histories - undecided - misfits,
      [UNDECIDED]: undecided,
      [misfit(condition)]: misfits,
    };
    return {
      samples: histories,
      ms: this.#ms,
      counts: Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
      end,
      ...(detail ? { detail } : {}),
      ...(this.#history ? { history: this.#history } : {}),
      notes: [...this.#pool.notes],
    };
  }

  async #run(): Promise<void> {
    await this.#pool.start();
    const start = performance.now();
    const left = () => this.#request.ms - (performance.now() - start);
    for (let index = 0; left() > 0; index++) {
      const program = this.#given ?? generateProgram(this.#structure, this.#request.seed, index);
      const ms = Math.min(left(), this.#given ? Number.POSITIVE_INFINITY : PROGRAM_MS);
      const began = performance.now();
      const end = await this.#histories(program, ms, false, this.#request.timeoutMs);
      const took = performance.now() - began;
      this.#ms += took;
      if (end.kind === 'threw') return this.#threw(end.error, program);
      const found = this.#found(program, end);
      if (!found) continue;
      this.#history = await this.#small(found, program, took);
      break;
    }
    this.#finish(this.outcome('ok'));
  }

  #histories(program: Program, ms: number, isToEnd: boolean, timeoutMs: number): Promise<RunEnd> {
    const { seed, config } = this.#request;
    const request = {
      program,
      seed: mixSeed(seed, this.#runs++),
      ms,
      sync: config.sync,
      stride: this.#pool.stride,
      isToEnd,
    };
    return this.#pool.run(request, timeoutMs);
  }

  /** Counts what was seen, and gives the first history that does not fit. */
  #found(program: Program, end: RunEnd): Found | undefined {
    if (end.kind === 'done') this.#add(end.counts);
    const found = this.#failureOf(program, end);
    if (end.kind !== 'stuck') return found;
    this.#counts.histories++;
    if (found) this.#counts.misfits++;
    else this.#pool.notes.add(WAITS);
    return found;
  }

  #add(counts: readonly RunCounts[]): void {
    for (const { histories, undecided, misfits } of counts) {
      this.#counts.histories += histories;
      this.#counts.undecided += undecided;
      this.#counts.misfits += misfits;
    }
  }

  /** A call that never returns is right where the model blocks too. */
  #failureOf(program: Program, end: RunEnd): Found | undefined {
    if (end.kind === 'stuck') {
      const failure = { ...end.stuck, isStuck: true };
      const verdict = this.#checker.of(failure.program).check(numbersOf(failure, this.#checker));
      return verdict === 'does not' ? failure : undefined;
    }
    const first = end.kind === 'done' ? end.counts.find((one) => one.first)?.first : undefined;
    return first && { program, history: first, isStuck: false };
  }

  #threw({ where, message, stack }: WorkerError, program: Program): void {
    const text = `${where} threw with ${programText(program)}: ${message}`;
    this.#finish(this.outcome('threw', { message: text, stack }));
  }

  /** Smaller and smaller programs that fail too, and how often the last one does. */
  async #small(found: Found, original: Program, tookMs: number): Promise<FailedHistory> {
    const until = performance.now() + SHRINK_MS;
    const { least, most } = SMALLER_MS;
    const ms = Math.min(most, Math.max(least, SMALLER_TIMES * tookMs));
    let smallest = found;
    for (let next: Found | undefined = found; next; ) {
      smallest = next;
      next = await this.#smaller(smallest, ms, until);
    }
    const rate = await this.#rate(smallest);
    return failedHistory(this.#checker, smallest, original, rate);
  }

  async #smaller(found: Found, ms: number, until: number): Promise<Found | undefined> {
    const { timeoutMs } = this.#request;
    const limitMs = found.isStuck ? Math.min(timeoutMs, SHRINK_TIMEOUT_MS) : timeoutMs;
    for (const program of smallerPrograms(found.program, this.#structure)) {
      if (performance.now() >= until) return undefined;
      const end = await this.#histories(program, ms, false, limitMs);
      const failure = this.#failureOf(program, end);
      if (failure) return failure;
    }
    return undefined;
  }

  async #rate({ program, isStuck }: Found): Promise<Rate> {
    if (isStuck) return { misfits: 1, of: 1, ms: this.#request.timeoutMs };
    const start = performance.now();
    const end = await this.#histories(program, RATE_MS, true, this.#request.timeoutMs);
    const counts = end.kind === 'done' ? end.counts : [];
    return {
      misfits: counts.reduce((sum, { misfits }) => sum + misfits, 0),
      of: counts.reduce((sum, { histories }) => sum + histories, 0),
      ms: performance.now() - start,
    };
  }
}

const WAITS =
  'a program waited for ever, as its model does: give its operation a way to be cancelled (docs/linearizability.md)';
