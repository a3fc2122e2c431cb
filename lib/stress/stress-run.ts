import { resolve } from 'node:path';
import { isLinearizable } from '../linearizability/is-linearizable.ts';
import { whyNoNative } from '../native.ts';
import type {
  FirstSeen,
  NotBegun,
  RunResult,
  ScenarioResult,
  Shard,
  TrialConfig,
} from '../report/result.ts';
import { RESULT_FORMAT, RESULT_VERSION } from '../report/result.ts';
import type { Found } from './discover.ts';
import { epochMs } from './epoch.ts';
import { dropHost, prepareHost, runHost } from './host.ts';
import { machineFacts } from './machine.ts';
import {
  enoughMs,
  type PlannedSession,
  planSessions,
  type SessionKind,
  type SessionTime,
  sessionTime,
} from './plan.ts';
import { ScenarioLog } from './scenario-log.ts';
import { endedBadly, sessionAgain } from './session-again.ts';
import type { HostReport, SessionReport, SessionRequest } from './session-request.ts';

export interface StressOptions {
  /** The budget of the whole run, from now on. */
  readonly timeMs: number;
  readonly seed: number;
  readonly shard?: Shard | null;
  /** All trials in this configuration, instead of each in its turn. */
  readonly config?: TrialConfig | undefined;
  /** Without a step for so long actors hang; a scenario may say more. */
  readonly timeoutMs?: number | undefined;
  /** Of a structure: this program instead of random ones. */
  readonly program?: string | undefined;
  /** Goes on after something forbidden was seen. */
  readonly keepGoing?: boolean;
  /** Version of this package, for the result. */
  readonly tool: string;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: StressEvent) => void;
}

/** What a run tells while it runs. `result` is what would be written now. */
export type StressEvent =
  | { readonly kind: 'begin'; readonly sessions: number }
  | {
      readonly kind: 'progress';
      readonly scenario: ScenarioResult;
      /** Of the session under way, from 0. */
      readonly index: number;
      readonly leftMs: number;
    }
  | {
      /** An outcome was seen for the first time. */
      readonly kind: 'seen';
      readonly scenario: string;
      readonly outcome: string;
      readonly isForbidden: boolean;
      readonly first: FirstSeen;
    }
  | {
      /** A session will not end well: told at once. What there is to be said of that comes with its end. */
      readonly kind: 'fails';
      readonly scenario: string;
      readonly report: SessionReport;
    }
  | {
      readonly kind: 'session';
      readonly scenario: ScenarioResult;
      readonly report: SessionReport;
      readonly result: () => RunResult;
    };

const DEFAULT_TIMEOUT_MS = 5000;
const LEAST_TIMEOUT_MS = 500;
/** The next process starts so long before it is needed. */
const AHEAD_MS = 250;
/** Or, where starts are slow, as long as some of them take: each is that from which the process is needed. */
const AHEAD_STARTS = 2;

/** Takes samples of all scenarios within the time, and gives what was counted, not graded. */
export function runStress(found: readonly Found[], options: StressOptions): Promise<RunResult> {
  return new StressRun(found, options).run();
}

interface FailedSession {
  readonly found: Found;
  readonly log: ScenarioLog;
  readonly request: SessionRequest;
  readonly report: SessionReport;
}

class StressRun {
  readonly #found: readonly Found[];
  readonly #options: StressOptions;
  readonly #started = new Date();
  readonly #start = epochMs();
  readonly #logs: readonly ScenarioLog[];
  readonly #notes = new Set<string>();
  readonly #machine = machineFacts();
  /** Of each scenario, the last one that threw, hung or died. */
  readonly #failed = new Map<ScenarioLog, FailedSession>();
  #isStopped = false;
  /** Of the session under way. */
  #isFailureTold = false;
  /** How long a process takes from its fork to its first sample: of the last one. */
  #startMs = 0;
  /** Sessions that are planned and have not begun. */
  #left = 0;
  /** Scenarios that have sessions, and those of them that have had none by now. */
  readonly #planned = new Set<number>();
  readonly #waiting = new Set<number>();
  /** Scenarios whose threads have started at least once. */
  readonly #begun = new Set<number>();

