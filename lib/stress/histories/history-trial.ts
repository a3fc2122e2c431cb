import type { Worker } from 'node:worker_threads';
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
import { epochMs } from '../epoch.ts';
import type { SessionEnd, SessionEvents } from '../session.ts';
import type { SessionPart, SessionReport, SessionRequest } from '../session-request.ts';
import { type Sighting, Sightings } from '../sightings.ts';
import { type Failure, failedHistory, numbersOf, type Rate } from './failed-history.ts';
import type { RunCounts, RunRequest, WorkerError } from './messages.ts';
import { HistoryPool, type RunEnd } from './pool.ts';
import { PATIENCE } from './rounds.ts';

/** For one program. */
const PROGRAM_MS = 20;
/** For one program that may be smaller: some times as long as the failure took to be seen. */
const SMALLER_TIMES = 4;
const SMALLER_MS = { least: 60, most: 800 };
/** And some times as many histories, if the machine gives little time: but no more than this. */
const SMALLER_HISTORIES = { times: 10, most: 1000 };
/** For all of them together, without what the machine did not give. */
const SHRINK_MS = 8000;
/** While a program that hangs is made smaller. */
const SHRINK_TIMEOUT_MS = 1000;
/** For counting how often the smallest one fails. */
const RATE_MS = 300;
/** Of one that hangs, in so many runs at most and for so long, all together. */
const MOST_STUCK = 5;
const STUCK_RATE_MS = 2500;
/** The last run of a program ends so long after the time, and nothing waits for it any longer. */
const LAST_WORDS_MS = 400;
/** Threads that only start when the time is over have so long. */
const LATE_START_MS = 200;
/** Threads that made no step for so long at the end may hang. */
const STILL_MS = 250;

interface Found extends Failure {
  readonly isStuck: boolean;
  /** In the run that showed it. */
  readonly rate: Rate;
}

