import { LiveProgress } from '../report/live-progress.ts';
import type { RunResult, ScenarioResult } from '../report/result.ts';
import { WorstSeen } from '../report/worst-seen.ts';
import type { StressEvent } from '../stress/index.ts';
import { colors } from './output.ts';
import { writeWhole } from './write-whole.ts';

/** Whole files are written: not after each of many short sessions. */
const SAVE_MS = 1000;
/** The table has the rest. */
const MOST_TOLD = 5;

/** Shows where a run is, tells what is wrong at once, and saves what is counted. */
export class StressProgress {
  readonly #live = new LiveProgress(process.stderr, colors);
  readonly #worst = new WorstSeen();
  readonly #file: string;
  readonly #start = performance.now();
  readonly #scenarios = new Map<string, ScenarioResult>();
  readonly #said = new Set<string>();
  readonly #told = new Map<string, number>();
  #sessions = 0;
  #saved = performance.now();

  constructor(file: string) {
    this.#file = file;
  }

  onEvent(event: StressEvent): void {
    if (event.kind === 'begin') this.#sessions = event.sessions;
    else if (event.kind === 'progress') this.#progress(event);
    else if (event.kind === 'seen') this.#seen(event);
    else if (event.kind === 'fails') this.#fails(event);
    else this.#session(event);
  }

  end(): void {
    this.#live.end();
  }

  #progress({ scenario, index, leftMs }: StressEvent & { kind: 'progress' }): void {
    this.#see(scenario);
    const trials = [...this.#scenarios.values()].flatMap((one) => one.trials);
    const samples = trials.reduce((sum, one) => sum + one.samples, 0);
    const sampledMs = trials.reduce((sum, one) => sum + one.ms, 0);
    this.#live.show({
      scenario: scenario.name,
      index: index + 1,
      count: this.#sessions,
      samples,
      samplesPerSecond: sampledMs === 0 ? 0 : (samples * 1000) / sampledMs,
      elapsedMs: performance.now() - this.#start,
      leftMs,
      worst: this.#worst.worst,
    });
  }

  #seen({ scenario, outcome, isForbidden, first }: StressEvent & { kind: 'seen' }): void {
    if (!isForbidden) return;
    const when = `after ${(first.ms / 1000).toFixed(2)} s, ${first.samples} samples`;
    const told = this.#told.get(scenario) ?? 0;
    this.#told.set(scenario, told + 1);
    if (told < MOST_TOLD) this.#live.line(`${scenario}: forbidden: ${outcome}, ${when}`);
  }

  #session({ scenario, report, result }: StressEvent & { kind: 'session' }): void {
    this.#see(scenario);
    this.#fails({ scenario: scenario.name, report });
    if (performance.now() - this.#saved < SAVE_MS) return;
    saveResult(this.#file, result());
    this.#saved = performance.now();
  }

  #fails({ scenario, report }: Pick<StressEvent & { kind: 'fails' }, 'scenario' | 'report'>): void {
    const { end, detail } = report;
    if (end === 'ok' || end === 'cut') return;
    this.#line(`${scenario}: ${end}: ${detail?.message ?? ''}`);
  }

  /** Once, whatever the numbers in it. */
  #line(text: string): void {
    const key = text.replaceAll(/\d+/g, '#');
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.#live.line(text);
  }

  #see(scenario: ScenarioResult): void {
    this.#scenarios.set(scenario.name, scenario);
    for (const { counts } of scenario.trials) this.#worst.see(scenario, counts);
  }
}

export function saveResult(file: string, result: RunResult): void {
  writeWhole(file, `${JSON.stringify(result)}\n`);
}
