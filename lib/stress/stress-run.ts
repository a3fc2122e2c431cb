import { relative, resolve } from 'node:path';
import { whyNoNative } from '../native.ts';
import type { RunResult, ScenarioResult, Shard, Trial, TrialConfig } from '../report/result.ts';
import { RESULT_FORMAT, RESULT_VERSION } from '../report/result.ts';
import { rerunCommand } from './command.ts';
import type { Found } from './discover.ts';
import { machineFacts } from './machine.ts';
import { type PlannedTrial, planTrials } from './plan.ts';
import { runTrial } from './run-trial.ts';
import type { TrialOutcome } from './trial-request.ts';

export interface StressOptions {
  /** The budget of the whole run. */
  readonly timeMs: number;
  readonly seed: number;
  readonly shard?: Shard | null;
  /** All trials in this configuration, instead of each in its turn. */
  readonly config?: TrialConfig | undefined;
  /** Without a step for so long, a trial hangs; a scenario may say more. */
  readonly timeoutMs?: number | undefined;
  /** Of a structure: this program instead of random ones. */
  readonly program?: string | undefined;
  /** Version of this package, for the result. */
  readonly tool: string;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: StressEvent) => void;
}

/** What a run tells while it runs. `result` is what would be written now. */
export type StressEvent =
  | { readonly kind: 'begin'; readonly trials: number }
  | {
      readonly kind: 'progress';
      readonly scenario: ScenarioResult;
      readonly index: number;
      readonly partial: TrialOutcome;
      readonly leftMs: number;
    }
  | {
      readonly kind: 'trial';
      readonly scenario: ScenarioResult;
      readonly trial: Trial;
      readonly result: () => RunResult;
    };

const DEFAULT_TIMEOUT_MS = 5000;
const MIN_TRIAL_MS = 50;
/** Start and end of a process, before it was measured. */
const FIRST_OVERHEAD_MS = 500;

const TOO_SHORT =
  'the time was too short for a trial of each scenario: the rest had a moment each, and the run took longer';

/** Makes trials of all scenarios within the time, and gives what was counted, not graded. */
export function runStress(found: readonly Found[], options: StressOptions): Promise<RunResult> {
  return new StressRun(found, options).run();
}

class StressRun {
  readonly #found: readonly Found[];
  readonly #options: StressOptions;
  readonly #started = new Date();
  readonly #start = performance.now();
  readonly #trials: Trial[][];
  readonly #notes = new Set<string>();
  readonly #machine = machineFacts();
  #overheadMs = FIRST_OVERHEAD_MS;
  #isLearned = false;

  constructor(found: readonly Found[], options: StressOptions) {
    this.#found = found;
    this.#options = options;
    this.#trials = found.map(() => []);
  }

  async run(): Promise<RunResult> {
    const plan = this.#plan();
    this.#options.onEvent?.({ kind: 'begin', trials: plan.length });
    for (const [index, planned] of plan.entries()) {
      if (this.#options.signal?.aborted) break;
      if (this.#leftMs() === 0) this.#notes.add(TOO_SHORT);
      await this.#trial(planned, plan.length - index, index);
    }
    return this.#result();
  }

  /** Scenarios that cannot run here get no trials. */
  #plan(): PlannedTrial[] {
    const { timeMs, seed, shard = null, config } = this.#options;
    const able = this.#found.flatMap((one, index) => (whyNot(one) === undefined ? [index] : []));
    const plan = planTrials({ scenarios: able.length, timeMs, seed, shard, config });
    return plan.map((one) => ({ ...one, scenario: able[one.scenario] as number }));
  }

  async #trial(planned: PlannedTrial, left: number, index: number): Promise<void> {
    const found = this.#found[planned.scenario] as Found;
    const { config, seed } = planned;
    const ms = this.#shareMs(left);
    const start = performance.now();
    const { timeoutMs } = found.scenario.definition;
    const request = {
      file: resolve(found.file),
      config,
      seed,
      ms,
      timeoutMs: this.#options.timeoutMs ?? timeoutMs ?? DEFAULT_TIMEOUT_MS,
      program: this.#options.program,
    };
    const outcome = await runTrial(request, {
      onProgress: (partial) => this.#progress(planned.scenario, index, partial),
      signal: this.#options.signal,
    });
    if (outcome.end === 'ok') this.#learn(performance.now() - start - ms);
    this.#keep(planned, outcome, ms);
  }

  /** What is left, divided; processes need a part of it. */
  #shareMs(left: number): number {
    const each = this.#leftMs() / left - this.#overheadMs;
    return Math.max(MIN_TRIAL_MS, Math.round(each));
  }

  #leftMs(): number {
    return Math.max(0, this.#options.timeMs - (performance.now() - this.#start));
  }

  #learn(overheadMs: number): void {
    const before = this.#isLearned ? this.#overheadMs : overheadMs;
    this.#overheadMs = Math.max(0, (before + overheadMs) / 2);
    this.#isLearned = true;
  }

  #progress(scenario: number, index: number, partial: TrialOutcome): void {
    this.#options.onEvent?.({
      kind: 'progress',
      scenario: this.#scenario(scenario),
      index,
      partial,
      leftMs: this.#leftMs(),
    });
  }

  #keep({ scenario, config, seed }: PlannedTrial, outcome: TrialOutcome, ms: number): void {
    const { asked } = this.#found[scenario] as Found;
    const program = outcome.history?.program ?? this.#options.program;
    const command = rerunCommand({ asked, config, seed, ms: ms + FIRST_OVERHEAD_MS, program });
    const trial: Trial = { config, seed, ...outcome, command };
    this.#trials[scenario]?.push(trial);
    for (const note of outcome.notes) this.#notes.add(note);
    this.#options.onEvent?.({
      kind: 'trial',
      scenario: this.#scenario(scenario),
      trial,
      result: () => this.#result(),
    });
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
      ms: Math.round(performance.now() - this.#start),
      machine: this.#machine,
      notes: [...this.#notes],
      scenarios: this.#found.map((_, index) => this.#scenario(index)),
    };
  }

  #scenario(index: number): ScenarioResult {
    const found = this.#found[index] as Found;
    const { definition, rules } = found.scenario;
    const skipped = whyNot(found);
    return {
      name: definition.name,
      file: relative('.', found.file),
      source: found.source,
      description: definition.description,
      actors: Object.keys(definition.actors),
      registers: Object.keys(definition.result),
      outcomes: rules,
      trials: this.#trials[index] ?? [],
      ...(skipped === undefined ? {} : { skipped }),
    };
  }
}

/** Why a scenario cannot run here. */
function whyNot({ scenario: { definition } }: Found): string | undefined {
  const isNative = Object.values(definition.actors).some(
    (actor) => typeof actor !== 'function' && actor.kind !== 'operations',
  );
  if (!isNative && !definition.needs?.includes('addon')) return undefined;
  const why = whyNoNative();
  return why === undefined ? undefined : `it needs the addon: ${why}`;
}
