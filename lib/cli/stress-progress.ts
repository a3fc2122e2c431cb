import { renameSync, writeFileSync } from 'node:fs';
import { LiveProgress, type RunResult, WorstSeen } from '../report/index.ts';
import type { StressEvent } from '../stress/index.ts';
import { colors } from './output.ts';

/** Shows where a run is, and saves what it has counted after each trial. */
export class StressProgress {
  readonly #live = new LiveProgress(process.stderr, colors);
  readonly #worst = new WorstSeen();
  readonly #file: string;
  readonly #start = performance.now();
  #trials = 0;
  #samples = 0;
  #sampledMs = 0;

  constructor(file: string) {
    this.#file = file;
  }

  onEvent(event: StressEvent): void {
    if (event.kind === 'begin') this.#trials = event.trials;
    else if (event.kind === 'progress') this.#progress(event);
    else this.#trial(event);
  }

  end(): void {
    this.#live.end();
  }

  #progress({ scenario, index, partial, leftMs }: StressEvent & { kind: 'progress' }): void {
    this.#worst.see(scenario, partial.counts);
    const samples = this.#samples + partial.samples;
    const sampledMs = this.#sampledMs + partial.ms;
    this.#live.show({
      scenario: scenario.name,
      index: index + 1,
      count: this.#trials,
      samples,
      samplesPerSecond: sampledMs === 0 ? 0 : (samples * 1000) / sampledMs,
      elapsedMs: performance.now() - this.#start,
      leftMs,
      worst: this.#worst.worst,
    });
  }

  #trial({ scenario, trial, result }: StressEvent & { kind: 'trial' }): void {
    this.#samples += trial.samples;
    this.#sampledMs += trial.ms;
    this.#worst.see(scenario, trial.counts);
    if (trial.end !== 'ok') {
      this.#live.line(`${scenario.name}: ${trial.end}: ${trial.detail?.message ?? ''}`);
    }
    saveResult(this.#file, result());
  }
}

/** Writes a whole file or none: a reader never sees half of it. */
export function saveResult(file: string, result: RunResult): void {
  const partial = `${file}.${process.pid}.tmp`;
  writeFileSync(partial, `${JSON.stringify(result)}\n`);
  renameSync(partial, file);
}