/** A trial of a structure: programs, one after another, until one has a history that does not fit. */
export class HistoryTrial {
  readonly #request: SessionRequest;
  readonly #structure: Linearizable['structure'];
  readonly #checker: Checker;
  readonly #events: SessionEvents;
  readonly #given: Program | undefined;
  readonly #pool: HistoryPool;
  readonly #counts = { programs: 0, histories: 0, undecided: 0, misfits: 0 };
  readonly #sightings: Sighting[] = [];
  readonly #sights: Sightings;
  #runs = 0;
  #ms = 0;
  #begunAt: number | undefined;
  /** When no further program begins: before the threads have started that is not known. */
  #until: number | undefined;
  /** The program that runs now. */
  #program: Program | undefined;
  /** What fails, as small as it is by now, and the program that it was. */
  #failure: { smallest: Found; readonly original: Program } | undefined;
  #history: FailedHistory | undefined;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    request: SessionRequest,
    { structure, rules }: Linearizable,
    workers: readonly Worker[],
    events: SessionEvents,
  ) {
    this.#request = request;
    this.#structure = structure;
    this.#events = events;
    this.#checker = new Checker(structure);
    this.#sights = new Sightings(rules, (sighting) => this.#sightings.push(sighting));
    const { program } = request;
    this.#given = program === undefined ? undefined : parseProgram(program, structure);
    const threads = this.#given?.threads.length ?? structure.threads[1];
    this.#pool = new HistoryPool(request, structure, threads, workers);
  }

  start(): void {
    this.#expectEnd();
    this.#run().catch((error: Error) => {
      const { message, stack = '' } = error;
      this.#over({ end: 'threw', detail: { message, stack } });
    });
  }

  /** Threads that start late have their time from then on: the end is not known before. */
  #expectEnd(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#late(), this.#lastMs() + LAST_WORDS_MS);
  }

  /** What is known by now. */
  report(end: SessionEnd = { end: 'ok' }): SessionReport {
    const { config, seed } = this.#request;
    const ran = end.end === 'ok' ? undefined : this.#program;
    const program = ran && programText(ran);
    return {
      parts: this.#counts.histories === 0 ? [] : [this.#part()],
      sightings: this.#sightings,
      begunAt: this.#begunAt,
      last: { config, seed, ...(program === undefined ? {} : { program }) },
      notes: [...this.#pool.notes],
      ...end,
    };
  }

  #part(): SessionPart {
    const { config, seed } = this.#request;
    const counts = Object.entries(this.#outcomes()).filter(([, count]) => count > 0);
    return {
      config,
      seed,
      samples: this.#counts.histories,
      ...(this.#given ? {} : { programs: this.#counts.programs }),
      ms: this.#ms,
      counts: Object.fromEntries(counts),
      ...(this.#history ? { history: this.#history } : {}),
    };
  }

  #outcomes(): Readonly<Record<string, number>> {
    const { histories, undecided, misfits } = this.#counts;
    const { condition } = this.#structure;
    return {
      [condition]: histories - undecided - misfits,
      [UNDECIDED]: undecided,
      [misfit(condition)]: misfits,
    };
  }

  #over(end: SessionEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onOver(this.report(end));
  }

  /** Until the end of the session; for a failure, which ends the run, until that of the run. */
  #lastMs(): number {
    const { latest, keepGoing } = this.#request;
    const until = keepGoing ? (this.#until ?? latest) : latest;
    // threads that started at the end have a moment behind it, but this process has not
    return Math.min(until, latest) - epochMs();
  }

  /** The time is over, and a run of a program is not. */
  #late(): void {
    const { smallest, original } = this.#failure ?? {};
    if (smallest && original) {
      this.#history ??= this.#failed(smallest, original, smallest.rate);
    }
    this.#over(this.#history ? { end: 'ok' } : this.#still());
  }

  /** Whether a program stands still, for too short a time to say that it hangs. */
  #still(): SessionEnd {
    const { stillMs } = this.#pool;
    if (stillMs < STILL_MS || !this.#program) return { end: 'ok' };
    const text = programText(this.#program);
    const { timeoutMs } = this.#request;
    const message = `no step in the last ${Math.round(stillMs)} ms, too short to say that it hangs (limit ${timeoutMs} ms): ${text}`;
    return { end: 'cut', detail: { message } };
  }

  async #run(): Promise<void> {
    await this.#pool.start();
    this.#begunAt = epochMs();
    const until = this.#untilFrom(this.#begunAt);
    this.#until = until;
    this.#expectEnd();
    const left = () => until - epochMs();
    for (let index = 0; left() > 0; index++) {
      const program = this.#given ?? generateProgram(this.#structure, this.#request.seed, index);
      const ms = Math.min(left(), this.#given ? Number.POSITIVE_INFINITY : PROGRAM_MS);
      const began = performance.now();
      const end = await this.#histories(program, ms, this.#request.timeoutMs);
      const took = performance.now() - began;
      this.#ms += took;
      if (end.kind === 'threw') return this.#threw(end.error, program);
      if (end.kind === 'hung') return this.#hung(end.where, program);
      this.#counts.programs++;
      const found = this.#found(program, end, took);
      this.#see();
      if (!found) continue;
      this.#events.onWrong(this.report());
      this.#history = await this.#small(found, program, took);
      break;
    }
    this.#over({ end: 'ok' });
  }

  /** Threads that have started late have their time, within that of the run, and a moment just behind it. */
  #untilFrom(now: number): number {
    const { until, leastMs, latest } = this.#request;
    const inTime = Math.min(now + leastMs, latest);
    return Math.max(until, inTime, Math.min(now, latest) + LATE_START_MS);
  }

  #see(): void {
    for (const [outcome, count] of Object.entries(this.#outcomes())) {
      if (count > 0) this.#sights.see(outcome, this.#counts.histories);
    }
  }

  #histories(
    program: Program,
    ms: number,
    timeoutMs: number,
    { least = 0, isToEnd = false }: Partial<Pick<RunRequest, 'least' | 'isToEnd'>> = {},
  ): Promise<RunEnd> {
    const { seed, config } = this.#request;
    const request = {
      program,
      seed: mixSeed(seed, this.#runs++),
      ms,
      least,
      sync: config.sync,
      stride: this.#pool.stride,
      isToEnd,
    };
    this.#program = program;
    return this.#pool.run(request, timeoutMs);
  }

  /** Counts what was seen, and gives the first history that does not fit. */
  #found(program: Program, end: RunEnd, ms: number): Found | undefined {
    if (end.kind === 'done') this.#add(end.counts);
    const found = this.#failureOf(program, end, ms);
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
  #failureOf(program: Program, end: RunEnd, ms: number): Found | undefined {
    if (end.kind === 'stuck') {
      const failure = { ...end.stuck, isStuck: true, rate: NOT_MEASURED };
      const verdict = this.#checker.of(failure.program).check(numbersOf(failure, this.#checker));
      return verdict === 'does not' ? failure : undefined;
    }
    if (end.kind !== 'done') return undefined;
    const first = end.counts.find((one) => one.first)?.first;
    return first && { program, history: first, isStuck: false, rate: rateOf(end.counts, ms) };
  }

  #threw({ where, message, stack }: WorkerError, program: Program): void {
    const text = `${where} threw with ${programText(program)}: ${message}`;
    this.#over({ end: 'threw', detail: { message: text, stack } });
  }

  #hung(where: string, program: Program): void {
    const { timeoutMs } = this.#request;
    const message = `${where}: no step for ${timeoutMs} ms, with ${programText(program)}`;
    this.#over({ end: 'hung', detail: { message } });
  }

  /** Smaller and smaller programs that fail too, and how often the last one does. */
  async #small(found: Found, original: Program, tookMs: number): Promise<FailedHistory> {
    const failure = { smallest: found, original };
    this.#failure = failure;
    const time = { leftMs: SHRINK_MS };
    const { least, most } = SMALLER_MS;
    const ms = Math.min(most, Math.max(least, SMALLER_TIMES * tookMs));
    for (let next: Found | undefined = found; next; ) {
      failure.smallest = next;
      next = await this.#smaller(next, ms, time);
    }
    const rate = await this.#rate(failure.smallest);
    return this.#failed(failure.smallest, original, rate);
  }

  #failed(found: Found, original: Program, rate: Rate): FailedHistory {
    return failedHistory(this.#checker, found, original, rate);
  }

  /** Takes what it needs from `time`. */
  async #smaller(
    found: Found,
    mostMs: number,
    time: { leftMs: number },
  ): Promise<Found | undefined> {
    const { timeoutMs } = this.#request;
    const limitMs = found.isStuck ? Math.min(timeoutMs, SHRINK_TIMEOUT_MS) : timeoutMs;
    const { times, most } = SMALLER_HISTORIES;
    const least = Math.min(most, times * found.rate.of);
    for (const program of smallerPrograms(found.program, this.#structure)) {
      const start = performance.now();
      const ms = Math.min(mostMs, time.leftMs, (this.#lastMs() - RATE_MS) / PATIENCE);
      if (ms <= 0) return undefined;
      const end = await this.#histories(program, ms, limitMs, { least });
      const took = performance.now() - start;
      time.leftMs -= end.kind === 'done' ? Math.min(took, ms) : took;
      const failure = this.#failureOf(program, end, took);
      if (failure) return failure;
    }
    return undefined;
  }

  /** Of what was seen in the last moment, that of the run that showed it. */
  async #rate({ program, isStuck, rate }: Found): Promise<Rate> {
    if (isStuck) return this.#stuckRate(program);
    const start = performance.now();
    const left = Math.min(RATE_MS, this.#lastMs());
    if (left <= 0) return rate;
    const end = await this.#histories(program, left, this.#request.timeoutMs, { isToEnd: true });
    return end.kind === 'done' ? rateOf(end.counts, performance.now() - start) : rate;
  }

  /** In how many runs a call did not return: how many histories one of these has made, nobody knows. */
  async #stuckRate(program: Program): Promise<Rate> {
    const limitMs = RATE_MS + SHRINK_TIMEOUT_MS;
    const until = performance.now() + STUCK_RATE_MS;
    let [misfits, of] = [0, 0];
    while (of < MOST_STUCK && performance.now() < until && this.#lastMs() > limitMs) {
      const end = await this.#histories(program, RATE_MS, SHRINK_TIMEOUT_MS);
      of += 1;
      misfits += this.#failureOf(program, end, RATE_MS) ? 1 : 0;
    }
    return { misfits, of, ms: of * RATE_MS };
  }
}

const NOT_MEASURED: Rate = { misfits: 0, of: 0, ms: 0 };

function rateOf(counts: readonly RunCounts[], ms: number): Rate {
  return {
    misfits: counts.reduce((sum, { misfits }) => sum + misfits, 0),
    of: counts.reduce((sum, { histories }) => sum + histories, 0),
    ms,
  };
}

const WAITS =
  'a program waited for ever, as its model does: give its operation a way to be cancelled (docs/linearizability.md)';
