import type { OutcomeRule } from '../scenario/index.ts';
import { byText } from './order.ts';
import type {
  FailedHistory,
  FirstSeen,
  NotBegun,
  Repetition,
  ScenarioResult,
  Trial,
  TrialConfig,
  TrialEnd,
} from './result.ts';

/** How often an outcome was seen, and the trial that showed it best. */
export interface OutcomeTotal {
  readonly outcome: string;
  readonly samples: number;
  readonly trials: number;
  /** Where it was the most frequent: there it is seen again soonest. */
  readonly best: Sighting;
  /** When it was seen first: the soonest of all runs. */
  readonly first?: FirstSeen;
}

export interface Sighting {
  readonly command: string;
  readonly config: TrialConfig;
  readonly seed: number;
  readonly samples: number;
  readonly of: number;
  /** How surely the command shows it again. */
  readonly again?: Repetition;
}

/** All trials of one configuration. */
export interface ConfigTotal {
  readonly config: TrialConfig;
  readonly trials: number;
  readonly samples: number;
  readonly ms: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** All trials of one scenario. */
export interface ScenarioTotals {
  readonly name: string;
  readonly files: readonly string[];
  readonly source: string;
  readonly description: string;
  readonly actors: readonly string[];
  readonly registers: readonly string[];
  readonly rules: readonly OutcomeRule[];
  readonly trials: number;
  readonly samples: number;
  /** A verdict needs so many. */
  readonly minSamples: number;
  /** Of a structure. */
  readonly programs: number;
  readonly minPrograms: number;
  readonly ms: number;
  readonly ends: Readonly<Record<TrialEnd, number>>;
  readonly outcomes: readonly OutcomeTotal[];
  readonly configs: readonly ConfigTotal[];
  /** Trials that did not end well, the first TROUBLES of them by command. */
  readonly troubles: readonly Trial[];
  /** The smallest history that does not fit. */
  readonly history?: FailedHistory;
  readonly notes: readonly string[];
  readonly skipped: readonly string[];
  /** Some run had no time for it: the slowest start. */
  readonly notBegun?: NotBegun;
}

/** Trials that did not end well are kept whole up to this many a scenario; `ends` counts them all. */
export const TROUBLES = 20;

type Open<T> = { -readonly [K in keyof T]: T[K] };
type OpenConfig = Open<Omit<ConfigTotal, 'counts' | 'ms'>> & {
  us: number;
  readonly counts: Map<string, number>;
};

/** Adds up the trials of one scenario. */
export class ScenarioTally {
  readonly #scenario: ScenarioResult;
  readonly #files = new Set<string>();
  readonly #notes = new Set<string>();
  readonly #skipped = new Set<string>();
  readonly #outcomes = new Map<string, Open<OutcomeTotal>>();
  readonly #configs = new Map<string, OpenConfig>();
  readonly #ends: Record<TrialEnd, number> = {
    ok: 0,
    hung: 0,
    died: 0,
    threw: 0,
    cut: 0,
  };
  readonly #seen = new Map<string, FirstSeen>();
  #minSamples = 0;
  #minPrograms = 0;
  #troubles: Trial[] = [];
  #history: FailedHistory | undefined;
  #notBegun: NotBegun | undefined;
  #trials = 0;
  #samples = 0;
  #programs = 0;
  /** Whole microseconds: a sum of fractions would hang on the order of its terms. */
  #us = 0;

  constructor(scenario: ScenarioResult) {
    this.#scenario = scenario;
  }

  add(scenario: ScenarioResult): void {
    const { file, skipped, notBegun, trials, seen = {} } = scenario;
    const { minSamples = 0, minPrograms = 0 } = scenario;
    this.#files.add(file);
    this.#minSamples = Math.max(this.#minSamples, minSamples);
    this.#minPrograms = Math.max(this.#minPrograms, minPrograms);
    for (const [outcome, first] of Object.entries(seen)) this.#see(outcome, first);
    if (skipped !== undefined) this.#skipped.add(skipped);
    if (notBegun) this.#notBegun = slower(notBegun, this.#notBegun);
    for (const trial of trials) this.#addTrial(trial);
  }

