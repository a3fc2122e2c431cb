import { oneLine } from '../report/escape.ts';
import type { ExploredScenario, ExploreEvent, ExploreResult } from '../report/explore-result.ts';
import { exploreStatus, exploreText } from '../report/explore-text.ts';
import { saveExplored, writeExploreReports } from './explore-files.ts';
import { colors, heading, Progress } from './output.ts';
import { NOTHING_IN_PART } from './shard.ts';

export interface OutputOptions {
  readonly json?: string | undefined;
  readonly resume?: string | undefined;
  readonly html?: string | undefined;
  readonly junit?: string | undefined;
  readonly outcome?: string | undefined;
  readonly all?: boolean | undefined;
}

/** What a run of `syslets explore` shows and writes: each scenario as soon as it is explored. */
export class ExploreOutput {
  readonly #options: OutputOptions;
  readonly #files: ReadonlySet<string>;
  readonly #progress = new Progress();
  #shown = 0;

  constructor(options: OutputOptions) {
    const { json, resume } = options;
    this.#options = options;
    this.#files = new Set([json, resume].filter((one) => one !== undefined));
    process.stdout.write(heading('explore'));
  }

  readonly onEvent = (event: ExploreEvent): void => {
    if (event.kind === 'progress') {
      // of a search that says its machine this is the only event
      if (event.machine !== undefined) this.#progress.clear();
      this.#progress.show(() => progressText(event));
      return;
    }
    this.#progress.clear();
    const result = event.result();
    this.#save(result);
    this.#show(result);
  };

  /** The files that were asked for, and the exit status. */
  finish(result: ExploreResult): void {
    this.#show(result);
    if (result.scenarios.length === 0) process.stdout.write(NOTHING_IN_PART);
    writeExploreReports(result.scenarios, this.#options);
    this.#save(result);
    for (const file of this.#files) process.stdout.write(`results: ${file}\n`);
    process.exitCode = exploreStatus(result);
  }

  #save(result: ExploreResult): void {
    for (const file of this.#files) saveExplored(file, result);
  }

  #show({ scenarios: all }: ExploreResult): void {
    const { outcome, all: isAll = false } = this.#options;
    const scenarios = all.slice(this.#shown);
    this.#shown = all.length;
    process.stdout.write(exploreText({ scenarios }, { paint: colors, all: isAll }));
    if (outcome !== undefined) process.stdout.write(unseenText(scenarios, outcome));
  }
}

function progressText(event: Extract<ExploreEvent, { kind: 'progress' }>): string {
  const { scenario, index, count, machine, states = 0, executions = 0 } = event;
  const amount = executions > 0 ? `${executions} executions` : `${states} states`;
  return `${scenario} (${index} of ${count}): ${machine ?? amount}`;
}

/** A schedule was asked for, and nothing ends so. */
function unseenText(scenarios: readonly ExploredScenario[], outcome: string): string {
  return scenarios
    .filter(({ skipped, failure, noSchedule }) => !(skipped ?? failure ?? noSchedule))
    .map(
      ({ name }) =>
        `${oneLine(name)}: no execution that was looked at ends with ${oneLine(outcome)}\n`,
    )
    .join('');
}