  constructor(found: readonly Found[], options: StressOptions) {
    this.#found = found;
    this.#options = options;
    this.#logs = found.map((one) => new ScenarioLog(one, whyNot(one), options.program));
  }

  async run(): Promise<RunResult> {
    const plan = this.#plan();
    this.#left = plan.length;
    for (const { scenario } of plan) {
      this.#planned.add(scenario);
      this.#waiting.add(scenario);
    }
    this.#options.onEvent?.({ kind: 'begin', sessions: plan.length });
    for (const [index, planned] of plan.entries()) {
      if (this.#isEnded()) break;
      this.#left = plan.length - index - 1;
      const waiting = this.#waiting.size;
      const time = { leftMs: this.#leftMs(), startMs: this.#startMs, waiting };
      await this.#session(planned, sessionTime(plan.slice(index), time), index);
    }
    for (const failed of this.#failed.values()) await this.#again(failed);
    dropHost();
    return this.#result();
  }

  #isEnded(): boolean {
    return this.#options.signal?.aborted === true || this.#isStopped || this.#leftMs() <= 0;
  }

  /** Scenarios that cannot run here get no sessions. */
  #plan(): PlannedSession[] {
    const { timeMs, seed, shard = null, config } = this.#options;
    const scenarios = this.#found.flatMap((one, index) =>
      whyNot(one) === undefined ? [{ index, kind: kindOf(one) }] : [],
    );
    return planSessions({ scenarios, timeMs, seed, shard, config });
  }

  async #session(planned: PlannedSession, time: SessionTime, index: number): Promise<void> {
    const { ms, leastMs } = time;
    const found = this.#found[planned.scenario] as Found;
    const log = this.#logs[planned.scenario] as ScenarioLog;
    const now = epochMs();
    const until = now + ms;
    const latest = Math.max(until, this.#start + this.#options.timeMs);
    const { scenario: _, share: __, ...how } = planned;
    const file = resolve(found.file);
    const timeoutMs = this.#timeoutMs(found);
    const { keepGoing = false, program } = this.#options;
    log.begin(now);
    this.#isFailureTold = false;
    this.#waiting.delete(planned.scenario);
    const aheadMs = Math.max(AHEAD_MS, AHEAD_STARTS * this.#startMs);
    const ahead = setTimeout(prepareHost, this.#left > 0 ? ms - aheadMs : 2 ** 30);
    const request: SessionRequest = {
      ...how,
      file,
      params: found.params,
      until,
      leastMs,
      latest,
      timeoutMs,
      isLimitGiven: this.#givenTimeoutMs(found) !== undefined,
      keepGoing,
      program,
    };
    const report = await runHost(request, {
      onProgress: (partial) => this.#progress(planned.scenario, index, partial),
      signal: this.#options.signal,
    });
    clearTimeout(ahead);
    this.#learnStart(report);
    this.#keep(planned.scenario, report);
    if (endedBadly(report)) this.#failed.set(log, { found, log, request, report });
  }

  /** One that was given up says only that a start takes as long at least. */
  #learnStart({ begunAt, startMs }: HostReport): void {
    this.#startMs = begunAt === undefined ? Math.max(this.#startMs, startMs) : startMs;
  }

  /** It has been told by now what was wrong: the report says how surely that comes again. */
  async #again({ found, log, request, report }: FailedSession): Promise<void> {
    const { signal, timeMs } = this.#options;
    const limitMs = this.#givenTimeoutMs(found) ?? LEAST_TIMEOUT_MS;
    const latest = this.#start + timeMs;
    const again = await sessionAgain(request, report, { latest, timeoutMs: limitMs, signal });
    log.setAgain(report, again);
  }