  #see(outcome: string, first: FirstSeen): void {
    const known = this.#seen.get(outcome);
    const isSooner = !known || first.ms < known.ms;
    const isEqual = known?.ms === first.ms && first.samples < known.samples;
    if (isSooner || isEqual) this.#seen.set(outcome, first);
  }

  #addTrial(trial: Trial): void {
    this.#trials += 1;
    this.#samples += trial.samples;
    this.#programs += trial.programs ?? 0;
    this.#us += micros(trial.ms);
    this.#ends[trial.end] += 1;
    for (const note of trial.notes) this.#notes.add(note);
    if (trial.end !== 'ok') this.#addTrouble(trial);
    if (trial.history) this.#history = smaller(trial.history, this.#history);
    const config = this.#config(trial);
    for (const outcome in trial.counts) {
      const count = trial.counts[outcome] ?? 0;
      if (count > 0) this.#count(trial, config, outcome, count);
    }
  }

  /** Sorted only when twice as many are there as are kept: linear in the trials. */
  #addTrouble(trial: Trial): void {
    this.#troubles.push(trial);
    if (this.#troubles.length >= 2 * TROUBLES) this.#troubles = firstOf(this.#troubles);
  }

  #config({ config, samples, ms }: Trial): OpenConfig {
    const key = configText(config);
    const total = this.#configs.get(key) ?? {
      config,
      trials: 0,
      samples: 0,
      us: 0,
      counts: new Map<string, number>(),
    };
    total.trials += 1;
    total.samples += samples;
    total.us += micros(ms);
    this.#configs.set(key, total);
    return total;
  }

  #count(trial: Trial, { counts }: OpenConfig, outcome: string, count: number): void {
    counts.set(outcome, (counts.get(outcome) ?? 0) + count);
    const total = this.#outcomes.get(outcome);
    if (!total) {
      const best = sighting(trial, count);
      this.#outcomes.set(outcome, { outcome, samples: count, trials: 1, best });
      return;
    }
    total.samples += count;
    total.trials += 1;
    if (isBetter(trial, count, total.best)) total.best = sighting(trial, count);
  }

  #withFirst(one: OutcomeTotal): OutcomeTotal {
    const first = this.#seen.get(one.outcome);
    return { ...one, ...(first ? { first } : {}) };
  }

  totals(): ScenarioTotals {
    const { name, source, description, actors, registers, outcomes } = this.#scenario;
    return {
      name,
      files: [...this.#files].sort(),
      source,
      description,
      actors,
      registers,
      rules: outcomes,
      trials: this.#trials,
      samples: this.#samples,
      minSamples: this.#minSamples,
      programs: this.#programs,
      minPrograms: this.#minPrograms,
      ms: this.#us / 1000,
      ends: { ...this.#ends },
      outcomes: [...this.#outcomes.values()]
        .map((one) => this.#withFirst(one))
        .sort((a, b) => byText(a.outcome, b.outcome)),
      configs: [...this.#configs.entries()]
        .sort(([a], [b]) => byText(a, b))
        .map(([, { us, counts, ...one }]) => ({ ...one, ms: us / 1000, counts: recordOf(counts) })),
      troubles: firstOf(this.#troubles),
      ...(this.#history ? { history: this.#history } : {}),
      notes: [...this.#notes].sort(),
      skipped: [...this.#skipped].sort(),
      ...(this.#notBegun ? { notBegun: this.#notBegun } : {}),
    };
  }
}

/** A configuration in one line, and the same for the same one. */
export function configText({ placement, stride, sync, order, jit, padding }: TrialConfig): string {
  return `${placement}, stride ${stride}, sync ${sync}, ${order}, ${jit}, ${padding}`;
}

function smaller(a: FailedHistory, b: FailedHistory | undefined): FailedHistory {
  if (!b) return a;
  const calls = ({ threads }: FailedHistory) => threads.flat().length;
  return calls(a) - calls(b) < 0 ||
    (calls(a) === calls(b) && byText(JSON.stringify(a), JSON.stringify(b)) < 0)
    ? a
    : b;
}

/** The same in whatever order they come. */
function slower(a: NotBegun, b: NotBegun | undefined): NotBegun {
  if (!b) return a;
  return {
    startMs: Math.max(a.startMs, b.startMs),
    enoughMs: Math.max(a.enoughMs, b.enoughMs),
  };
}

function micros(ms: number): number {
  return Math.round(ms * 1000);
}

/** A name may be `__proto__`. */
function recordOf(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a], [b]) => byText(a, b)));
}

function sighting(trial: Trial, count: number): Sighting {
  const { command, config, seed, samples, again } = trial;
  return { command, config, seed, samples: count, of: samples, ...(again ? { again } : {}) };
}

/** A total order, so that the best one does not hang on which came first. */
function isBetter(trial: Trial, count: number, best: Sighting): boolean {
  // of what was made again, it is known how surely it shows it
  const shown = shareShown(trial.again) - shareShown(best.again);
  if (shown !== 0) return shown > 0;
  const rate = count / trial.samples - best.samples / best.of;
  if (rate !== 0 && !Number.isNaN(rate)) return rate > 0;
  if (count !== best.samples) return count > best.samples;
  return byText(sightingKey(trial), sightingKey(best)) < 0;
}

function shareShown(again: Repetition | undefined): number {
  return again && again.runs > 0 ? (again.shown + 1) / (again.runs + 1) : 0;
}

function sightingKey({ command, seed, config }: Pick<Trial, 'command' | 'seed' | 'config'>) {
  return `${command}\n${seed}\n${configText(config)}`;
}

function firstOf(troubles: readonly Trial[]): Trial[] {
  const keyed = troubles.map(
    // first one whose command is known to show it
    (trial) =>
      [`${trial.again ? 0 : 1} ${trial.command}\n${JSON.stringify(trial)}`, trial] as const,
  );
  return keyed
    .sort(([a], [b]) => byText(a, b))
    .slice(0, TROUBLES)
    .map(([, trial]) => trial);
}
