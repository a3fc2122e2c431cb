import { relative } from 'node:path';
import { isLinearizable } from '../linearizability/is-linearizable.ts';
import type { FirstSeen, Repetition, ScenarioResult, Trial } from '../report/result.ts';
import { minSamplesOf } from '../scenario/index.ts';
import { rerunCommand } from './command.ts';
import { configText } from './config.ts';
import type { Found } from './discover.ts';
import type { FailedRound, SessionPart, SessionReport } from './session-request.ts';

type Open<T> = { -readonly [K in keyof T]: T[K] };

/** What is known of one scenario: the reports of its sessions, as a result file has them. */
export class ScenarioLog {
  readonly #found: Found;
  readonly #skipped: string | undefined;
  readonly #program: string | undefined;
  readonly #seen = new Map<string, FirstSeen>();
  #reports: SessionReport[] = [];
  #current: SessionReport | undefined;
  /** Time of this scenario before the session under way, and when that began. */
  #spentMs = 0;
  #beganAt = 0;
  #samplesBefore = 0;

  /** `program`: of a structure, the one that was asked for. */
  constructor(found: Found, skipped: string | undefined, program?: string) {
    this.#found = found;
    this.#skipped = skipped;
    this.#program = program;
  }

  /** `at`: milliseconds since 1970. */
  begin(at: number): void {
    this.#beganAt = at;
  }

  /** What the session has found by now; outcomes that were not seen before. */
  see(
    report: SessionReport,
  ): readonly { outcome: string; isForbidden: boolean; first: FirstSeen }[] {
    this.#current = report;
    const fresh = report.sightings.filter(({ outcome }) => !this.#seen.has(outcome));
    return fresh.map(({ outcome, isForbidden, at, samples }) => {
      const ms = Math.round(this.#spentMs + Math.max(0, at - this.#beganAt));
      const first = { ms, samples: this.#samplesBefore + samples };
      this.#seen.set(outcome, first);
      return { outcome, isForbidden, first };
    });
  }

  end(report: SessionReport, at: number): void {
    this.see(report);
    this.#reports.push(report);
    this.#current = undefined;
    this.#spentMs += at - this.#beganAt;
    this.#samplesBefore += report.parts.reduce((sum, { samples }) => sum + samples, 0);
  }

  /** How surely the session with this report ends so again. */
  setAgain(of: SessionReport, again: Repetition | undefined): void {
    this.#reports = this.#reports.map((one) => (one === of ? { ...one, again } : one));
  }

  result(): ScenarioResult {
    const { scenario, name, file, source } = this.#found;
    const { definition, rules } = scenario;
    return {
      name,
      file: relative('.', file),
      source,
      description: definition.description,
      actors: Object.keys(definition.actors),
      registers: Object.keys(definition.result),
      outcomes: rules,
      minSamples: minSamplesOf(scenario),
      ...(isLinearizable(scenario) && this.#program === undefined
        ? { minPrograms: scenario.minPrograms }
        : {}),
      trials: this.#trials(),
      seen: Object.fromEntries(this.#seen),
      ...(this.#skipped === undefined ? {} : { skipped: this.#skipped }),
    };
  }

  /** One trial for all rounds of a configuration, and one for each session that ended badly. */
  #trials(): Trial[] {
    const trials = new Map<string, Open<Trial>>();
    const reports = this.#current ? [...this.#reports, this.#current] : this.#reports;
    for (const [index, report] of reports.entries()) {
      for (const part of report.parts) this.#add(trials, report, part);
      if (report.end === 'ok') continue;
      const { last, end, detail, again } = report;
      const trial = this.#part(trials, last, index);
      Object.assign(trial, { end, ...(detail ? { detail } : {}), ...(again ? { again } : {}) });
      if (last.program !== undefined) trial.command = this.#command(trial, last.program);
      trial.notes = [...new Set([...trial.notes, ...report.notes])];
    }
    return [...trials.values()].filter(
      ({ samples, end, notes }) => samples + notes.length > 0 || end !== 'ok',
    );
  }

  #add(trials: Map<string, Open<Trial>>, report: SessionReport, part: SessionPart): void {
    const trial = this.#part(trials, part);
    const counts = new Map(Object.entries(trial.counts));
    for (const [outcome, count] of Object.entries(part.counts)) {
      counts.set(outcome, (counts.get(outcome) ?? 0) + count);
    }
    trial.counts = Object.fromEntries(counts);
    trial.samples += part.samples;
    if (part.programs !== undefined) trial.programs = (trial.programs ?? 0) + part.programs;
    trial.ms += part.ms;
    trial.notes = [...new Set([...trial.notes, ...report.notes])];
    if (part.again) trial.again = part.again;
    if (part.history) trial.history ??= part.history;
    trial.command = this.#command(trial);
  }

  /** The trial of that configuration; a second one where the first ended badly before. */
  #part(
    trials: Map<string, Open<Trial>>,
    { config, seed }: FailedRound,
    session = -1,
  ): Open<Trial> {
    const key = configText(config);
    const known = trials.get(key);
    const isUsable = known && (session < 0 || known.end === 'ok');
    if (isUsable) return known;
    const fresh: Open<Trial> = {
      config,
      seed,
      samples: 0,
      ms: 0,
      counts: {},
      end: 'ok',
      command: this.#command({ config, seed, ms: 0 }),
      notes: [],
    };
    trials.set(known ? `${key} ${session}` : key, fresh);
    return fresh;
  }

  #command(trial: Pick<Trial, 'config' | 'seed' | 'ms' | 'history'>, ran = this.#program): string {
    const { config, seed, ms, history } = trial;
    const { asked, params, scenario } = this.#found;
    const program = history?.program ?? ran;
    return rerunCommand({
      asked,
      isStructure: isLinearizable(scenario),
      params,
      program,
      config,
      seed,
      ms: Math.min(ms, MOST_AGAIN_MS),
    });
  }
}

/** Nobody wants to wait a minute for a failure that took a second. */
const MOST_AGAIN_MS = 10_000;