  /** A hang has to be told apart from a pause within the time of the run. */
  #timeoutMs(found: Found): number {
    const { timeMs } = this.#options;
    const fitting = Math.min(DEFAULT_TIMEOUT_MS, Math.max(LEAST_TIMEOUT_MS, timeMs / 2));
    return this.#givenTimeoutMs(found) ?? fitting;
  }

  #givenTimeoutMs({ scenario }: Found): number | undefined {
    return this.#options.timeoutMs ?? scenario.definition.timeoutMs;
  }

  #leftMs(): number {
    return this.#options.timeMs - (epochMs() - this.#start);
  }

  #progress(scenario: number, index: number, partial: SessionReport): void {
    this.#see(scenario, partial);
    if (endedBadly(partial) && !this.#isFailureTold) {
      this.#isFailureTold = true;
      const { name } = this.#found[scenario] as Found;
      this.#options.onEvent?.({ kind: 'fails', scenario: name, report: partial });
    }
    this.#options.onEvent?.({
      kind: 'progress',
      scenario: (this.#logs[scenario] as ScenarioLog).result(),
      index,
      leftMs: Math.max(0, this.#leftMs()),
    });
  }

  #see(scenario: number, report: SessionReport): void {
    const { name } = this.#found[scenario] as Found;
    for (const seen of (this.#logs[scenario] as ScenarioLog).see(report)) {
      this.#options.onEvent?.({ kind: 'seen', scenario: name, ...seen });
    }
  }

  #keep(scenario: number, report: SessionReport): void {
    const log = this.#logs[scenario] as ScenarioLog;
    this.#see(scenario, report);
    log.end(report, epochMs());
    if (report.begunAt !== undefined) this.#begun.add(scenario);
    for (const note of report.notes) this.#notes.add(note);
    const isWrong = report.sightings.some(({ isForbidden }) => isForbidden);
    if ((isWrong || endedBadly(report)) && !this.#options.keepGoing) this.#isStopped = true;
    this.#options.onEvent?.({
      kind: 'session',
      scenario: log.result(),
      report,
      result: () => this.#result(),
    });
  }

  #ended(): Pick<RunResult, 'ended'> {
    if (this.#options.signal?.aborted) return { ended: 'interrupted' };
    if (this.#isStopped) return { ended: 'forbidden' };
    // of a scenario that has samples the last sessions may be left out: those tell what it has
    return this.#logs.some((_, index) => this.#isUnseen(index)) ? { ended: 'time' } : {};
  }

  /** The time is over, and a scenario has nothing to show for it. */
  #isUnseen(index: number): boolean {
    const { trials } = (this.#logs[index] as ScenarioLog).result();
    return this.#leftMs() <= 0 && this.#planned.has(index) && trials.length === 0;
  }

  #results(): readonly ScenarioResult[] {
    const notBegun = this.#notBegun();
    return this.#logs.map((log, index) => {
      const isSlow = notBegun && this.#isUnseen(index) && !this.#begun.has(index);
      return isSlow ? { ...log.result(), notBegun } : log.result();
    });
  }

  /** Undefined where slow starts are not why scenarios had no time: no other `--time` can be named then. */
  #notBegun(): NotBegun | undefined {
    const { signal, timeMs } = this.#options;
    const startMs = Math.round(this.#startMs);
    // 0 where no start was measured
    const enough = enoughMs(this.#planned.size, startMs);
    const isCut = this.#isStopped || signal?.aborted === true;
    return isCut || enough <= timeMs ? undefined : { startMs, enoughMs: enough };
  }

  #result(): RunResult {
    const { tool, seed, shard = null } = this.#options;
    return {
      format: RESULT_FORMAT,
      version: RESULT_VERSION,
      tool,
      seed,
      shard,
      started: this.#started.toISOString(),
      ms: Math.round(epochMs() - this.#start),
      machine: this.#machine,
      notes: [...this.#notes],
      scenarios: this.#results(),
      ...this.#ended(),
    };
  }
}

/** Why a scenario cannot run here. */
function whyNot(found: Found): string | undefined {
  const why = needsAddon(found) ? whyNoNative() : undefined;
  return why === undefined ? undefined : `it needs the addon: ${why}`;
}

function needsAddon({ scenario: { definition } }: Found): boolean {
  const isNative = Object.values(definition.actors).some(
    (actor) => typeof actor !== 'function' && actor.kind !== 'operations',
  );
  return isNative || definition.needs?.includes('addon') === true;
}

function kindOf(found: Found): SessionKind {
  if (isLinearizable(found.scenario)) return 'structure';
  return needsAddon(found) ? 'native' : 'scripted';
}
